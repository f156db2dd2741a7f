"""A turn: everything that happens to one exchange in one commit."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from brands import Program
from exchange.brand_system import Answer, CallRecord, InquiryAnswer, MemberReference, Reference
from exchange.exchanges import Exchange
from exchange.saga.errands import Errand, Mode
from exchange.saga.plans import NOTHING, Move, Plan
from exchange.saga.postings import Part


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call that is about to be made."""

    id: UUID
    mode: Mode
    attempt: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a call."""

    exchange_id: UUID
    errand_id: UUID
    call_id: UUID
    answer: Answer | InquiryAnswer
    records: tuple[CallRecord, ...] = ()
    """The messages themselves."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The changes of one exchange. `exchange` is as it was before."""

    exchange: Exchange
    errand: Errand
    """As it is afterwards."""
    now: datetime
    opening: tuple[Move, ...] = ()
    plan: Plan = NOTHING
    call: NewCall | None = None
    answered: Answered | None = None
    next_errand: Errand | None = None
    """What follows; begun already when `onward` is given."""
    onward: "Onward | None" = None
    part: Part | None = None
    """Of the reversal that is under way."""
    at_once: bool = False
    """Whether the exchange was completed in one commit, between programs on the platform."""
    late: bool = False
    """Whether it turned out that the errand was done after all."""

    @property
    def moves(self) -> tuple[Move, ...]:
        """All steps, in order."""
        return self.opening + self.plan.moves + (self.onward.opening if self.onward else ())

    @property
    def begun(self) -> "Begun | None":
        """The call that is to be made after the commit."""
        if self.onward is not None and self.next_errand is not None:
            return Begun(self.exchange, self.next_errand, self.onward.call)
        return Begun(self.exchange, self.errand, self.call) if self.call else None


@dataclass(frozen=True, slots=True)
class Onward:
    """The first call of the errand that follows, written down in the commit that takes in the answer before."""

    opening: tuple[Move, ...]
    call: NewCall


@dataclass(frozen=True, slots=True)
class Begun:
    """A call that is written down."""

    exchange: Exchange
    errand: Errand
    call: NewCall


@dataclass(frozen=True, slots=True)
class Call:
    """All that a call to a brand's system needs; nothing of it is read from the database any more."""

    exchange: Exchange
    errand: Errand
    program: Program
    """Whose system is called."""
    id: UUID
    mode: Mode
    member: MemberReference
    original: Reference | None
    """What is to be undone."""
    original_brand_reference: str | None


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do now."""

    until: datetime | None
    """When something is due; None: nothing any more."""
    leased: bool = False
    """Whether another worker is at it."""


@dataclass(frozen=True, slots=True)
class Go:
    """Something is due at once."""

    program_id: UUID
    """Whose system is to be called."""


After: TypeAlias = Rest | Go
