"""The guard of one brand's system: breaker, lines, rate and deadline."""

import asyncio
from dataclasses import replace

from brands.adapter.capabilities import PLATFORM_CAPABILITIES
from exchange.brand_system import Done, Failed, Failure
from exchange.saga.breaker import FAILURES_MAX, REST_SECONDS, Breaker, BreakerState
from exchange.saga.guard import Guard

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
    """Among as many workers as there are; each keeps at least one line."""
    guard = Guard("RAIL", CAPABILITIES, Seconds())
    guard.share = 5
    assert guard.lines == 1
