"""Why rights are not granted, shown or redeemed."""

from datetime import datetime
from typing import TypeAlias, assert_never

import strawberry

import core.refusals
import rights
from rights import errors
from schema.refusals import (
    IdempotencyConflict,
    InsufficientPoints,
    KeyUnusable,
    NetDebitCapReached,
    Refusal,
    idempotency_conflict,
    insufficient_points,
    key_unusable,
    net_debit_cap_reached,
)


@strawberry.type
class UnknownRight(Refusal):
    """There is no such right."""


@strawberry.type
class MembershipNeeded(Refusal):
    """A membership of one of these programs is needed."""

    programs: list[str]
    """Their codes; empty: any program's."""


@strawberry.type
class NotEligible(Refusal):
    """The right is for members of at least one of these tiers."""

    tiers: list[str]
    """As `PROGRAM:tier`."""


@strawberry.type
class PayWithNeeded(Refusal):
    """The right has several prices; say with which program's points to pay."""

    programs: list[str]
    """Their codes."""


@strawberry.type
class NotForSaleWith(Refusal):
    """The right cannot be had for these points."""


@strawberry.type
class NoLongerGranted(Refusal):
    """The right's dates are over."""

    ended_at: datetime


@strawberry.type
class SoldOut(Refusal):
    """All of it has been granted."""


@strawberry.type
class UnknownGrant(Refusal):
    """The member holds no such right."""


@strawberry.type
class UnknownCode(Refusal):
    """The code is not valid, or its time is over; show the current one."""


@strawberry.type
class CodeUsed(Refusal):
    """The code was used before; show the next one."""


@strawberry.type
class NotHonouredHere(Refusal):
    """The right is not honoured here."""

    right: str
    """Its code."""


@strawberry.type
class NotYetValid(Refusal):
    """The right cannot be used yet."""

    valid_from: datetime


@strawberry.type
class GrantExpired(Refusal):
    """The right's validity is over."""

    valid_until: datetime


@strawberry.type
class UsesExhausted(Refusal):
    """The right has been used up."""


ClaimRefused: TypeAlias = (
    UnknownRight
    | MembershipNeeded
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

RedemptionRefused: TypeAlias = (
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


def claim_refused(refusal: rights.ClaimRefusal, scale: int) -> ClaimRefused:
    """As the graph says it; `scale` is that of the points that were to pay."""
    message = refusal.message
    match refusal:
        case errors.UnknownRight():
            return UnknownRight(message=message)
        case errors.NotAMember(programs):
            return MembershipNeeded(message=message, programs=list(programs))
        case errors.NotEligible(tiers):
            return NotEligible(message=message, tiers=list(tiers))
        case errors.PayWithNeeded(programs):
            return PayWithNeeded(message=message, programs=list(programs))
        case errors.NotForSaleWith():
            return NotForSaleWith(message=message)
        case errors.NoLongerGranted(ended_at):
            return NoLongerGranted(message=message, ended_at=ended_at)
        case errors.SoldOut():
            return SoldOut(message=message)
        case core.refusals.InsufficientPoints():
            return insufficient_points(refusal, scale)
        case core.refusals.NetDebitCapReached():
            return net_debit_cap_reached(refusal)
        case core.refusals.KeyUnusable():
            return key_unusable(refusal)
        case core.refusals.IdempotencyConflict():
            return idempotency_conflict(refusal)
        case _:
            assert_never(refusal)


def redemption_refused(refusal: rights.RedemptionRefusal) -> RedemptionRefused:
    """As the graph says it."""
    message = refusal.message
    match refusal:
        case errors.UnknownCode():
            return UnknownCode(message=message)
        case errors.CodeUsed():
            return CodeUsed(message=message)
        case errors.NotHonouredHere(right):
            return NotHonouredHere(message=message, right=right)
        case errors.NotYetValid(valid_from):
            return NotYetValid(message=message, valid_from=valid_from)
        case errors.GrantExpired(valid_until):
            return GrantExpired(message=message, valid_until=valid_until)
        case errors.UsesExhausted():
            return UsesExhausted(message=message)
        case core.refusals.NetDebitCapReached():
            return net_debit_cap_reached(refusal)
        case core.refusals.KeyUnusable():
            return key_unusable(refusal)
        case core.refusals.IdempotencyConflict():
            return idempotency_conflict(refusal)
        case _:
            assert_never(refusal)
