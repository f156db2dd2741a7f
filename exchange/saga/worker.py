"""The worker of sagas: takes jobs for brands that have room, and carries their exchanges on."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from brands import Directory, directory
from core.database import Connection, Database
from core.faults import Fault, fault_of
from core.ids import new_id
from core.jobs import BATCH, Job, JobRunner, enqueue
from exchange.brand_system import BrandSystems
from exchange.ports import SILENT, Outbox
from exchange.saga.guard import Guards
from exchange.saga.guard_reports import withdraw_reports, write_reports
from exchange.saga.jobs import OVERDUE_QUEUE
from exchange.saga.judging import external
from exchange.saga.runner import Saga
from exchange.saga.turn_writing import queue_of
from exchange.saga.turns import After, Rest
from members import MemberKeys

log = logging.getLogger("agio.saga")

REFRESH_SECONDS: Final = 2.0
"""How often the worker looks for programs that are new, and says how it sees the brands."""


class SagaWorker:
    """One process's worker. `guards` may be shared with whatever else in the process calls brands."""

    def __init__(
        self,
        database: Database,
        systems: BrandSystems,
        *,
        outbox: Outbox = SILENT,
        guards: Guards | None = None,
        keys: MemberKeys | None = None,
    ) -> None:
        self.guards = guards or Guards(systems)
        self._database = database
        self._known: Directory | None = None
        self._saga = Saga(database, self.guards, outbox=outbox, room=self._room, keys=keys)
        self._id = new_id()

    async def run(self, connection: Connection, *, running_max: int = 200) -> None:
        """Work until cancelled, with a connection that nobody else uses. Raises what a lost connection raises."""
        await self._refresh()
        runner = JobRunner(connection, self, running_max=running_max)
        self.guards.freed = runner.wake
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(runner.run())
                group.create_task(self._keep_fresh())
        finally:
            self.guards.freed = _nobody

    async def close(self) -> None:
        """Let what is in flight land, and leave what brands allow to the workers that go on."""
        await self._saga.close()
        try:
            async with self._database.connection() as connection:
                await withdraw_reports(connection, self._id)
        except Exception as error:
            if fault_of(error) is Fault.OWN:
                raise
            log.warning("this worker counts as alive for a while: %s", type(error).__name__)

    def rooms(self) -> Mapping[str, int]:
        """How many calls of each brand may begin now; what needs no brand may always."""
        assert self._known is not None, "it is read before anything else"
        outside = (program for program in self._known.programs.values() if external(program))
        return {queue_of(program.id, self._known): self.guards.room(program) for program in outside} | {
            OVERDUE_QUEUE: BATCH
        }

    async def perform(self, queue: str, exchange_id: UUID, begun: Callable[[], None]) -> None:
        """Carry an exchange on; what remains to be done has a job afterwards."""
        del queue
        after = await self._saga.advance(exchange_id, begun=begun)
        job = self._job_after(exchange_id, after)
        if job is not None:
            async with self._database.transaction() as connection:
                await enqueue(connection, [job])

    def _room(self, program_id: UUID) -> int:
        program = self._known.programs.get(program_id) if self._known else None
        return 0 if program is None else self.guards.room(program)

    def _job_after(self, exchange_id: UUID, after: After) -> Job | None:
        assert self._known is not None, "it is read before anything else"
        if isinstance(after, Rest):
            # Another worker is at it. Should it be gone, its lease runs out.
            return None if not after.leased or after.until is None else self._later(exchange_id, after)
        return Job(queue_of(after.program_id, self._known), exchange_id, f"{exchange_id}:{new_id()}")

    def _later(self, exchange_id: UUID, after: Rest) -> Job:
        assert after.until is not None, "a lease has an end"
        delay = max(after.until - self._database.clock.now(), timedelta(seconds=1))
        return Job(OVERDUE_QUEUE, exchange_id, f"{exchange_id}:lease {after.until.isoformat()}", delay)

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            await self._refresh()

    async def _refresh(self) -> None:
        async with self._database.connection() as connection:
            self._known = await directory(connection)
            self.guards.divide(*await write_reports(connection, self._id, self.guards.reports()))


def _nobody() -> None:
    pass
