"""The guard of one brand's system: breaker, lines, rate and deadline."""

import asyncio
import time
from dataclasses import replace
from itertools import pairwise

from brands.adapter.capabilities import PLATFORM_CAPABILITIES
from core.database import Database
from core.ids import new_id
from exchange.brand_system import Done, Failed, Failure
from exchange.saga.breaker import FAILURES_MAX, REST_SECONDS, Breaker, BreakerState
from exchange.saga.guard import Guard
from exchange.saga.guard_reports import withdraw_reports, write_reports

CAPABILITIES = replace(PLATFORM_CAPABILITIES.capabilities(0, "UTC"), concurrency_max=2, deadline_seconds=0.2)
LOST = Failed(Failure.UNKNOWN)


class Seconds:
    """A clock in seconds."""

    now = 100.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now


async def lost() -> Done | Failed:
    """A brand that is not understood."""
    return LOST


async def done() -> Done | Failed:
    """A brand at work."""
    return Done("1")


def test_the_breaker_opens_rests_and_probes() -> None:
    """Five failures in a row open it; one call probes after the rest; another failure doubles the rest."""
    seconds = Seconds()
    breaker = Breaker(seconds)
    for _ in range(FAILURES_MAX):
        assert breaker.enter()
        breaker.failed()
    assert (breaker.state, breaker.enter(), breaker.wait_seconds) == (BreakerState.OPEN, False, REST_SECONDS)
    seconds.now += REST_SECONDS
    assert (breaker.enter(), breaker.enter()) == (True, False)
    breaker.failed()
    assert breaker.wait_seconds == 2 * REST_SECONDS
    seconds.now += 2 * REST_SECONDS
    assert breaker.enter()
    breaker.succeeded()
    assert (breaker.state, breaker.enter(), breaker.wait_seconds) == (BreakerState.CLOSED, True, 0.0)


async def test_an_open_breaker_is_not_sent() -> None:
    """With the seconds after which it may be; nothing is called."""
    guard = Guard("RAIL", CAPABILITIES, Seconds())
    for _ in range(FAILURES_MAX):
        assert await guard.call(lost) is LOST
    refused = await guard.call(done)
    assert isinstance(refused, Failed)
    assert (refused.failure, refused.retry_after_seconds) == (Failure.NOT_SENT, REST_SECONDS)
    assert guard.room == 0


async def test_so_many_at_once() -> None:
    """The third waits for one of two lines, and goes when it is free; more than wait are not sent."""
    guard = Guard("RAIL", CAPABILITIES, Seconds())
    freed, running = asyncio.Event(), 0

    async def long() -> Done | Failed:
        nonlocal running
        running += 1
        await freed.wait()
        return Done("1")

    calls = [asyncio.create_task(guard.call(long)) for _ in range(7)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert (running, guard.report().in_flight, guard.room) == (2, 2, 0)
    freed.set()
    answers = await asyncio.gather(*calls)
    assert [isinstance(it, Done) for it in answers].count(True) == 6
    assert [it.failure for it in answers if isinstance(it, Failed)] == [Failure.NOT_SENT]
    assert guard.room


async def test_the_deadline_is_unknown() -> None:
    """Whoever does not answer in time may have done it."""
    guard = Guard("RAIL", replace(CAPABILITIES, deadline_seconds=0.01), Seconds())

    async def never() -> Done | Failed:
        await asyncio.Event().wait()
        return Done("1")

    answer = await guard.call(never)
    assert isinstance(answer, Failed)
    assert answer.failure is Failure.UNKNOWN


async def test_whoever_asks_for_rest_gets_it() -> None:
    """A brand that is called too often is left alone for as long as it says, and its breaker stays closed."""
    seconds = Seconds()
    guard = Guard("RAIL", CAPABILITIES, seconds)

    async def too_often() -> Done | Failed:
        return Failed(Failure.RATE_LIMITED, retry_after_seconds=5)

    await guard.call(too_often)
    assert (guard.room, guard.report().state) == (0, BreakerState.CLOSED)
    seconds.now += 5
    assert guard.room


def test_limits_are_divided() -> None:
    """Among as many workers as there are, all of them, and never more; who has no line has no room."""
    guard = Guard("RAIL", replace(CAPABILITIES, concurrency_max=8), Seconds())
    for share, lines in ((1, [8]), (3, [3, 3, 2]), (8, [1] * 8), (10, [1] * 8 + [0, 0])):
        found = []
        for place in range(share):
            guard.share, guard.place = share, place
            found.append(guard.lines)
            assert (guard.room > 0) == (guard.lines > 0)
        assert found == lines


async def test_a_pace_is_divided_among_those_who_call() -> None:
    """Whoever has no line leaves its part of what the brand takes a second to the others."""
    guard, brand = paced(requests_per_second=40, concurrency_max=2, deadline_seconds=1), Brand()
    guard.share, guard.place = 5, 1
    await guard.call(brand)
    await guard.call(brand)
    assert 0.045 < brand.starts[1] - brand.starts[0] < 0.1


class Brand:
    """A brand that takes a moment, and counts."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.running = 0
        self.most = 0
        self.starts: list[float] = []

    async def __call__(self) -> Done | Failed:
        """A call."""
        self.starts.append(time.monotonic())
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(self.seconds)
        self.running -= 1
        return Done("1")


def paced(**terms: float) -> Guard:
    """A guard of a brand with such terms, by the real clock."""
    return Guard("RAIL", replace(CAPABILITIES, **terms), time.monotonic)  # type: ignore[arg-type]


async def test_so_many_at_once_also_where_there_is_a_pace() -> None:
    """Whoever waits for its time stands on a line of its own: no more run at once than the brand allows."""
    guard, brand = paced(requests_per_second=200, deadline_seconds=1), Brand(0.03)
    answers = await asyncio.gather(*(guard.call(brand) for _ in range(4)))
    assert [isinstance(it, Done) for it in answers] == [True] * 4
    assert brand.most == 2


async def test_a_slow_pace_is_kept_and_used() -> None:
    """Whoever cannot be served before its deadline leaves its time to others, and no more begin than are served."""
    guard, brand = paced(requests_per_second=20, concurrency_max=100, deadline_seconds=0.2), Brand()
    assert 4 <= guard.room <= 5  # now, and every 50 ms
    answers = await asyncio.gather(*(guard.call(brand) for _ in range(30)))
    served = [it for it in answers if isinstance(it, Done)]
    refused = [it for it in answers if isinstance(it, Failed)]
    assert 4 <= len(served) <= 5
    assert {it.failure for it in refused} == {Failure.NOT_SENT}
    assert all(it.retry_after_seconds and it.retry_after_seconds <= 0.3 for it in refused)
    assert all(later - earlier > 0.04 for earlier, later in pairwise(brand.starts))
    assert isinstance(await guard.call(brand), Done)
    assert guard.room


async def test_a_validation_before_it_counts() -> None:
    """An instruction of two requests takes the time of two."""
    guard, brand = paced(requests_per_second=40, deadline_seconds=1), Brand()
    await asyncio.gather(guard.call(brand, requests=2), guard.call(brand, requests=2))
    assert brand.starts[1] - brand.starts[0] > 0.045


async def test_whoever_waits_already_gives_rest_too() -> None:
    """A brand that wants to be left alone is not sent what waited for its time, or comes by itself."""
    guard, brand = paced(requests_per_second=50, deadline_seconds=1), Brand()

    async def too_often() -> Done | Failed:
        return Failed(Failure.RATE_LIMITED, retry_after_seconds=5)

    _, waited = await asyncio.gather(guard.call(too_often), guard.call(brand))
    for refused in (waited, await guard.call(brand)):
        assert isinstance(refused, Failed)
        assert refused.failure is Failure.NOT_SENT
        assert refused.retry_after_seconds
        assert 4 < refused.retry_after_seconds <= 5
    assert (brand.starts, guard.room, guard.report().waiting) == ([], 0, 0)


async def test_workers_stand_in_a_row(database: Database) -> None:
    """Each has a place of its own among those that are alive; whoever goes leaves it to the others."""
    first, second = new_id(), new_id()
    async with database.connection() as connection:
        assert await write_reports(connection, second, []) == (1, 0)
        assert await write_reports(connection, first, []) == (2, 0)
        assert await write_reports(connection, second, []) == (2, 1)
        await withdraw_reports(connection, first)
        assert await write_reports(connection, second, []) == (1, 0)


async def test_whoever_has_no_line_calls_nobody() -> None:
    """And waits for none: others have them."""
    guard = Guard("RAIL", CAPABILITIES, Seconds())
    guard.share, guard.place = 3, 2
    refused = await guard.call(done)
    assert isinstance(refused, Failed)
    assert refused.failure is Failure.NOT_SENT
