"""When a right can be used."""

from datetime import UTC, date, datetime

from brands import AfterGrant, FixedDates

GRANTED_AT = datetime(2026, 3, 1, 4, tzinfo=UTC)


def test_hours_from_the_grant() -> None:
    """72 hours are 72 hours, not three calendar days."""
    assert AfterGrant(72).window(GRANTED_AT) == (GRANTED_AT, datetime(2026, 3, 4, 4, tzinfo=UTC))


def test_fixed_dates_include_the_last_day() -> None:
    """It ends at the midnight after it, in its own time zone."""
    validity = FixedDates(date(2026, 4, 1), date(2026, 4, 30), "Asia/Shanghai")
    assert validity.window(GRANTED_AT) == (
        datetime(2026, 3, 31, 16, tzinfo=UTC),
        datetime(2026, 4, 30, 16, tzinfo=UTC),
    )


def test_fixed_dates_never_begin_before_the_grant() -> None:
    """A right granted in mid-season is valid from then on."""
    validity = FixedDates(date(2026, 1, 1), date(2026, 12, 31), "Asia/Shanghai")
    assert validity.window(GRANTED_AT)[0] == GRANTED_AT
