"""A calendar month, and when it begins and ends somewhere."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

_TEXT = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
_MONTHS_OF_YEAR = 12


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a year."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month of `2026-01`. Raises ValueError."""
        found = _TEXT.fullmatch(text)
        if found is None or int(found[1]) == 0 or text == "9999-12":
            message = f"{text[:20]!r} is not a month: it is written 2026-01"
            raise ValueError(message)
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month in which a day lies."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def following(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.month // _MONTHS_OF_YEAR, self.month % _MONTHS_OF_YEAR + 1)

    @property
    def preceding(self) -> "Month":
        """The month before it."""
        years, month = divmod(self.month - 2, _MONTHS_OF_YEAR)
        return Month(self.year + years, month + 1)

    def begins_at(self, time_zone: str) -> datetime:
        """Its first instant there."""
        return datetime(self.year, self.month, 1, tzinfo=ZoneInfo(time_zone))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"
