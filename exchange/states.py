"""The life of an exchange: its states, and which may follow which.

Both programs on the platform: QUOTED -> COMPLETED in one commit. With a brand's own system on either side:

QUOTED -> HELD -> SOURCE_DEBITING -> { SOURCE_REJECTED | SOURCE_UNKNOWN | SOURCE_DEBITED } -> TARGET_CREDITING
       -> { COMPLETED | TARGET_PENDING | TARGET_UNKNOWN | TARGET_REJECTED -> COMPENSATING -> REFUNDED }
unresolved -> MANUAL;  COMPLETED -> REVERSED | PARTLY_REVERSED | REVERSAL_REFUSED
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where an exchange stands. Names are stored and shown; add, never rename."""

    QUOTED = "QUOTED"
    """Offered at a price until an instant; nothing has moved."""
    HELD = "HELD"
    """The member's points are set aside and the source's cap is reserved; no brand has been called."""
    SOURCE_DEBITING = "SOURCE_DEBITING"
    """The source brand is being asked to take the points."""
    SOURCE_REJECTED = "SOURCE_REJECTED"
    """The source brand said no; the hold is released. Final."""
    SOURCE_UNKNOWN = "SOURCE_UNKNOWN"
    """The source brand's answer was lost; it is being asked what happened."""
    SOURCE_DEBITED = "SOURCE_DEBITED"
    """The source brand has taken the points."""
    TARGET_CREDITING = "TARGET_CREDITING"
    """The target brand is being asked to give the points."""
    TARGET_PENDING = "TARGET_PENDING"
    """The target brand has accepted and answers later."""
    TARGET_UNKNOWN = "TARGET_UNKNOWN"
    """The target brand's answer was lost; it is being asked what happened. Never refunded from here."""
    TARGET_REJECTED = "TARGET_REJECTED"
    """The target brand said no; the points go back."""
    COMPENSATING = "COMPENSATING"
    """The source brand is being asked to give the points back."""
    REFUNDED = "REFUNDED"
    """The member has the points back. Final."""
    MANUAL = "MANUAL"
    """No automatic step can settle it; a person decides on the evidence."""
    COMPLETED = "COMPLETED"
    """The member has the target's points."""
    PARTLY_REVERSED = "PARTLY_REVERSED"
    """Part of a completed exchange was taken back."""
    REVERSED = "REVERSED"
    """All of a completed exchange was taken back. Final."""
    REVERSAL_REFUSED = "REVERSAL_REFUSED"
    """A completed exchange could not be taken back, because the points are already spent. Final."""


def _next(*states: State) -> frozenset[State]:
    return frozenset(states)


NEXT: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.QUOTED: _next(State.HELD, State.COMPLETED),
        State.HELD: _next(State.SOURCE_DEBITING, State.MANUAL),
        State.SOURCE_DEBITING: _next(State.SOURCE_REJECTED, State.SOURCE_UNKNOWN, State.SOURCE_DEBITED, State.MANUAL),
        State.SOURCE_UNKNOWN: _next(State.SOURCE_REJECTED, State.SOURCE_DEBITED, State.MANUAL),
        State.SOURCE_DEBITED: _next(State.TARGET_CREDITING, State.MANUAL),
        State.TARGET_CREDITING: _next(
            State.COMPLETED, State.TARGET_PENDING, State.TARGET_UNKNOWN, State.TARGET_REJECTED, State.MANUAL
        ),
        State.TARGET_PENDING: _next(State.COMPLETED, State.TARGET_UNKNOWN, State.TARGET_REJECTED, State.MANUAL),
        State.TARGET_UNKNOWN: _next(State.COMPLETED, State.TARGET_PENDING, State.TARGET_REJECTED, State.MANUAL),
        State.TARGET_REJECTED: _next(State.COMPENSATING, State.MANUAL),
        State.COMPENSATING: _next(State.REFUNDED, State.MANUAL),
        State.MANUAL: _next(State.SOURCE_REJECTED, State.SOURCE_DEBITED, State.COMPLETED, State.REFUNDED),
        State.COMPLETED: _next(State.REVERSED, State.PARTLY_REVERSED, State.REVERSAL_REFUSED),
        State.PARTLY_REVERSED: _next(State.REVERSED, State.PARTLY_REVERSED, State.REVERSAL_REFUSED),
        State.SOURCE_REJECTED: _next(),
        State.REFUNDED: _next(),
        State.REVERSED: _next(),
        State.REVERSAL_REFUSED: _next(),
    }
)
"""Which states may follow each state."""

FINISHED = frozenset(
    {State.SOURCE_REJECTED, State.REFUNDED, State.COMPLETED}
    | {State.PARTLY_REVERSED, State.REVERSED, State.REVERSAL_REFUSED}
)
"""States in which the exchange clearing holds nothing of an exchange."""
