"""Why points are not exchanged, awarded or burned."""

from datetime import datetime
from typing import TypeAlias, assert_never

import strawberry

import core.refusals
import exchange
from exchange import errors
from schema.ids import global_id
from schema.limit_refusals import (
    CoolingOff,
    IssuanceBudgetReached,
    LimitReached,
    PairPaused,
    issuance_budget_reached,
    limit_reached,
)
from schema.refusals import (
    IdempotencyConflict,
    InsufficientPoints,
    InvalidAmount,
    KeyUnusable,
    NetDebitCapReached,
    Refusal,
    amount,
    idempotency_conflict,
    insufficient_points,
    key_unusable,
    net_debit_cap_reached,
)
from schema.scalars import Amount


@strawberry.type
class UnknownProgram(Refusal):
    """There is no such program."""

    program: str
    """The code that was asked for."""


@strawberry.type
class NotAMember(Refusal):
    """The member has no open membership of this program."""

    program: str
    """Its code."""


@strawberry.type
class SameProgram(Refusal):
    """Points can only be exchanged into another program's."""


@strawberry.type
class NotExchangeable(Refusal):
    """Points of this program cannot be exchanged here."""

    program: str
    """Its code."""


@strawberry.type
class NoRate(Refusal):
    """The program has no rate in force."""

    program: str
    """Its code."""


@strawberry.type
class AmountNotPositive(Refusal):
    """The amount must be more than zero."""


@strawberry.type
class AmountBelowMinimum(Refusal):
    """The amount is below the program's minimum."""

    needed: Amount


@strawberry.type
class AmountAboveMaximum(Refusal):
    """The amount is above the maximum."""

    allowed: Amount


@strawberry.type
class AmountOutOfStep(Refusal):
    """The amount must be a multiple of the program's step."""

    step: Amount


@strawberry.type
class TargetWouldBeZero(Refusal):
    """The amount is too small to become anything."""

    needed: Amount


@strawberry.type
class UnknownQuote(Refusal):
    """There is no such quote for this member."""


@strawberry.type
class QuoteExpired(Refusal):
    """The quote has expired; ask for a new one."""

    expired_at: datetime


@strawberry.type
class QuoteUsed(Refusal):
    """The quote was accepted before, under another idempotency key."""

    exchange_id: strawberry.ID


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


AmountRefused: TypeAlias = AmountNotPositive | AmountBelowMinimum | AmountAboveMaximum | AmountOutOfStep

QuoteRefused: TypeAlias = (
    UnknownProgram
    | NotAMember
    | SameProgram
    | NotExchangeable
    | NoRate
    | PairPaused
    | InvalidAmount
    | AmountRefused
    | TargetWouldBeZero
    | InsufficientPoints
    | LimitReached
    | IssuanceBudgetReached
    | CoolingOff
    | NetDebitCapReached
)

AcceptanceRefused: TypeAlias = (
    UnknownQuote
    | QuoteExpired
    | QuoteUsed
    | NotAMember
    | PairPaused
    | CoolingOff
    | InsufficientPoints
    | LimitReached
    | IssuanceBudgetReached
    | NetDebitCapReached
    | KeyUnusable
    | IdempotencyConflict
)

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


def quote_refused(refusal: exchange.QuoteRefusal, scale: int) -> QuoteRefused:
    """As the graph says it; `scale` is that of the source's points."""
    match refusal:
        case errors.UnknownProgram(program):
            return UnknownProgram(message=refusal.message, program=program)
        case errors.NotAMember(program):
            return NotAMember(message=refusal.message, program=program)
        case errors.SameProgram():
            return SameProgram(message=refusal.message)
        case errors.NotExchangeable(program):
            return NotExchangeable(message=refusal.message, program=program)
        case errors.NoRate(program):
            return NoRate(message=refusal.message, program=program)
        case errors.PairPaused(source, target):
            return PairPaused(message=refusal.message, source=source, target=target)
        case errors.TargetWouldBeZero(needed):
            return TargetWouldBeZero(message=refusal.message, needed=amount(needed, scale))
        case core.refusals.InsufficientPoints():
            return insufficient_points(refusal, scale)
        case errors.LimitReached():
            return limit_reached(refusal, scale)
        case errors.IssuanceBudgetReached():
            return issuance_budget_reached(refusal)
        case errors.CoolingOff(program, until):
            return CoolingOff(message=refusal.message, program=program, until=until)
        case core.refusals.NetDebitCapReached():
            return net_debit_cap_reached(refusal)
        case _:
            return _amount_refused(refusal, scale)


def _amount_refused(refusal: exchange.AmountRefusal, scale: int) -> AmountRefused:
    match refusal:
        case errors.AmountNotPositive():
            return AmountNotPositive(message=refusal.message)
        case errors.AmountBelowMinimum(needed):
            return AmountBelowMinimum(message=refusal.message, needed=amount(needed, scale))
        case errors.AmountAboveMaximum(allowed):
            return AmountAboveMaximum(message=refusal.message, allowed=amount(allowed, scale))
        case errors.AmountOutOfStep(step):
            return AmountOutOfStep(message=refusal.message, step=amount(step, scale))
        case _:
            assert_never(refusal)


def acceptance_refused(refusal: exchange.AcceptanceRefusal, scale: int) -> AcceptanceRefused:
    """As the graph says it; `scale` is that of the source's points."""
    match refusal:
        case errors.UnknownQuote():
            return UnknownQuote(message=refusal.message)
        case errors.QuoteExpired(_, expired_at):
            return QuoteExpired(message=refusal.message, expired_at=expired_at)
        case errors.QuoteUsed(_, exchange_id):
            return QuoteUsed(message=refusal.message, exchange_id=global_id("Exchange", exchange_id))
        case errors.NotAMember(program):
            return NotAMember(message=refusal.message, program=program)
        case core.refusals.InsufficientPoints():
            return insufficient_points(refusal, scale)
        case errors.PairPaused(source, target):
            return PairPaused(message=refusal.message, source=source, target=target)
        case errors.LimitReached():
            return limit_reached(refusal, scale)
        case errors.IssuanceBudgetReached():
            return issuance_budget_reached(refusal)
        case errors.CoolingOff(program, until):
            return CoolingOff(message=refusal.message, program=program, until=until)
        case core.refusals.NetDebitCapReached():
            return net_debit_cap_reached(refusal)
        case core.refusals.KeyUnusable():
            return key_unusable(refusal)
        case core.refusals.IdempotencyConflict():
            return idempotency_conflict(refusal)
        case _:
            assert_never(refusal)


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
