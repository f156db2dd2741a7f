"""Jobs: PgQueuer's queue in our database, enqueued in the transaction that needs them.

The table and the ways to take jobs from it are PgQueuer's; its log and its statistics are left out, because what a job
did is told by the rows it changed. A job is a hint that something is due, and never the only place that says so: what
performs it looks at its own row, so that a job lost, done twice or done late changes nothing.

A worker that is killed leaves its jobs behind as picked; another one takes them once their heartbeat is
`HEARTBEAT_SECONDS` old. PgQueuer does not count that as an attempt: whoever counts, counts in a row of their own.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Protocol
from uuid import UUID

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import Job as TakenJob
from pgqueuer.domain.types import JobId, QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from core.database import Connection
from core.faults import Fault, fault_of
from core.ids import new_id

log = logging.getLogger("agio.jobs")

CHANNEL: Final = "ch_pgqueuer"
HEARTBEAT_SECONDS: Final = 10.0
"""How old the heartbeat of a job is when its worker counts as dead."""
POLL_SECONDS: Final = 0.5
"""The longest rest: what becomes due by the passing of time is found this late at most."""
GATHER_SECONDS: Final = 0.01
"""How long a runner with work waits for more to end or to come before it looks again: a look is two statements."""
BATCH: Final = 50
SETTINGS: Final[Mapping[str, str]] = MappingProxyType({"synchronous_commit": "off", "enable_seqscan": "off"})
"""Of a runner's connection. Taking and forgetting jobs wait for no disk: after a crash of the server a job may come
back, that is all. Looks keep to indexes: their plan is made while few jobs wait, and kept when there are thousands."""


@dataclass(frozen=True, slots=True)
class Job:
    """A hint that something is due."""

    queue: str
    """PgQueuer's entrypoint: jobs of one queue are held back together."""
    subject_id: UUID
    """What it is about."""
    key: str
    """Of several jobs with one key only the first waits."""
    delay: timedelta = timedelta()


_ENQUEUE: Final = """
INSERT INTO pgqueuer (priority, entrypoint, payload, execute_after, dedupe_key, status)
SELECT 0, queue, uuid_send(subject_id), now() + delay, key, 'queued'
FROM unnest($1::text[], $2::uuid[], $3::text[], $4::interval[]) AS job (queue, subject_id, key, delay)
ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING
"""

_DONE: Final = "DELETE FROM pgqueuer WHERE id = ANY($1::bigint[])"

_BACK: Final = "UPDATE pgqueuer SET status = 'queued', queue_manager_id = NULL WHERE id = ANY($1::bigint[])"


async def enqueue(connection: Connection, jobs: Sequence[Job]) -> None:
    """Enqueue in the caller's transaction; what waits already under the same key is left as it is."""
    if jobs:
        await connection.execute(
            _ENQUEUE,
            [job.queue for job in jobs],
            [job.subject_id for job in jobs],
            [job.key for job in jobs],
            [job.delay for job in jobs],
        )


class Queues(Protocol):
    """Which queues there are, and which of them may be served now."""

    def rooms(self) -> Mapping[str, int]:
        """How many further jobs of each queue may begin now. It is asked before every look into the table.

        Jobs that were taken and have not begun yet do not count.
        """
        ...

    async def perform(self, queue: str, subject_id: UUID, begun: Callable[[], None]) -> None:
        """Do a job. `begun` is to be called as soon as `rooms` takes it into account."""
        ...


class JobRunner:
    """Takes jobs of open queues and performs them, many at a time, with a connection of its own, with `SETTINGS`."""

    def __init__(
        self,
        connection: Connection,
        queues: Queues,
        *,
        running_max: int = 200,
    ) -> None:
        self._driver = AsyncpgDriver(connection)
        self._queries = Queries(self._driver)
        self._queues = queues
        self._running_max = running_max
        self._me = QueueManagerId(new_id())
        self._awake = asyncio.Event()
        self._running: dict[JobId, asyncio.Task[None]] = {}
        self._boarding: dict[JobId, str] = {}
        """Taken and not begun, with their queues."""
        self._done: list[JobId] = []
        self._hungry = False
        """Whether there may be more to take as soon as something has ended."""
        self._brought = False
        """Whether the last looks brought anything, or what they brought before has not begun."""
        self._crowded: list[str] = []
        """Queues in which more waits than there is room for, or than the others should wait for; in turn."""

    def wake(self) -> None:
        """Look again now: a queue has room, or a job was enqueued."""
        self._awake.set()

    async def run(self) -> None:
        """Work until cancelled. Raises what the connection raises when it is lost."""
        await self._driver.add_listener(CHANNEL, lambda _: self.wake())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._beat())
                group.create_task(self._serve())
        finally:
            await self._stop()

    async def _stop(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self) -> None:
        while True:
            self._awake.clear()
            await self._forget_done()
            taken = await self._take()
            if not taken:
                await self._rest()

    async def _take(self) -> bool:
        """Start what is due; whether it is worth looking again at once."""
        rooms = self._rooms()
        self._hungry = True
        if not rooms or len(self._running) >= self._running_max:
            return False
        # Jobs come in the order in which they were made: whoever has thousands must not stand before all others.
        crowded = [queue for queue in self._crowded if queue in rooms]
        self._brought = bool(self._boarding)
        again = await self._look(rooms, [queue for queue in rooms if queue not in crowded], BATCH)
        for queue in crowded:
            again |= await self._look(rooms, [queue], min(rooms[queue], BATCH))
        # Not before: what ends during a look must be heard, too.
        self._hungry = self._brought
        return again

    async def _look(self, rooms: dict[str, int], queues: Collection[str], most: int) -> bool:
        """Start what is due in some queues; whether more of it may be and has room."""
        size = min(most, self._running_max - len(self._running))
        if size <= 0 or not queues:
            return False
        jobs = await self._queries.dequeue(
            batch_size=size,
            entrypoints={QueueEntrypoint(name): EntrypointExecutionParameter(0) for name in queues},
            queue_manager_id=self._me,
            global_concurrency_limit=None,
            heartbeat_timeout=timedelta(seconds=HEARTBEAT_SECONDS),
        )
        self._brought |= bool(jobs)
        # A look may bring more jobs of a queue than it has room for.
        surplus = [job for job in jobs if job.id not in self._running and not self._started(job, rooms)]
        if surplus:
            await self._driver.execute(_BACK, [job.id for job in surplus])
        full = len(jobs) == size
        found = Counter(str(job.entrypoint) for job in jobs)
        waiting = {queue for queue, number in found.items() if full and number > size // 2}
        waiting.update(str(job.entrypoint) for job in surplus)
        self._crowded = [queue for queue in self._crowded if queue not in queues] + sorted(waiting)
        return full and any(rooms[queue] for queue in queues)

    def _rooms(self) -> dict[str, int]:
        boarding = Counter(self._boarding.values())
        left = {queue: room - boarding[queue] for queue, room in self._queues.rooms().items()}
        return {queue: room for queue, room in left.items() if room > 0}

    def _started(self, job: TakenJob, rooms: dict[str, int]) -> bool:
        queue = str(job.entrypoint)
        if rooms[queue] < 1:
            return False
        rooms[queue] -= 1
        assert job.payload is not None, "a job is about something"
        self._boarding[job.id] = queue
        self._running[job.id] = asyncio.create_task(self._run_one(job.id, queue, UUID(bytes=job.payload)))
        return True

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._awake.wait()
        except TimeoutError:
            return
        if self._running:
            await asyncio.sleep(GATHER_SECONDS)

    async def _run_one(self, job_id: JobId, queue: str, subject_id: UUID) -> None:
        def begun() -> None:
            self._boarding.pop(job_id, None)

        try:
            await self._queues.perform(queue, subject_id, begun)
            self._done.append(job_id)
        except Exception as error:
            if fault_of(error) is Fault.OWN:
                # A bug would fail again and again: the sweep brings it back once a minute, not more often.
                log.exception("a job of %s failed", queue)
                self._done.append(job_id)
            else:
                log.warning("a job of %s is left for later: %s", queue, type(error).__name__)
        finally:
            begun()
            del self._running[job_id]
            if self._hungry:
                self._awake.set()

    async def _forget_done(self) -> None:
        if self._done:
            done, self._done = self._done, []
            await self._driver.execute(_DONE, done)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS / 4)
            if self._running:
                await self._queries.update_heartbeat(list(self._running))
