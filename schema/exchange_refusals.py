"""Why points are not exchanged."""

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
    """The program's brand is closed: its points are exchanged no longer."""

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
