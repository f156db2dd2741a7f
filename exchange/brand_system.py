"""The port to a brand's own system: what the network asks of it, what it may answer, and what it can do at all.

A brand's system is slow, loses answers and answers twice. So every instruction carries a permanent reference, and every
answer is one of four: `Done`, `Pending` (it will be known later), `Failed` (a failure of the closed list below) or, to
an inquiry, `NotFound`. An adapter raises nothing for what a network or a brand can do; what it raises is a bug.

Amounts are minor units of the program's points.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, TypeAlias
from uuid import UUID

from brands.adapter.capabilities import Capabilities as Capabilities
from brands.adapter.failures import Failure as Failure
from brands.adapter.kinds import BookOfRecord as BookOfRecord
from brands.adapter.kinds import Timing as Timing
from brands.program import Program


class Leg(StrEnum):
    """Which side of an exchange, or which other use, an instruction belongs to."""

    SOURCE = "source"
    TARGET = "target"
    CERTIFICATION = "certification"
    """A conformance run; nothing of the books stands behind it."""


class Operation(StrEnum):
    """What is asked of the brand's system for a leg."""

    DEBIT = "debit"
    CREDIT = "credit"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND = "refund"
    """The reversal of a debit whose exchange came to nothing."""
    REVERSAL = "reversal"
    """The reversal of a leg of a completed exchange, whole or in part."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The permanent name of one instruction: the same however often it is sent."""

    exchange_id: UUID
    leg: Leg
    operation: Operation
    sequence: int = 0
    """Tells several reversals of one leg apart."""

    @property
    def text(self) -> str:
        """As it is sent: at most 64 characters of letters, digits and dashes."""
        end = f"-{self.sequence}" if self.sequence else ""
        return f"{self.exchange_id.hex}-{self.leg}-{self.operation}{end}"


@dataclass(frozen=True, slots=True)
class MemberReference:
    """Whom an instruction is about, as the brand knows them."""

    number: str
    """The member number in the brand's own program."""
    name: str | None = None
    """For systems that compare it; None: not given."""
    link: str | None = None
    """What `link` brought, for systems that need it (a token, an internal id)."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One debit, credit or hold."""

    reference: Reference
    member: MemberReference
    amount: int
    occurred_at: datetime
    """When the member ordered it."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A capture, a release or a reversal of something that was done before."""

    reference: Reference
    original: Reference
    original_brand_reference: str | None
    member: MemberReference
    amount: int
    """At most what is left of the original."""
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """It was done, once, and the brand's books show it."""

    brand_reference: str | None
    """The brand's own name for it."""
    recorded_at: datetime | None = None
    """When the brand booked it; None: not told."""
    balance: int | None = None
    """The member's balance afterwards; None: not told."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The brand has accepted it and decides later."""

    brand_reference: str | None
    ask_after_seconds: float | None = None
    """When to inquire, if the brand says so."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not done, or (`Failure.UNKNOWN`) nobody knows."""

    failure: Failure
    message: str = ""
    """The brand's own words, without secrets: evidence for a person, never shown to members."""
    brand_code: str | None = None
    """The brand's own code for it."""
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """An inquiry's answer: the brand knows nothing of this reference."""

    final: bool
    """Whether it never will: `Capabilities.not_found_final_after` has passed since it was last sent."""


Answer: TypeAlias = Done | Pending | Failed
"""To an instruction."""

InquiryAnswer: TypeAlias = Done | Pending | Failed | NotFound
"""To an inquiry. `Failed` with another failure than UNKNOWN, NOT_SENT, RATE_LIMITED, AUTH or UNSUPPORTED tells how the
instruction ended; those tell how the inquiry did."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One message to a brand's system and what came back, without secrets: evidence for people."""

    program: str
    call: str
    reference: str | None
    sent_at: datetime
    duration_seconds: float
    request: str
    """Method, address, headers and body as sent; secrets are blotted out."""
    answer: str
    """Status, headers and body as received, cut short; or why there is none."""
    outcome: str
    """How the answer was understood."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the brand's system can be used now."""

    up: bool
    message: str = ""
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class LinkedMember:
    """A member number that the brand knows, and what it tells of its member."""

    number: str
    link: str | None
    tier: str | None
    """The brand's own code of the tier."""


@dataclass(frozen=True, slots=True)
class BrandBalance:
    """What a member has in the brand's own books."""

    amount: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class BrandTransaction:
    """One movement in the brand's own books."""

    brand_reference: str
    our_reference: str | None
    """`Reference.text`, when the movement came from us."""
    number: str
    amount: int
    """Positive: to the member."""
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class BrandEvent:
    """What a brand's webhook told: the end of something that was pending, or a change of a member's tier."""

    id: str
    """The brand's own; the same event twice is one event."""
    reference: str | None
    answer: Answer | None
    number: str | None = None
    tier: str | None = None


class BrandSystem(Protocol):
    """A brand's own system. Every method answers within `capabilities.deadline_seconds` and may be called twice."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    async def health(self) -> Health:
        """Whether it can be used now."""
        ...

    async def link(self, member: MemberReference) -> LinkedMember | Failed:
        """Tie a member number to the network; a single use may end with `unlink`."""
        ...

    async def validate(self, member: MemberReference) -> LinkedMember | Failed:
        """Ask whether the number exists, fits the name and may exchange."""
        ...

    async def unlink(self, member: MemberReference) -> Done | Failed:
        """Untie it."""
        ...

    async def balance(self, member: MemberReference) -> BrandBalance | Failed:
        """What the member has there now."""
        ...

    async def tier(self, member: MemberReference) -> str | Failed:
        """The brand's own code of the member's tier."""
        ...

    async def debit(self, instruction: Instruction) -> Answer:
        """Take points from the member."""
        ...

    async def credit(self, instruction: Instruction) -> Answer:
        """Give points to the member."""
        ...

    async def hold(self, instruction: Instruction) -> Answer:
        """Set points aside; `capture` takes them, `release` gives them back."""
        ...

    async def capture(self, follow_up: FollowUp) -> Answer:
        """Take what was set aside."""
        ...

    async def release(self, follow_up: FollowUp) -> Answer:
        """Give back what was set aside."""
        ...

    async def reverse(self, follow_up: FollowUp) -> Answer:
        """Undo a debit, a credit or a capture, whole or in part."""
        ...

    async def inquire(self, reference: Reference, brand_reference: str | None, sent_at: datetime) -> InquiryAnswer:
        """What became of an instruction that was last sent at `sent_at`."""
        ...

    def transactions(self, after: datetime, until: datetime) -> AsyncIterator[BrandTransaction]:
        """The movements booked in (after, until], oldest first. Raises `BrandUnavailable` when it cannot be told."""
        ...

    async def fetch_statement(self, day: date) -> bytes | Failed:
        """The brand's statement file of a day, as the brand wrote it."""
        ...

    async def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> BrandEvent | Failed:
        """A webhook of the brand: `Failure.AUTH` for a wrong signature, `Failure.INVALID` for anything else wrong."""
        ...


class BrandSystems(Protocol):
    """The systems of all programs, opened when first asked for and kept open."""

    def of(self, program: Program) -> BrandSystem:
        """The program's system as configured now. The same object as long as the configuration is the same."""
        ...

    def recording(self) -> AbstractContextManager[list[CallRecord]]:
        """Collects the calls that the current task makes within the block."""
        ...


class BrandUnavailable(Exception):
    """The brand's system could not tell; `failed` says why."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.message or failed.failure.value)
        self.failed = failed
