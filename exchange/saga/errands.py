"""An errand: one thing asked of one brand's system, from the first call to the last word about it.

An exchange with a brand's own system on either side is a chain of errands, one at a time. Each has one permanent
reference, under which it may be sent several times and is done once.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from core.ids import derive_id
from exchange.brand_system import Leg, Operation, Reference


class Role(StrEnum):
    """What an errand is to its exchange. Names are stored; add, never rename."""

    DEBIT = "DEBIT"
    """The source takes the points."""
    CREDIT = "CREDIT"
    """The target gives the points."""
    REFUND = "REFUND"
    """The source gives back what it took, because the exchange came to nothing."""
    TAKE_BACK = "TAKE_BACK"
    """The target takes back points of a completed exchange."""
    GIVE_BACK = "GIVE_BACK"
    """The source gives back points of a completed exchange."""

    @property
    def leg(self) -> Leg:
        """On which side it is done."""
        return Leg.TARGET if self in {Role.CREDIT, Role.TAKE_BACK} else Leg.SOURCE

    @property
    def operation(self) -> Operation:
        """What is asked for."""
        return _OPERATIONS[self]


_OPERATIONS: Final = {
    Role.DEBIT: Operation.DEBIT,
    Role.CREDIT: Operation.CREDIT,
    Role.REFUND: Operation.REFUND,
    Role.TAKE_BACK: Operation.REVERSAL,
    Role.GIVE_BACK: Operation.REVERSAL,
}

ORIGINALS: Final = {
    Role.REFUND: Role.DEBIT,
    Role.TAKE_BACK: Role.CREDIT,
    Role.GIVE_BACK: Role.DEBIT,
}
"""What the errands that undo something undo."""


class Mode(StrEnum):
    """What the next call is."""

    SEND = "SEND"
    """The instruction itself, always under the same reference."""
    ASK = "ASK"
    """What became of it."""


class Outcome(StrEnum):
    """How an errand ended."""

    DONE = "DONE"
    """The brand's books show it, once."""
    REFUSED = "REFUSED"
    """The brand said no."""
    ABSENT = "ABSENT"
    """It never reached the brand, or the brand will never know of it."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One errand and how far it is."""

    id: UUID
    exchange_id: UUID
    role: Role
    sequence: int
    """0; for reversals the number of the reversal, from 1."""
    program_id: UUID
    amount: int
    created_at: datetime
    outcome: Outcome | None = None
    failure: str | None = None
    """Why it was refused."""
    ended_at: datetime | None = None
    mode: Mode = Mode.SEND
    due_at: datetime | None = None
    """The next call; None: nothing more is called by itself. After the end: whether it happened after all is asked."""
    deadline_at: datetime | None = None
    """From then on it is a matter for a person, or given up."""
    attempts: int = 0
    """Calls begun, of both kinds."""
    sends: int = 0
    first_sent_at: datetime | None = None
    last_sent_at: datetime | None = None
    ambiguous: bool = False
    """Whether it may have been done all the same."""
    call_id: UUID | None = None
    """The call that is being made."""
    lease_until: datetime | None = None
    """Until then nobody else may take it to be lost."""
    brand_reference: str | None = None

    @property
    def reference(self) -> Reference:
        """Its permanent name."""
        return reference_of(self.exchange_id, self.role, self.sequence)


def reference_of(exchange_id: UUID, role: Role, sequence: int) -> Reference:
    """The permanent name of an errand."""
    return Reference(exchange_id, role.leg, role.operation, sequence)


def errand_id(exchange_id: UUID, role: Role, sequence: int) -> UUID:
    """The id of an errand: there is one of each."""
    return derive_id(exchange_id, f"errand {role} {sequence}")


def new_errand(
    exchange_id: UUID, role: Role, program_id: UUID, amount: int, now: datetime, sequence: int = 0
) -> Errand:
    """An errand that is due at once."""
    return Errand(
        errand_id(exchange_id, role, sequence), exchange_id, role, sequence, program_id, amount, now, due_at=now
    )


def exchange_of(reference: str) -> UUID | None:
    """The exchange that the reference of an errand names; None: it is none."""
    found = _REFERENCE.fullmatch(reference)
    return UUID(hex=found[1]) if found else None


_REFERENCE: Final = re.compile(r"([0-9a-f]{32})-[a-z]+-[a-z]+(?:-[0-9]+)?", re.ASCII)
