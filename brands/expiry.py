"""When points expire: some months after they were earned, at the end of a day, a month or a year."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_MONTHS_A_YEAR = 12


class ExpiryDay(StrEnum):
    """Which day is the last one, once the months are over."""

    SAME_DAY = "same_day"
    """The day with the same number, or the month's last one when it is too short."""
    MONTH_END = "month_end"
    """The last day of that month."""
    YEAR_END = "year_end"
    """The last day of that year."""


@dataclass(frozen=True, slots=True)
class ExpiryRule:
    """How long points live after the day on which they were earned."""

    months: int | None
    """None: points never expire."""
    day: ExpiryDay = ExpiryDay.SAME_DAY

    def last_day(self, earned_on: date) -> date | None:
        """The last calendar day on which points earned on `earned_on` can be used; None when they never expire."""
        if self.months is None:
            return None
        years, month = divmod(earned_on.month - 1 + self.months, _MONTHS_A_YEAR)
        return _settle(self.day, earned_on.year + years, month + 1, earned_on.day)

    def expires_at(self, earned_at: datetime, time_zone: str) -> datetime | None:
        """The first instant at which points earned at `earned_at` can no longer be used: midnight in `time_zone`."""
        zone = ZoneInfo(time_zone)
        last_day = self.last_day(earned_at.astimezone(zone).date())
        return None if last_day is None else day_after(last_day, zone)


def day_after(last_day: date, zone: ZoneInfo) -> datetime:
    """The midnight in `zone` that ends `last_day`."""
    return datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=zone)


def _settle(day: ExpiryDay, year: int, month: int, number: int) -> date:
    match day:
        case ExpiryDay.SAME_DAY:
            return date(year, month, min(number, monthrange(year, month)[1]))
        case ExpiryDay.MONTH_END:
            return date(year, month, monthrange(year, month)[1])
        case ExpiryDay.YEAR_END:
            return date(year, 12, 31)
