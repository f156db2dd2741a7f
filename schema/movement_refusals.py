"""Why points are not awarded or burned, or a movement is not taken back."""

from typing import TypeAlias, assert_never

import strawberry

import core.refusals
import exchange
from exchange import errors
from schema.exchange_refusals import AmountAboveMaximum, AmountNotPositive, UnknownProgram
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
class KeptByBrand(Refusal):
    """The points of this program are kept in its brand's own books: they are awarded, burned and taken back there."""

    program: str
    """Its code."""


@strawberry.type
class UnknownMemberNumber(Refusal):
    """No open membership of the program has this number."""


@strawberry.type
class UnknownMemberCode(Refusal):
    """Nobody with an open membership of the program shows this code now; codes change every half minute."""


@strawberry.type
class UnknownMovement(Refusal):
    """The acting brand has no such award or burn, or it is itself a reversal."""


@strawberry.type
class AlreadyReversed(Refusal):
    """All of this award or burn was taken back before."""


@strawberry.type
class ReversalExceeds(Refusal):
    """More is to be taken back than is left of this award or burn."""

    left: Amount


@strawberry.type
class PointsSpent(Refusal):
    """The member has used some of these points, or they have expired."""

    needed: Amount
    available: Amount
    """What is left of exactly these points."""


@strawberry.type
class PendingTooLong(Refusal):
    """Awarded points can wait for so many days at most, and not for less than none."""

    days_max: int


@strawberry.type
class NotYourProgram(Refusal):
    """The acting brand takes no part in this program."""


MovementRefused: TypeAlias = (
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
    | errors.KeptByBrand
    | errors.UnknownMemberNumber
    | errors.UnknownMemberCode
    | errors.PendingTooLong
)


def _place_refused(
    refusal: _PlaceRefusal,
) -> UnknownProgram | NotYourProgram | KeptByBrand | UnknownMemberNumber | UnknownMemberCode | PendingTooLong:
    match refusal:
        case errors.UnknownProgram(program):
            return UnknownProgram(message=refusal.message, program=program)
        case errors.NotYourProgram():
            return NotYourProgram(message=refusal.message)
        case errors.KeptByBrand(program):
            return KeptByBrand(message=refusal.message, program=program)
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
