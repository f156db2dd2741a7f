"""Jobs are taken as far as there is room for them, and nobody's backlog stands before the others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from core.database import Connection, Database
from core.ids import new_id
from core.jobs import BATCH, HEARTBEAT_SECONDS, SETTINGS, Job, JobRunner, enqueue
from exchange.saga.jobs import _LOST, GRACE, SWEEP_MAX

_STATES = "SELECT status::text, count(*) FROM pgqueuer WHERE entrypoint = $1 GROUP BY 1 ORDER BY 1"
_CHANGED = "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'pgqueuer'"
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
    async with database.own_connection(**SETTINGS) as connection:
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


async def test_a_backlog_is_left_where_it_is(database: Database, superuser: Connection) -> None:
    """Whenever one of the few that may run has ended, the next is taken, and not as many as a look can bring."""

    class Busy(Desk):
        freed: Callable[[], None] = staticmethod(lambda: None)

        async def perform(self, queue: str, subject_id: UUID, begun: Callable[[], None]) -> None:
            self.running[queue] += 1
            begun()
            await asyncio.sleep(0.002 * (1 + subject_id.int % 7))
            self.running[queue] -= 1
            self.done[queue] += 1
            self.freed()

    desk = Busy({"slow": 4, "quick": 20})
    await give(database, "slow", 1_000)
    async with database.own_connection() as connection:
        runner = JobRunner(connection, desk)
        desk.freed = runner.wake
        task = asyncio.create_task(runner.run())
        await desk.until_done("slow", 100)
        await give(database, "quick", 10)
        await desk.until_done("quick", 10)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    done, changed = desk.done.total(), 0
    async with asyncio.timeout(10):
        while changed < done:
            await asyncio.sleep(0.05)
            await superuser.execute("SELECT pg_stat_clear_snapshot()")
            changed = await superuser.fetchval(_CHANGED)
    assert changed < done + 4 * BATCH


async def test_a_look_does_not_walk_past_a_backlog(database: Database, superuser: Connection) -> None:
    """Not even when it was planned while there was next to nothing."""
    async with database.own_connection(**SETTINGS, plan_cache_mode="force_generic_plan") as connection:
        queries = Queries(AsyncpgDriver(connection))

        async def look() -> int:
            jobs = await queries.dequeue(
                batch_size=BATCH,
                entrypoints={QueueEntrypoint("quick"): EntrypointExecutionParameter(0)},
                queue_manager_id=QueueManagerId(new_id()),
                global_concurrency_limit=None,
                heartbeat_timeout=timedelta(seconds=HEARTBEAT_SECONDS),
            )
            await connection.execute("DELETE FROM pgqueuer WHERE id = ANY($1::bigint[])", [job.id for job in jobs])
            return len(jobs)

        for place in range(30):
            await give(database, "quick", 2)
            await look()
            if place == 15:
                await superuser.execute("VACUUM ANALYZE pgqueuer")
        await give(database, "silent", 3_000)
        name = await connection.fetchval("SELECT name FROM pg_prepared_statements WHERE statement LIKE '%next_queued%'")
        looked = await connection.fetch(f"EXPLAIN EXECUTE {name}(50, '{{quick}}', '{new_id()}', '10 s')")
        plan = "\n".join(row[0] for row in looked)
        assert "Index Scan using pgqueuer_ep_prio_id_idx on pgqueuer candidate" in plan
        assert "Seq Scan on pgqueuer" not in plan


async def test_the_sweep_reads_all_jobs_once(database: Database) -> None:
    """However many errands it asks about: never once for each."""
    async with database.connection() as connection:
        plan = await connection.fetch(f"EXPLAIN {_LOST}", GRACE, SWEEP_MAX)
    assert "hashed SubPlan" in "\n".join(row[0] for row in plan)
