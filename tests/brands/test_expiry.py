"""Points expire at a midnight of their program's own time zone."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brands import ExpiryDay, ExpiryRule

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
MONTHS = st.integers(1, 600)


@pytest.mark.parametrize(
    ("rule", "earned_on", "last_day"),
    [
        (ExpiryRule(24, ExpiryDay.MONTH_END), date(2026, 1, 15), date(2028, 1, 31)),
        (ExpiryRule(1, ExpiryDay.SAME_DAY), date(2026, 1, 31), date(2026, 2, 28)),
        (ExpiryRule(1, ExpiryDay.SAME_DAY), date(2028, 1, 31), date(2028, 2, 29)),
        (ExpiryRule(12, ExpiryDay.SAME_DAY), date(2028, 2, 29), date(2029, 2, 28)),
        (ExpiryRule(12, ExpiryDay.SAME_DAY), date(2026, 12, 31), date(2027, 12, 31)),
        (ExpiryRule(1, ExpiryDay.MONTH_END), date(2026, 12, 1), date(2027, 1, 31)),
        (ExpiryRule(36, ExpiryDay.YEAR_END), date(2026, 1, 1), date(2029, 12, 31)),
        (ExpiryRule(None), date(2026, 1, 1), None),
    ],
)
def test_the_last_day(rule: ExpiryRule, earned_on: date, last_day: date | None) -> None:
    """Months are counted on the calendar."""
    assert rule.last_day(earned_on) == last_day


def test_the_day_is_the_one_at_the_program() -> None:
    """Half past four in the afternoon in London is already tomorrow in Shanghai."""
    rule = ExpiryRule(1, ExpiryDay.MONTH_END)
    earned_at = datetime(2026, 1, 31, 16, 30, tzinfo=UTC)
    assert rule.expires_at(earned_at, "Asia/Shanghai") == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert rule.expires_at(earned_at, "Europe/London") == datetime(2026, 3, 1, tzinfo=UTC)


def test_points_that_never_expire() -> None:
    """No months, no end."""
    assert ExpiryRule(None).expires_at(datetime(2026, 1, 1, tzinfo=UTC), "Asia/Shanghai") is None


@given(DAYS, MONTHS, st.sampled_from(ExpiryDay))
def test_later_points_never_expire_earlier(earned_on: date, months: int, day: ExpiryDay) -> None:
    """First-expiring-first is first-earned-first within one rule."""
    rule = ExpiryRule(months, day)
    sooner = rule.last_day(earned_on)
    later = rule.last_day(date.fromordinal(earned_on.toordinal() + 1))
    assert sooner is not None
    assert later is not None
    assert earned_on < sooner <= later
