"""Revenue by cumulative catch-up, as IFRS 15 shows it, and months."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ids import new_id
from settlement.month_end import Estimate, EstimateDecision, Month, Recognition
from settlement.month_end.estimate import in_force
from settlement.month_end.revenue import earned

NOW = datetime(2026, 2, 3, tzinfo=UTC)


def estimate(
    version: int,
    from_month: str,
    allocated: int = 8_676,
    points: int = 10_000,
    expected: int = 9_500,
    *,
    holds: bool = True,
) -> Estimate:
    """A version, decided on by another person."""
    decision = EstimateDecision.APPROVED if holds else EstimateDecision.REJECTED
    words = ("lin", NOW, "first", decision, "chen", NOW, "checked")
    return Estimate(new_id(), new_id(), version, Month.parse(from_month), allocated, points, expected, *words)


def test_the_illustrative_example_of_ifrs_15() -> None:
    """8,676 for 10,000 points: 4,500 of 9,500 redeemed earn 4,110; 8,500 of 9,700 another 3,493; 1,073 are left."""
    first = Recognition(estimate(1, "2026-01"), 4_500, 0, earned(8_676, 4_500, 9_500))
    assert (first.revenue_fen, first.liability_fen) == (4_110, 4_566)
    second = Recognition(
        estimate(2, "2027-01", expected=9_700), 8_500, first.recognised_to_date_fen, earned(8_676, 8_500, 9_700)
    )
    assert (second.revenue_fen, second.recognised_to_date_fen, second.liability_fen) == (3_493, 7_603, 1_073)
    assert second.estimate.breakage == 300
    assert second.breakage_fen == 7_603 - 7_375


def test_more_redemptions_expected_than_before_take_revenue_back() -> None:
    before = earned(10_000, 500, 800)
    assert Recognition(estimate(2, "2026-02"), 500, before, earned(10_000, 500, 1_000)).revenue_fen == -1_250


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(1, 10**15), st.integers(1, 10**12), st.lists(st.integers(0, 10**12), max_size=6))
def test_what_is_earned_adds_up_and_never_exceeds_what_was_allocated(
    allocated: int, expected: int, redeemed: list[int]
) -> None:
    """Step by step or at once; all of it when everything that was expected is redeemed, and no more afterwards."""
    to_date = [earned(allocated, it, expected) for it in sorted(redeemed)]
    assert to_date == sorted(to_date)
    assert all(0 <= it <= allocated for it in to_date)
    assert earned(allocated, expected, expected) == earned(allocated, expected + 5, expected) == allocated
    assert earned(allocated, -3, expected) == 0


def test_the_estimate_in_force_is_the_latest_that_was_approved() -> None:
    versions = [
        estimate(1, "2026-01"),
        estimate(2, "2026-03"),
        estimate(3, "2026-03"),
        estimate(4, "2026-02", holds=False),
    ]
    found = {month: in_force(versions, Month.parse(month)) for month in ("2025-12", "2026-01", "2026-02", "2026-03")}
    assert [it and it.version for it in found.values()] == [None, 1, 1, 3]


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-1", "26-01", "2026-00", "0000-01", "２０２６-01", "9999-12", "2026-01-01"]
)
def test_what_is_no_month(text: str) -> None:
    with pytest.raises(ValueError, match="is not a month"):
        Month.parse(text)


def test_months_follow_each_other() -> None:
    december = Month.parse("2025-12")
    assert (str(december.following), str(december.following.preceding), str(december.preceding)) == (
        "2026-01",
        "2025-12",
        "2025-11",
    )
    assert str(Month.parse("2026-01").preceding) == "2025-12"
    assert december.following.begins_at("Asia/Shanghai") == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert december.begins_at("Europe/Paris") == datetime(2025, 12, 1, tzinfo=ZoneInfo("Europe/Paris"))
