"""What stands in the way of an exchange only for a while: limits, budgets, pauses."""

from datetime import datetime

import strawberry

import exchange
from schema.refusals import Refusal, amount
from schema.scalars import Amount

strawberry.enum(exchange.Period)


@strawberry.type
class PairPaused(Refusal):
    """Exchanges between these programs are stopped for the moment. Try again later."""

    source: str
    target: str


@strawberry.type
class LimitReached(Refusal):
    """The member's limit for this period would be exceeded."""

    period: exchange.Period
    left: Amount
    """What may still be exchanged in this period."""
    resets_at: datetime
    target: str | None
    """The code of the program wanted, when the limit is for this pair alone; null: it is for all exchanges together."""


@strawberry.type
class IssuanceBudgetReached(Refusal):
    """No more points of this program may be issued through exchanges in this period."""

    program: str
    """Its code."""
    period: exchange.Period
    left: Amount
    """Of this program's points: what may still be issued in this period."""
    resets_at: datetime


@strawberry.type
class CoolingOff(Refusal):
    """Nothing can be exchanged for a while after an identity of the member was linked or changed."""

    program: str
    """Its code."""
    until: datetime


def limit_reached(refusal: exchange.LimitReached, scale: int) -> LimitReached:
    """As the graph says it; `scale` is that of the source's points."""
    return LimitReached(
        message=refusal.message,
        period=refusal.period,
        left=amount(refusal.left, scale),
        resets_at=refusal.resets_at,
        target=refusal.target,
    )


def issuance_budget_reached(refusal: exchange.IssuanceBudgetReached) -> IssuanceBudgetReached:
    """As the graph says it."""
    return IssuanceBudgetReached(
        message=refusal.message,
        program=refusal.program,
        period=refusal.period,
        left=amount(refusal.left, refusal.scale),
        resets_at=refusal.resets_at,
    )
