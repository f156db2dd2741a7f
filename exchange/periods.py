"""Calendar periods of a program, and how much has been used of each: pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from exchange.errors import Period

Key: TypeAlias = tuple[object, ...]
"""Whose use of what in which period; see `exchange.limits`."""


@dataclass(frozen=True, slots=True)
class Span:
    """One calendar period."""

    period: Period
    starts_on: date
    resets_at: datetime
    """The midnight that ends it, in the UTC offset of the time zone."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What was used in the latest day, month and year in which anything was."""

    day_start: date
    day_amount: int
    month_start: date
    month_amount: int
    year_start: date
    year_amount: int

    def used(self, spans: Iterable[Span]) -> dict[Period, int]:
        """How much of it lies in these periods. What lies later, because clocks differ, counts as well."""
        amounts = {
            Period.DAY: (self.day_start, self.day_amount),
            Period.MONTH: (self.month_start, self.month_amount),
            Period.YEAR: (self.year_start, self.year_amount),
        }
        return {
            span.period: amount
            for span in spans
            for start, amount in [amounts[span.period]]
            if start >= span.starts_on and amount
        }


def spans_of(time_zone: str, now: datetime) -> tuple[Span, ...]:
    """The day, the month and the year of a time zone at `now`."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    following = (month + timedelta(days=31)).replace(day=1)
    ends = (
        (Period.DAY, today, today + timedelta(days=1)),
        (Period.MONTH, month, following),
        (Period.YEAR, year, year.replace(year=year.year + 1)),
    )
    return tuple(Span(period, start, datetime.combine(end, time.min, tzinfo=zone)) for period, start, end in ends)


def add_used(used: Counter[Key], scope: Key, sums: Sums, spans: Iterable[Span]) -> None:
    """Count what lies in the present periods under `scope`."""
    for period, amount in sums.used(spans).items():
        used[period, *scope] += amount
