"""A reversal: all or a part of a completed exchange taken back."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from exchange.exchanges import Exchange
from exchange.saga.postings import Part

NOT_TRIED: Final = "spent"
"""Why a reversal was refused for which nothing was posted: nothing is left of the points."""


class ReversalState(StrEnum):
    """Where a reversal stands."""

    PROPOSED = "PROPOSED"
    """A member of staff wants it; a second one has to approve it."""
    OPEN = "OPEN"
    """The target is being asked to take the points back."""
    TAKEN = "TAKEN"
    """The target has taken them; the source is being asked to give its points back."""
    DONE = "DONE"
    """Both sides are done. Final."""
    REFUSED = "REFUSED"
    """The target did not take the points back. Final."""
    REJECTED = "REJECTED"
    """The second person did not approve it. Final."""

    @property
    def ended(self) -> bool:
        """Whether nothing more follows."""
        return self in {ReversalState.DONE, ReversalState.REFUSED, ReversalState.REJECTED}

    @property
    def counts(self) -> bool:
        """Whether it has taken something back, or may."""
        return self not in {ReversalState.REFUSED, ReversalState.REJECTED}


@dataclass(frozen=True, slots=True)
class Reversal:
    """One reversal of one exchange."""

    id: UUID
    exchange_id: UUID
    part: Part
    requested_by: str
    idempotency_key: str
    reason: str
    requested_at: datetime
    state: ReversalState
    failure: str | None = None
    """Why the target refused."""
    ended_at: datetime | None = None
    decided_by: str | None = None
    """The second person; None: it needs none, or nobody has decided yet."""

    @property
    def digest(self) -> str:
        """What the second person puts their name to."""
        part = self.part
        content = (self.id, part.source, part.target, part.value_micro, part.credit_micro, self.reason)
        return hashlib.sha256("\x1f".join(map(str, content)).encode()).hexdigest()


def target_left(exchange: Exchange, reversals: Iterable[Reversal]) -> int:
    """Minor units of the target that no reversal has taken back, or is about to."""
    taken = sum(it.part.target for it in reversals if it.state.counts)
    return exchange.conversion.target - taken


def part_of(exchange: Exchange, earlier: Iterable[Reversal], target: int, sequence: int) -> Part:
    """What taking back `target` minor units means on both sides, never more in all than was exchanged.

    The source's points are rounded down; the last part brings what is left of everything. Their worth is exact,
    because it is a price per minor unit; what remains between both sides is the operator's.
    """
    whole = exchange.conversion
    standing = [it.part for it in earlier if it.state.counts]
    if target == whole.target - sum(part.target for part in standing):
        return Part(
            sequence,
            whole.source - sum(part.source for part in standing),
            target,
            whole.value_micro - sum(part.value_micro for part in standing),
            whole.credit_micro - sum(part.credit_micro for part in standing),
            whole=True,
        )
    source = whole.source * target // whole.target
    value = whole.value_micro * source // whole.source
    return Part(sequence, source, target, value, whole.credit_micro * target // whole.target, whole=False)
