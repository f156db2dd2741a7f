"""Calendar periods of a program, and how much has been used of each: pure."""

from collections.abc import Iterator, Sequence
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

    starts: tuple[date, date, date]
    amounts: tuple[int, int, int]

    def used(self, spans: Sequence[Span]) -> Iterator[tuple[Period, int]]:
        """How much of it lies in this day, month and year. What lies later, because clocks differ, counts as well."""
        for span, start, amount in zip(spans, self.starts, self.amounts, strict=True):
            if amount and start >= span.starts_on:
                yield span.period, amount


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
