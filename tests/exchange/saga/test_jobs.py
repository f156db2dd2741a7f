"""Jobs are taken as far as there is room for them, and nobody's backlog stands before the others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

from core.database import Connection, Database
from core.ids import new_id
from core.jobs import BATCH, Job, JobRunner, enqueue

_STATES = "SELECT status::text, count(*) FROM pgqueuer WHERE entrypoint = $1 GROUP BY 1 ORDER BY 1"
_UNOWNED = "SELECT count(*) FROM pgqueuer WHERE status = 'queued' AND queue_manager_id IS NOT NULL"


@dataclass
class Desk:
    """Performs jobs: each takes a moment to begin, and another one to end."""

    lines: Mapping[str, int]
    """Jobs at once, by queue."""
    stuck: Collection[str] = ()
    """Queues whose jobs never end."""
    running: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    def rooms(self) -> Mapping[str, int]:
        """What is free by now."""
        return {queue: lines - self.running[queue] for queue, lines in self.lines.items()}

    async def perform(self, queue: str, subject_id: UUID, begun: Callable[[], None]) -> None:
        """Count it."""
        del subject_id
        await asyncio.sleep(0.005)
        self.running[queue] += 1
        begun()
        self.most[queue] = max(self.most[queue], self.running[queue])
        try:
            await (asyncio.Event().wait() if queue in self.stuck else asyncio.sleep(0.005))
        finally:
            self.running[queue] -= 1
        self.done[queue] += 1

    async def until_done(self, queue: str, number: int) -> None:
        """Wait until so many were done."""
        async with asyncio.timeout(20):
            while self.done[queue] < number:  # noqa: ASYNC110 - what is counted is done by several
                await asyncio.sleep(0.01)


@asynccontextmanager
async def at_work(database: Database, desk: Desk) -> AsyncIterator[None]:
    """A runner that works meanwhile."""
    async with database.own_connection() as connection:
        task = asyncio.create_task(JobRunner(connection, desk).run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def give(database: Database, queue: str, number: int) -> None:
    """Enqueue so many jobs."""
    async with database.transaction() as connection:
        await enqueue(connection, [Job(queue, new_id(), str(new_id())) for _ in range(number)])


async def test_no_more_begin_than_there_is_room_for(database: Database, superuser: Connection) -> None:
    """Also while those that were taken have not begun; what was taken beyond goes back, and all are done in the end."""
    desk = Desk({"narrow": 2, "wide": 40})
    await give(database, "narrow", BATCH + 10)
    await give(database, "wide", 2 * BATCH)
    async with at_work(database, desk):
        await desk.until_done("narrow", BATCH + 10)
        await desk.until_done("wide", 2 * BATCH)
    assert desk.done == {"narrow": BATCH + 10, "wide": 2 * BATCH}
    assert desk.most["narrow"] == 2
    assert desk.most["wide"] <= 40
    assert await superuser.fetchval(_UNOWNED) == 0


async def test_a_backlog_does_not_stand_before_others(database: Database, superuser: Connection) -> None:
    """Thousands wait for a brand that does not answer; one of them is tried, and everybody else's jobs are done."""
    desk = Desk({"silent": 1, "quick": 5}, stuck={"silent"})
    await give(database, "silent", 3_000)
    await give(database, "quick", 100)
    async with at_work(database, desk):
        await desk.until_done("quick", 100)
        assert desk.most["silent"] == 1
        assert [tuple(row) for row in await superuser.fetch(_STATES, "silent")] == [("picked", 1), ("queued", 2_999)]
        assert await superuser.fetchval(_UNOWNED) == 0


async def test_whoever_waited_for_one_that_came_to_nothing_goes_on(database: Database) -> None:
    """A job that ends without ever having begun leaves its place."""

    class Idle(Desk):
        async def perform(self, queue: str, subject_id: UUID, begun: Callable[[], None]) -> None:
            del subject_id, begun
            await asyncio.sleep(0)
            self.done[queue] += 1

    desk = Idle({"narrow": 1})
    await give(database, "narrow", 100)
    async with at_work(database, desk):
        await desk.until_done("narrow", 100)
