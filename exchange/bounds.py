"""How much may be exchanged: pure rules over a program's limits."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from brands import ExchangeLimits, Program
from brands.expiry import day_after
from exchange.errors import (
    AmountAboveMaximum,
    AmountBelowMinimum,
    AmountNotPositive,
    AmountOutOfStep,
    AmountRefusal,
    LimitReached,
    Period,
)


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day of a program."""

    starts_on: date
    resets_at: datetime
    """The midnight that ends it, in UTC offset of the program's time zone."""


def day_of(program: Program, now: datetime) -> Day:
    """The program's calendar day at `now`."""
    zone = ZoneInfo(program.time_zone)
    today = now.astimezone(zone).date()
    return Day(today, day_after(today, zone))


def check_amount(amount: int, limits: ExchangeLimits) -> AmountRefusal | None:
    """Why `amount` minor units are out of the program's bounds for one exchange; None: they are within."""
    if amount <= 0:
        return AmountNotPositive()
    if amount < limits.amount_min:
        return AmountBelowMinimum(limits.amount_min)
    if amount > limits.amount_max:
        return AmountAboveMaximum(limits.amount_max)
    if amount % limits.amount_step:
        return AmountOutOfStep(limits.amount_step)
    return None


def check_day(amount: int, used: int, program: Program, now: datetime) -> LimitReached | None:
    """Why a membership that exchanged `used` today cannot exchange `amount` more; None: it can."""
    left = max(program.limits.member_day_max - used, 0)
    return LimitReached(Period.DAY, left, day_of(program, now).resets_at) if amount > left else None
