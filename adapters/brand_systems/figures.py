"""Amounts and instants as a brand writes them, and back. Raises Unreadable for what is none."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from brands import Program
from brands.adapter.kinds import AmountForm
from core.amounts import AMOUNT_MAX, AmountError, format_amount, parse_amount

_MILLISECONDS_FROM: Final = 100_000_000_000
"""Larger numbers are milliseconds since 1970: as seconds they would lie beyond the year 5000."""


class Unreadable(ValueError):
    """What the brand wrote is not what it should be."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How one program's brand writes figures."""

    form: AmountForm
    scale: int
    """Decimals of the program's points."""
    decimals: int
    """Decimals that the brand writes; at least `scale`."""
    time_zone: str
    """Of instants without one."""

    @classmethod
    def of(cls, program: Program) -> "Figures":
        """Of a program as configured."""
        able = program.capabilities
        return cls(program.adapter.amounts, program.scale, able.decimals, able.time_zone)

    def written(self, minor: int) -> str | int | float:
        """An amount of the program's minor units, for the brand."""
        theirs: int = minor * 10 ** (self.decimals - self.scale)
        if self.form is AmountForm.MINOR:
            return theirs
        text = format_amount(theirs, self.decimals)
        if self.form is AmountForm.DECIMAL:
            return text
        return float(text) if self.decimals else int(text)

    def amount(self, written: Any) -> int:
        """An amount of the brand's, in the program's minor units. Raises Unreadable."""
        theirs = self._minor(written)
        ours, rest = divmod(theirs, 10 ** (self.decimals - self.scale))
        if rest:
            raise Unreadable("an amount has more decimals than the program's points")
        return int(ours)

    def balance(self, written: Any) -> int:
        """A balance of the brand's: what is smaller than our smallest unit cannot be used. Raises Unreadable."""
        return int(self._minor(written) // 10 ** (self.decimals - self.scale))

    def instant(self, written: Any) -> datetime:
        """An instant of the brand's: ISO 8601, or seconds or milliseconds since 1970. Raises Unreadable."""
        try:
            if isinstance(written, str):
                found = datetime.fromisoformat(written)
                return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(self.time_zone))).astimezone(UTC)
            if isinstance(written, int | Decimal) and not isinstance(written, bool):
                seconds = float(written) / (1000 if written >= _MILLISECONDS_FROM else 1)
                return datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError):
            pass
        raise Unreadable("an instant is not one")

    def _minor(self, written: Any) -> int:
        if isinstance(written, bool) or not isinstance(written, str | int | Decimal):
            raise Unreadable("an amount is not one")
        if self.form is AmountForm.MINOR:
            if not isinstance(written, int) or abs(written) > AMOUNT_MAX:
                raise Unreadable("an amount is not a whole number of minor units")
            return written
        try:
            return parse_amount(written if isinstance(written, str) else f"{written:f}", self.decimals)
        except AmountError as error:
            raise Unreadable(str(error)) from None


def iso(instant: datetime) -> str:
    """An instant for the brand: UTC, to the millisecond."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
