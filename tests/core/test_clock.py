"""Time comes from a clock, and a clock can be held still."""

from datetime import UTC, datetime, timedelta

from core.clock import Clock, SettableClock, SystemClock

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_a_settable_clock_moves_only_when_told() -> None:
    """It stands, is set backwards and forwards, and pins what it shows."""
    clock: Clock = SettableClock(NOON)
    assert (clock.now(), clock.now(), clock.pinned) == (NOON, NOON, NOON)
    assert isinstance(clock, SettableClock)
    clock.advance(timedelta(seconds=1))
    assert clock.now() == clock.pinned == NOON + timedelta(seconds=1)
    clock.set(NOON - timedelta(days=1))
    assert clock.now() == NOON - timedelta(days=1)


def test_the_system_clock_tells_utc_and_pins_nothing() -> None:
    """Its instants carry UTC and lie between two readings of the machine's clock."""
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC
    assert SystemClock().pinned is None
