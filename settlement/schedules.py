"""When windows close: by business days in a time zone. Pure: no clock, no database."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

BANK_DAY: Final = ZoneInfo("Asia/Shanghai")
"""In which the bank's days begin and end."""

ROLLING_DAYS_MAX: Final = 60
"""How many days without business may follow one another."""

_WEEKDAYS: Final = 7
_MONTH_DAYS: Final = 31


class Cycle(StrEnum):
    """How often windows close."""

    ON_DEMAND = "on_demand"
    """When a person says so."""
    DAILY = "daily"
    """On every business day."""
    WEEKLY = "weekly"
    """On one weekday, or the first business day after it."""
    MONTHLY = "monthly"
    """On one day of the month, or the first business day after it."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When windows close: at the time `at` of certain days in the time zone. Raises ValueError for what cannot be."""

    cycle: Cycle = Cycle.ON_DEMAND
    at: time = time(0)
    """The cut-off on the day itself; what is recorded at this very instant belongs to the window that closes."""
    time_zone: str = "Asia/Shanghai"
    weekday: int = 1
    """For weekly ones: 1 is Monday, 7 is Sunday."""
    month_day: int = 1
    """For monthly ones; a month that is shorter has its last day instead."""
    business_days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    """Weekdays, 1 is Monday."""
    holidays: tuple[date, ...] = ()
    """Days without business."""

    def __post_init__(self) -> None:
        for wrong, problem in self._problems():
            if wrong:
                raise ValueError(problem)

    def next_after(self, instant: datetime) -> datetime | None:
        """The first cut-off later than `instant`, in UTC; None: only a person closes."""
        if self.cycle is Cycle.ON_DEMAND:
            return None
        zone = ZoneInfo(self.time_zone)
        first = instant.astimezone(zone).date() - timedelta(days=ROLLING_DAYS_MAX)
        days = (self._rolled(day) for day in self._days(first))
        cut_offs = (datetime.combine(day, self.at, zone).astimezone(UTC) for day in days)
        return next(cut_off for cut_off in cut_offs if cut_off > instant)

    def business_day_after(self, day: date) -> date:
        """The first day of business later than `day`."""
        return self._rolled(day + timedelta(days=1))

    def _days(self, first: date) -> Iterator[date]:
        """The days that the cycle names, from `first` on."""
        day = first
        while True:
            if self._is_named(day):
                yield day
            day += timedelta(days=1)

    def _is_named(self, day: date) -> bool:
        if self.cycle is Cycle.WEEKLY:
            return day.isoweekday() == self.weekday
        if self.cycle is Cycle.MONTHLY:
            return day.day == min(self.month_day, calendar.monthrange(day.year, day.month)[1])
        return self._is_business(day)

    def _rolled(self, day: date) -> date:
        while not self._is_business(day):
            day += timedelta(days=1)
        return day

    def _is_business(self, day: date) -> bool:
        return day.isoweekday() in self.business_days and day not in self.holidays

    def _problems(self) -> Iterator[tuple[bool, str]]:
        yield self.time_zone not in _zones(), f"there is no time zone {self.time_zone!r}"
        yield self.at.tzinfo is not None, "the time of the cut-off is local and has no offset"
        yield not 1 <= self.weekday <= _WEEKDAYS, "a weekday is a number from 1 (Monday) to 7"
        yield not 1 <= self.month_day <= _MONTH_DAYS, "a day of the month is a number from 1 to 31"
        allowed = set(range(1, _WEEKDAYS + 1))
        yield (
            not self.business_days or not allowed.issuperset(self.business_days),
            "name at least one business day, 1 (Monday) to 7",
        )
        yield len(self.holidays) > ROLLING_DAYS_MAX * 10, "too many holidays"
        yield self._closed_too_long(), f"more than {ROLLING_DAYS_MAX} days without business follow one another"

    def _closed_too_long(self) -> bool:
        if not self.business_days:
            return True
        for holiday in self.holidays:
            run = (holiday + timedelta(days=days) for days in range(ROLLING_DAYS_MAX))
            if not any(map(self._is_business, run)):
                return True
        return False


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
