"""When windows close: business days in the model's own time zone."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from settlement import Cycle, Schedule
from settlement.advice_parties import due_day

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKING = (1, 2, 3, 4, 5)


def cut_offs(schedule: Schedule, after: datetime, count: int) -> list[str]:
    """The next cut-offs, in the schedule's own time."""
    found = [after]
    for _ in range(count):
        following = schedule.next_after(found[-1])
        assert following is not None
        found.append(following)
    return [f"{instant.astimezone(ZoneInfo(schedule.time_zone)):%a %m-%d %H:%M}" for instant in found[1:]]


FRIDAY = datetime(2026, 1, 16, 12, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Schedule(Cycle.DAILY), ["Sat 01-17 00:00", "Sun 01-18 00:00", "Mon 01-19 00:00"]),
        (Schedule(Cycle.DAILY, time(14)), ["Fri 01-16 14:00", "Sat 01-17 14:00", "Sun 01-18 14:00"]),
        (Schedule(Cycle.DAILY, business_days=WORKING), ["Mon 01-19 00:00", "Tue 01-20 00:00", "Wed 01-21 00:00"]),
        (
            Schedule(Cycle.DAILY, business_days=WORKING, holidays=(date(2026, 1, 19), date(2026, 1, 20))),
            ["Wed 01-21 00:00", "Thu 01-22 00:00", "Fri 01-23 00:00"],
        ),
        (Schedule(Cycle.WEEKLY, weekday=1), ["Mon 01-19 00:00", "Mon 01-26 00:00", "Mon 02-02 00:00"]),
        (
            Schedule(Cycle.WEEKLY, weekday=7, business_days=WORKING),
            ["Mon 01-19 00:00", "Mon 01-26 00:00", "Mon 02-02 00:00"],
        ),
        (Schedule(Cycle.MONTHLY), ["Sun 02-01 00:00", "Sun 03-01 00:00", "Wed 04-01 00:00"]),
        (Schedule(Cycle.MONTHLY, month_day=31), ["Sat 01-31 00:00", "Sat 02-28 00:00", "Tue 03-31 00:00"]),
        (
            Schedule(Cycle.MONTHLY, month_day=31, business_days=WORKING),
            ["Mon 02-02 00:00", "Mon 03-02 00:00", "Tue 03-31 00:00"],
        ),
        (Schedule(Cycle.DAILY, time_zone="UTC"), ["Sat 01-17 00:00", "Sun 01-18 00:00", "Mon 01-19 00:00"]),
    ],
)
def test_the_next_cut_offs(schedule: Schedule, expected: list[str]) -> None:
    assert cut_offs(schedule, FRIDAY, 3) == expected


def test_a_window_that_ends_at_a_cut_off_is_followed_by_the_next_one() -> None:
    """The instant itself is the end of the window that closes; it does not close again."""
    midnight = datetime(2026, 1, 17, tzinfo=SHANGHAI)
    assert Schedule(Cycle.DAILY).next_after(midnight) == datetime(2026, 1, 18, tzinfo=SHANGHAI)


def test_clocks_that_are_put_forward_and_back_skip_and_repeat_no_day() -> None:
    """A year of days in a zone with summer time: every day once, each later than the one before."""
    schedule = Schedule(Cycle.DAILY, time(2, 30), "Europe/Berlin")
    instants = [datetime(2026, 1, 1, tzinfo=UTC)]
    for _ in range(365):
        following = schedule.next_after(instants[-1])
        assert following is not None
        instants.append(following)
    assert all(earlier < later for earlier, later in pairwise(instants))
    assert len({instant.astimezone(ZoneInfo("Europe/Berlin")).date() for instant in instants[1:]}) == 365


def test_on_demand_never_closes_by_itself() -> None:
    assert Schedule().next_after(FRIDAY) is None


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"time_zone": "Asia/Atlantis"}, "there is no time zone 'Asia/Atlantis'"),
        ({"at": time(1, tzinfo=UTC)}, "the time of the cut-off is local and has no offset"),
        ({"weekday": 0}, "a weekday is a number from 1 (Monday) to 7"),
        ({"month_day": 32}, "a day of the month is a number from 1 to 31"),
        ({"business_days": ()}, "name at least one business day, 1 (Monday) to 7"),
        ({"business_days": (8,)}, "name at least one business day, 1 (Monday) to 7"),
        (
            {"business_days": (1,), "holidays": tuple(date(2026, 1, 5) + timedelta(weeks=week) for week in range(20))},
            "more than 60 days without business follow one another",
        ),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("(", r"\(").replace(")", r"\)")):
        Schedule(Cycle.DAILY, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("advised", "holidays", "due"),
    [
        ("2026-01-15T04:00Z", (), "2026-01-16"),
        ("2026-01-15T15:59Z", (), "2026-01-16"),
        ("2026-01-15T16:00Z", (), "2026-01-19"),
        ("2026-01-15T16:00Z", (date(2026, 1, 19),), "2026-01-20"),
    ],
)
def test_payments_are_due_on_the_first_day_of_business_after_the_advice(
    advised: str, holidays: tuple[date, ...], due: str
) -> None:
    """Days are those of the bank: 16:00 in UTC is the next one."""
    schedule = Schedule(Cycle.DAILY, business_days=WORKING, holidays=holidays)
    assert str(due_day(datetime.fromisoformat(advised), schedule)) == due
