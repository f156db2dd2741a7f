"""Cut-offs: which instructions belong to which day's file."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from brands import DateForm
from exchange.brand_system import Capabilities


def last_cut_off(capabilities: Capabilities, now: datetime) -> datetime:
    """The last cut-off that has passed: what was accepted before it goes into the file of its day."""
    local = now.astimezone(ZoneInfo(capabilities.time_zone))
    today = _at(local.date(), capabilities)
    return today if today <= now else _at(local.date() - timedelta(days=1), capabilities)


def next_cut_off(capabilities: Capabilities, now: datetime) -> datetime:
    """The first cut-off after now."""
    local = last_cut_off(capabilities, now).astimezone(ZoneInfo(capabilities.time_zone))
    return _at(local.date() + timedelta(days=1), capabilities)


def day_of(capabilities: Capabilities, cut_off: datetime) -> date:
    """The calendar day of a cut-off."""
    return cut_off.astimezone(ZoneInfo(capabilities.time_zone)).date()


def written_day(day: date, form: DateForm) -> str:
    """A day as the brand writes it."""
    match form:
        case DateForm.COMPACT:
            return f"{day:%Y%m%d}"
        case DateForm.DAY_FIRST:
            return f"{day:%d.%m.%Y}"
        case _:
            return day.isoformat()


def _at(day: date, capabilities: Capabilities) -> datetime:
    cut_off = capabilities.cut_off or time.min
    return datetime.combine(day, cut_off, ZoneInfo(capabilities.time_zone)).astimezone(UTC)
