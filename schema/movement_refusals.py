"""Why points are not awarded or burned, or a movement is not taken back."""

from typing import TypeAlias, assert_never

import strawberry

import core.refusals
import exchange
from exchange import errors
from schema.exchange_refusals import AmountAboveMaximum, AmountNotPositive, NotExchangeable, UnknownProgram
from schema.refusals import (
    IdempotencyConflict,
    InsufficientPoints,
    InvalidAmount,
    KeyUnusable,
    Refusal,
    amount,
    idempotency_conflict,
    insufficient_points,
    key_unusable,
)
from schema.scalars import Amount


@strawberry.type
class ReasonUnusable(Refusal):
    """The reason is too long or not printable."""

    length_max: int
    """The most characters."""


@strawberry.type
class UnknownMemberNumber(Refusal):
    """No open membership of the program has this number."""


@strawberry.type
class UnknownMemberCode(Refusal):
    """Nobody with an open membership of the program shows this code now; codes change every half minute."""


@strawberry.type
class UnknownMovement(Refusal):
    """The brand has no such award or burn, or it is itself a reversal."""


@strawberry.type
class AlreadyReversed(Refusal):
    """All of it was taken back before."""


@strawberry.type
class ReversalExceeds(Refusal):
    """More is to be taken back than is left of it."""

    left: Amount


@strawberry.type
class PointsSpent(Refusal):
    """The member has used some of these points, or they have expired."""

    needed: Amount
    available: Amount
    """What is left of exactly these points."""


@strawberry.type
class PendingTooLong(Refusal):
    """Points cannot wait for so many days, nor for less than none."""

    days_max: int


@strawberry.type
class NotYourProgram(Refusal):
    """The acting brand does not belong to the program."""


MovementRefused: TypeAlias = (
    UnknownProgram
    | NotYourProgram
    | NotExchangeable
    | UnknownMemberNumber
    | UnknownMemberCode
    | UnknownMovement
    | AlreadyReversed
    | ReversalExceeds
    | PointsSpent
    | PendingTooLong
    | InvalidAmount
    | AmountNotPositive
    | AmountAboveMaximum
    | InsufficientPoints
    | KeyUnusable
    | ReasonUnusable
    | IdempotencyConflict
)


def movement_refused(refusal: exchange.MovementRefusal, scale: int) -> MovementRefused:
    """As the graph says it; `scale` is that of the program's points."""
    match refusal:
        case errors.UnknownMovement() | errors.AlreadyReversed() | errors.ReversalExceeds() | errors.PointsSpent():
            return _reversal_refused(refusal, scale)
        case core.refusals.InsufficientPoints():
            return insufficient_points(refusal, scale)
        case errors.AmountNotPositive():
            return AmountNotPositive(message=refusal.message)
        case errors.AmountAboveMaximum(allowed):
            return AmountAboveMaximum(message=refusal.message, allowed=amount(allowed, scale))
        case core.refusals.KeyUnusable():
            return key_unusable(refusal)
        case errors.ReasonUnusable(length_max):
            return ReasonUnusable(message=refusal.message, length_max=length_max)
        case core.refusals.IdempotencyConflict():
            return idempotency_conflict(refusal)
        case _:
            return _place_refused(refusal)


_PlaceRefusal: TypeAlias = (
    errors.UnknownProgram
    | errors.NotYourProgram
    | errors.NotExchangeable
    | errors.UnknownMemberNumber
    | errors.UnknownMemberCode
    | errors.PendingTooLong
)


def _place_refused(
    refusal: _PlaceRefusal,
) -> UnknownProgram | NotYourProgram | NotExchangeable | UnknownMemberNumber | UnknownMemberCode | PendingTooLong:
    match refusal:
        case errors.UnknownProgram(program):
            return UnknownProgram(message=refusal.message, program=program)
        case errors.NotYourProgram():
            return NotYourProgram(message=refusal.message)
        case errors.NotExchangeable(program):
            return NotExchangeable(message=refusal.message, program=program)
        case errors.UnknownMemberNumber():
            return UnknownMemberNumber(message=refusal.message)
        case errors.UnknownMemberCode():
            return UnknownMemberCode(message=refusal.message)
        case errors.PendingTooLong(days_max):
            return PendingTooLong(message=refusal.message, days_max=days_max)
        case _:
            assert_never(refusal)


def _reversal_refused(
    refusal: errors.UnknownMovement | errors.AlreadyReversed | errors.ReversalExceeds | errors.PointsSpent, scale: int
) -> UnknownMovement | AlreadyReversed | ReversalExceeds | PointsSpent:
    match refusal:
        case errors.UnknownMovement():
            return UnknownMovement(message=refusal.message)
        case errors.AlreadyReversed():
            return AlreadyReversed(message=refusal.message)
        case errors.ReversalExceeds(left):
            return ReversalExceeds(message=refusal.message, left=amount(left, scale))
        case errors.PointsSpent(needed, available):
            return PointsSpent(
                message=refusal.message, needed=amount(needed, scale), available=amount(available, scale)
            )
        case _:
            assert_never(refusal)
