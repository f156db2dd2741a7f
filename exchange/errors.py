"""Every expected "no" of this package: values, never exceptions. Amounts are minor units of the program's points.

Refusal
├── UnknownProgram          (program) no such program
├── NotAMember              (program) no open membership there
├── SameProgram             source and target are one program
├── NotExchangeable         (program) its brand is closed
├── KeptByBrand             (program) its points live in the brand's own books
├── NoRate                  (program) no rate is in force
├── PairPaused              (source, target, since) exchanges of the pair are stopped for the moment
├── InvalidAmount           (text) in a batch: no amount of this program
├── AmountNotPositive
├── AmountBelowMinimum      (needed)
├── AmountAboveMaximum      (allowed)
├── AmountOutOfStep         (step)
├── TargetWouldBeZero       (needed)
├── InsufficientPoints      (needed, available)
├── LimitReached            (period, left, resets_at, target)
├── IssuanceBudgetReached   (program, period, left, scale, resets_at)
├── CoolingOff              (program, until)
├── NetDebitCapReached      (participant_id, needed, left)
├── UnknownQuote            no such quote, or somebody else's
├── QuoteExpired            (expired_at)
├── QuoteUsed               (exchange_id)
├── KeyUnusable             (length_max)
├── IdempotencyConflict     (field)
├── ReasonUnusable          (length_max)
├── UnknownMemberNumber     (number)
├── UnknownMemberCode       nobody shows this code now
├── UnknownMovement         no such movement of this brand, or one that is itself a reversal
├── AlreadyReversed
├── ReversalExceeds         (left)
├── PointsSpent             (needed, available)
├── PendingTooLong          (days_max)
└── NotYourProgram          (program)

Four of them are shared with other packages (`core.refusals`). The unions at the end say which use case may give which;
a caller matches on them exhaustively. No refusal is stored: nothing moved, and the same key may be sent again.
InsufficientPoints, LimitReached, IssuanceBudgetReached, CoolingOff, PairPaused and NetDebitCapReached may then succeed;
all others repeat themselves until the request changes.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from core.errors import Refusal
from core.refusals import IdempotencyConflict, InsufficientPoints, KeyUnusable, NetDebitCapReached


class Period(StrEnum):
    """The calendar period a limit counts over, in the time zone of the program whose limit it is."""

    DAY = "DAY"
    """From midnight to midnight."""
    MONTH = "MONTH"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class UnknownProgram(Refusal):
    """There is no such program."""

    program: str


@dataclass(frozen=True, slots=True)
class NotAMember(Refusal):
    """The member has no open membership of this program."""

    program: str


@dataclass(frozen=True, slots=True)
class SameProgram(Refusal):
    """Points can only be exchanged into another program's."""

    program: str


@dataclass(frozen=True, slots=True)
class NotExchangeable(Refusal):
    """The program's brand is closed: its points are exchanged no longer."""

    program: str


@dataclass(frozen=True, slots=True)
class KeptByBrand(Refusal):
    """The points of this program are kept in its brand's own books: they are awarded, burned and taken back there."""

    program: str


@dataclass(frozen=True, slots=True)
class NoRate(Refusal):
    """The program has no rate in force."""

    program: str


@dataclass(frozen=True, slots=True)
class PairPaused(Refusal):
    """Exchanges between these programs are stopped for the moment. Try again later."""

    source: str
    target: str
    since: datetime


@dataclass(frozen=True, slots=True)
class InvalidAmount(Refusal):
    """The text is not an exact amount: decimal digits, with no more decimals than the points have."""

    text: str


@dataclass(frozen=True, slots=True)
class AmountNotPositive(Refusal):
    """The amount must be more than zero."""


@dataclass(frozen=True, slots=True)
class AmountBelowMinimum(Refusal):
    """The amount is below the program's minimum."""

    needed: int


@dataclass(frozen=True, slots=True)
class AmountAboveMaximum(Refusal):
    """The amount is above the maximum."""

    allowed: int


@dataclass(frozen=True, slots=True)
class AmountOutOfStep(Refusal):
    """The amount must be a multiple of the program's step."""

    step: int


@dataclass(frozen=True, slots=True)
class TargetWouldBeZero(Refusal):
    """The amount is too small to become anything."""

    needed: int


@dataclass(frozen=True, slots=True)
class LimitReached(Refusal):
    """The member's limit for this period would be exceeded."""

    period: Period
    left: int
    """What may still be exchanged in this period."""
    resets_at: datetime
    target: str | None = None
    """The code of the pair's target, when the limit is the pair's; None: it is for all targets together."""


@dataclass(frozen=True, slots=True)
class IssuanceBudgetReached(Refusal):
    """No more points of this program may be issued through exchanges in this period."""

    program: str
    period: Period
    left: int
    """Minor units of this program, the target, that may still be issued."""
    scale: int
    """Its decimals."""
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class CoolingOff(Refusal):
    """Nothing can be exchanged for a while after an identity of the member was linked or changed."""

    program: str
    until: datetime


@dataclass(frozen=True, slots=True)
class UnknownQuote(Refusal):
    """There is no such quote for this member."""

    quote_id: UUID


@dataclass(frozen=True, slots=True)
class QuoteExpired(Refusal):
    """The quote has expired; ask for a new one."""

    quote_id: UUID
    expired_at: datetime


@dataclass(frozen=True, slots=True)
class QuoteUsed(Refusal):
    """The quote was accepted before, under another idempotency key."""

    quote_id: UUID
    exchange_id: UUID


@dataclass(frozen=True, slots=True)
class ReasonUnusable(Refusal):
    """A reason is too long, or has characters that cannot be printed."""

    length_max: int
    """In characters."""

    @property
    def message(self) -> str:
        """With the length."""
        return f"A reason is at most {self.length_max} printable characters."


@dataclass(frozen=True, slots=True)
class UnknownMemberNumber(Refusal):
    """No open membership of the program has this number."""

    number: str


@dataclass(frozen=True, slots=True)
class UnknownMemberCode(Refusal):
    """Nobody with an open membership of the program shows this code now; codes change every half minute."""


@dataclass(frozen=True, slots=True)
class UnknownMovement(Refusal):
    """The acting brand has no such award or burn, or it is itself a reversal."""


@dataclass(frozen=True, slots=True)
class AlreadyReversed(Refusal):
    """All of this award or burn was taken back before."""


@dataclass(frozen=True, slots=True)
class ReversalExceeds(Refusal):
    """More is to be taken back than is left of this award or burn."""

    left: int


@dataclass(frozen=True, slots=True)
class PointsSpent(Refusal):
    """The member has used some of these points, or they have expired."""

    needed: int
    available: int
    """What is left of exactly these points."""


@dataclass(frozen=True, slots=True)
class PendingTooLong(Refusal):
    """Awarded points can wait for so many days at most, and not for less than none."""

    days_max: int

    @property
    def message(self) -> str:
        """With the days."""
        return f"Awarded points can wait for 0 to {self.days_max} days."


@dataclass(frozen=True, slots=True)
class NotYourProgram(Refusal):
    """The acting brand takes no part in this program."""

    program: str


AmountRefusal: TypeAlias = AmountNotPositive | AmountBelowMinimum | AmountAboveMaximum | AmountOutOfStep
"""Why an amount is out of bounds."""

TargetRefusal: TypeAlias = (
    UnknownProgram
    | NotAMember
    | SameProgram
    | NotExchangeable
    | NoRate
    | PairPaused
    | TargetWouldBeZero
    | LimitReached
    | IssuanceBudgetReached
    | NetDebitCapReached
)
"""Why one target cannot be had."""

SourceRefusal: TypeAlias = (
    UnknownProgram
    | NotAMember
    | NotExchangeable
    | NoRate
    | AmountRefusal
    | InsufficientPoints
    | LimitReached
    | CoolingOff
)
"""Why an amount of the source cannot be exchanged into anything."""

QuoteRefusal: TypeAlias = SourceRefusal | TargetRefusal
"""Why there is no quote."""

AcceptanceRefusal: TypeAlias = (
    UnknownQuote
    | QuoteExpired
    | QuoteUsed
    | KeyUnusable
    | IdempotencyConflict
    | NotAMember
    | PairPaused
    | CoolingOff
    | InsufficientPoints
    | LimitReached
    | IssuanceBudgetReached
    | NetDebitCapReached
)
"""Why a quote was not turned into an exchange."""

MovementRefusal: TypeAlias = (
    UnknownProgram
    | NotYourProgram
    | KeptByBrand
    | UnknownMemberNumber
    | UnknownMemberCode
    | UnknownMovement
    | AlreadyReversed
    | ReversalExceeds
    | PointsSpent
    | PendingTooLong
    | AmountNotPositive
    | AmountAboveMaximum
    | InsufficientPoints
    | KeyUnusable
    | ReasonUnusable
    | IdempotencyConflict
)
"""Why points were not awarded or burned, or a movement was not taken back."""
