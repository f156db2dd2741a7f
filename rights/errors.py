"""Every expected "no" of this package: values, never exceptions.

Refusal
├── UnknownRight            (right) no such right is listed
├── NotAMember              (programs) no open membership that could hold or pay for it
├── NotEligible             (tiers) the member's tiers are too low
├── PayWithNeeded           (programs) it has several prices: say which points to pay with
├── NotForSaleWith          (program) these points do not buy it
├── NoLongerGranted         (ended_at) its dates are over
├── SoldOut                 (right)
├── UnknownGrant            no such grant, or somebody else's
├── UnknownCode             the code is not one of ours, or its time is over
├── CodeUsed                (redemption_id)
├── NotHonouredHere         (right)
├── NotYetValid             (valid_from)
├── GrantExpired            (valid_until)
└── UsesExhausted           every use has been redeemed
and from core.refusals: KeyUnusable, IdempotencyConflict, InsufficientPoints, NetDebitCapReached

No refusal is stored: nothing moved, and the same key may be sent again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from core.errors import Refusal
from core.refusals import IdempotencyConflict, InsufficientPoints, KeyUnusable, NetDebitCapReached


@dataclass(frozen=True, slots=True)
class UnknownRight(Refusal):
    """There is no such right."""

    right: str


@dataclass(frozen=True, slots=True)
class NotAMember(Refusal):
    """A membership of one of these programs is needed."""

    programs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotEligible(Refusal):
    """The right is for members of at least one of these tiers."""

    tiers: tuple[str, ...]
    """As `PROGRAM:tier`."""


@dataclass(frozen=True, slots=True)
class PayWithNeeded(Refusal):
    """The right has several prices; say with which program's points to pay."""

    programs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotForSaleWith(Refusal):
    """The right cannot be had for these points."""

    program: str


@dataclass(frozen=True, slots=True)
class NoLongerGranted(Refusal):
    """The right's dates are over."""

    ended_at: datetime


@dataclass(frozen=True, slots=True)
class SoldOut(Refusal):
    """All of it has been granted."""

    right: str


@dataclass(frozen=True, slots=True)
class UnknownGrant(Refusal):
    """The member holds no such right."""

    grant_id: UUID


@dataclass(frozen=True, slots=True)
class UnknownCode(Refusal):
    """The code is not valid, or its time is over; show the current one."""


@dataclass(frozen=True, slots=True)
class CodeUsed(Refusal):
    """The code was used before; show the next one."""

    redemption_id: UUID


@dataclass(frozen=True, slots=True)
class NotHonouredHere(Refusal):
    """The right is not honoured here."""

    right: str


@dataclass(frozen=True, slots=True)
class NotYetValid(Refusal):
    """The right cannot be used yet."""

    valid_from: datetime


@dataclass(frozen=True, slots=True)
class GrantExpired(Refusal):
    """The right's validity is over."""

    valid_until: datetime


@dataclass(frozen=True, slots=True)
class UsesExhausted(Refusal):
    """The right has been used up."""


ClaimRefusal: TypeAlias = (
    UnknownRight
    | NotAMember
    | NotEligible
    | PayWithNeeded
    | NotForSaleWith
    | NoLongerGranted
    | SoldOut
    | InsufficientPoints
    | NetDebitCapReached
    | KeyUnusable
    | IdempotencyConflict
)
"""Why a right was not granted."""

RedemptionRefusal: TypeAlias = (
    UnknownCode
    | CodeUsed
    | NotHonouredHere
    | NotYetValid
    | GrantExpired
    | UsesExhausted
    | NetDebitCapReached
    | KeyUnusable
    | IdempotencyConflict
)
"""Why a right was not redeemed."""
