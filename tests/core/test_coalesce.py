"""Many single calls become few bulk calls, and nobody pays for a neighbour."""

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

import asyncpg
import pytest

from core.coalesce import Coalescer, ResultsMissing
from core.errors import Overloaded


class Guilty(ValueError):
    """The batch held a bad item."""


@dataclass
class Desk:
    """A bulk call under the test's control: it waits for the gate, refuses batches with a bad item, records all."""

    bad: frozenset[int] = frozenset()
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    started: list[list[int]] = field(default_factory=list)
    committed: list[int] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    running: int = 0
    running_max: int = 0

    async def run(self, items: Sequence[int]) -> list[int]:
        """Ten times each item."""
        self.started.append(list(items))
        self.running += 1
        self.running_max = max(self.running, self.running_max)
        try:
            await self.gate.wait()
        finally:
            self.running -= 1
        if self.failures:
            raise self.failures.pop(0)
        if self.bad & set(items):
            raise Guilty
        self.committed.extend(items)
        return [10 * item for item in items]


def open_desk(*bad: int) -> Desk:
    """A desk whose gate stands open."""
    desk = Desk(bad=frozenset(bad))
    desk.gate.set()
    return desk


async def turns(count: int = 5) -> None:
    """Let everything that is ready run."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_calls_made_together_travel_together() -> None:
    """Concurrent calls share one bulk call, in the order of the calls, and each gets its own result."""
    desk = open_desk()
    coalescer = Coalescer(desk.run)
    assert await asyncio.gather(*(coalescer(item) for item in range(5))) == [0, 10, 20, 30, 40]
    assert desk.started == [[0, 1, 2, 3, 4]]


async def test_the_next_batch_fills_while_the_last_is_in_flight() -> None:
    """Calls that come while a bulk call runs wait together and make one bulk call more, not one each."""
    desk = Desk()
    coalescer = Coalescer(desk.run)
    first = asyncio.create_task(coalescer(1))
    await turns()
    later = [asyncio.create_task(coalescer(item)) for item in (2, 3, 4)]
    await turns()
    assert desk.started == [[1]]
    assert coalescer.waiting == 3
    desk.gate.set()
    assert await asyncio.gather(first, *later) == [10, 20, 30, 40]
    assert desk.started == [[1], [2, 3, 4]]


@pytest.mark.parametrize(("before", "together"), [(4, True), (3, False)])
async def test_gathers_while_it_is_busy(*, before: int, together: bool) -> None:
    """After a flight of several, the next one waits for who comes a little later; after a small one it does not."""
    desk = open_desk()
    coalescer = Coalescer(desk.run, gather_seconds=0.05)
    await asyncio.gather(*(coalescer(item) for item in range(before)))
    first = asyncio.create_task(coalescer(8))
    await turns()
    assert list(await asyncio.gather(first, coalescer(9))) == [80, 90]
    assert desk.started[1:] == ([[8, 9]] if together else [[8], [9]])


async def test_a_batch_is_no_larger_than_allowed() -> None:
    """Seven calls with `batch_max=3` are three bulk calls."""
    desk = open_desk()
    coalescer = Coalescer(desk.run, batch_max=3)
    await asyncio.gather(*(coalescer(item) for item in range(7)))
    assert desk.started == [[0, 1, 2], [3, 4, 5], [6]]
    assert desk.running_max == 1


async def test_several_batches_in_flight() -> None:
    """With `in_flight_max=2` a second bulk call starts while the first runs; a third waits."""
    desk = Desk()
    coalescer = Coalescer(desk.run, batch_max=2, in_flight_max=2)
    calls = asyncio.gather(*(coalescer(item) for item in range(6)))
    await turns()
    assert desk.started == [[0, 1], [2, 3]]
    assert coalescer.waiting == 2
    desk.gate.set()
    assert await calls == [0, 10, 20, 30, 40, 50]
    assert desk.running_max == 2


async def test_only_the_guilty_fail() -> None:
    """Two bad items among nine: they get the exception, the other seven their results, each committed once."""
    desk = open_desk(3, 7)
    coalescer = Coalescer(desk.run)
    results = await asyncio.gather(*(coalescer(item) for item in range(9)), return_exceptions=True)
    assert [item for item, result in enumerate(results) if isinstance(result, Guilty)] == [3, 7]
    assert [result for result in results if not isinstance(result, Guilty)] == [0, 10, 20, 40, 50, 60, 80]
    assert desk.committed == [0, 1, 2, 4, 5, 6, 8]


async def test_a_collision_is_run_again_whole() -> None:
    """A deadlock or serialisation failure blames nobody: the same batch is run again and succeeds."""
    desk = open_desk()
    desk.failures = [asyncpg.DeadlockDetectedError("40P01"), asyncpg.SerializationError("40001")]
    coalescer = Coalescer(desk.run)
    assert await asyncio.gather(*(coalescer(item) for item in (1, 2))) == [10, 20]
    assert desk.started == [[1, 2]] * 3


async def test_endless_collisions_are_reported_to_all() -> None:
    """After `attempts_max` collisions every caller of the batch gets the exception; it is not halved."""
    desk = open_desk()
    desk.failures = [asyncpg.DeadlockDetectedError("40P01") for _ in range(2)]
    coalescer = Coalescer(desk.run, attempts_max=2)
    results = await asyncio.gather(coalescer(1), coalescer(2), return_exceptions=True)
    assert [type(result) for result in results] == [asyncpg.DeadlockDetectedError] * 2
    assert desk.started == [[1, 2]] * 2


async def test_a_lost_connection_is_reported_to_all_at_once() -> None:
    """Nobody is to blame and the outcome is unknown: no second try, no halving, and the next call works again."""
    desk = open_desk()
    desk.failures = [asyncpg.ConnectionDoesNotExistError("gone")]
    coalescer = Coalescer(desk.run)
    results = await asyncio.gather(coalescer(1), coalescer(2), return_exceptions=True)
    assert [type(result) for result in results] == [asyncpg.ConnectionDoesNotExistError] * 2
    assert desk.started == [[1, 2]]
    assert await coalescer(3) == 30


async def test_results_that_do_not_match_are_nobody_s() -> None:
    """A bulk call that returns too few results has failed for every caller; it may have committed, so no second run."""
    started: list[Sequence[int]] = []

    async def short(items: Sequence[int]) -> list[int]:
        started.append(items)
        return [0]

    coalescer = Coalescer(short)
    results = await asyncio.gather(coalescer(1), coalescer(2), return_exceptions=True)
    assert [str(result) for result in results] == ["2 items, 1 results"] * 2
    assert [type(result) for result in results] == [ResultsMissing] * 2
    assert len(started) == 1


async def test_cancelled_while_waiting_is_never_run() -> None:
    """A caller that gives up in the queue leaves no trace, and its neighbours are served."""
    desk = Desk()
    coalescer = Coalescer(desk.run)
    calls = [asyncio.create_task(coalescer(item)) for item in (1, 2, 3)]
    await asyncio.sleep(0)
    calls[1].cancel()
    desk.gate.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [results[0], results[2]] == [10, 30]
    assert isinstance(results[1], asyncio.CancelledError)
    assert desk.committed == [1, 3]


async def test_cancelled_in_flight_harms_none() -> None:
    """A caller that gives up in flight misses its result; the bulk call goes on for all."""
    desk = Desk()
    coalescer = Coalescer(desk.run)
    calls = [asyncio.create_task(coalescer(item)) for item in (1, 2, 3)]
    await turns()
    calls[0].cancel()
    await turns()
    desk.gate.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert results[1:] == [20, 30]
    assert desk.committed == [1, 2, 3]


async def test_a_full_queue_refuses() -> None:
    """One call more than `queue_max` raises Overloaded at once; those who wait are served; then there is room again."""
    desk = Desk()
    coalescer = Coalescer(desk.run, queue_max=2)
    first = asyncio.create_task(coalescer(1))
    await turns()
    waiting = [asyncio.create_task(coalescer(item)) for item in (2, 3)]
    await turns()
    with pytest.raises(Overloaded, match="2 calls are waiting already; nothing was done"):
        await coalescer(4)
    waiting[0].cancel()
    await turns()
    late = asyncio.create_task(coalescer(5))
    desk.gate.set()
    served = [await call for call in (first, waiting[1], late)]
    assert served == [10, 30, 50]
    assert desk.committed == [1, 3, 5]


async def test_close_drains_and_then_refuses() -> None:
    """Closing serves everybody who came in time and refuses everybody after."""
    desk = Desk()
    coalescer = Coalescer(desk.run, batch_max=1)
    calls = [asyncio.create_task(coalescer(item)) for item in (1, 2, 3)]
    await turns()
    closing = asyncio.create_task(coalescer.close())
    await turns()
    with pytest.raises(Overloaded, match="closed"):
        await coalescer(4)
    desk.gate.set()
    await closing
    assert [call.result() for call in calls] == [10, 20, 30]


async def test_a_flight_that_is_cancelled_cancels_its_callers() -> None:
    """When the loop itself is stopped nobody waits for ever."""
    desk = Desk()
    coalescer = Coalescer(desk.run)
    call = asyncio.create_task(coalescer(1))
    await turns()
    for flight in coalescer._flights:
        flight.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    desk.gate.set()
    assert await coalescer(2) == 20


async def test_batches_do_not_run_in_a_caller_s_context() -> None:
    """A caller inside its own transaction (a context variable) does not lend it to strangers."""
    transaction: ContextVar[str] = ContextVar("transaction", default="none")

    async def run(items: Sequence[int]) -> list[str]:
        return [transaction.get() for _ in items]

    coalescer = Coalescer(run)
    transaction.set("the caller's")
    assert await coalescer(1) == "none"


@pytest.mark.parametrize("limits", [(0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, 1), (1, 1, 1, 0)])
def test_limits_are_positive(limits: tuple[int, int, int, int]) -> None:
    """A limit below 1 would wait for ever."""
    batch, queue, in_flight, attempts = limits
    with pytest.raises(ValueError, match="at least 1"):
        Coalescer(Desk().run, batch_max=batch, queue_max=queue, in_flight_max=in_flight, attempts_max=attempts)
