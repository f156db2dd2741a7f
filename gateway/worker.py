"""What has to happen without anybody asking: expiry, sealing, partitions. Every job is idempotent and may run anywhere.

A plain loop for now: each job says how long it may rest, and runs again at once while it finds work. Two workers may
run side by side; each job takes its own lock in the database.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import ledger
from core.database import Database
from core.faults import Fault, fault_of
from exchange import CrossingKind, expire_points, forget_quotes, watch_caps
from exchange.saga.jobs import sweep
from rights import expire_grants
from settlement import settle_due
from settlement.lapsing import lapse_impossible
from settlement.reconciliation.jobs import compare_again, keep_late, tell_overdue
from webhooks import WebhookOutbox, forget_events

log = logging.getLogger("agio.worker")

MINUTE_SECONDS = 60.0
HOUR_SECONDS = 3_600.0
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again."""

    name: str
    rest_seconds: float
    """Between runs that found nothing more to do."""
    run: Callable[[Database], Awaitable[int]]
    """How much was done; 0: nothing is left."""


async def _open_months(database: Database) -> int:
    async with database.connection() as connection:
        await ledger.ensure_partitions(connection, database.clock.now())
    return 0


async def _seal(database: Database) -> int:
    await ledger.seal(database)
    return 0


async def _compare_again(database: Database) -> int:
    await compare_again(database)
    return 0


async def _close_impossible(database: Database) -> int:
    await lapse_impossible(database)
    return 0


async def _keep_late(database: Database) -> int:
    await keep_late(database)
    return 0


async def _watch_caps(database: Database) -> int:
    await watch_caps(database, outbox=WebhookOutbox(database.clock), kinds=[CrossingKind.PERCENT])
    return 0


async def _watch_paces(database: Database) -> int:
    await watch_caps(database, outbox=WebhookOutbox(database.clock), kinds=[CrossingKind.HOURS])
    return 0


JOBS = (
    Job("open months", DAY_SECONDS, _open_months),
    Job("seal", 5.0, _seal),
    Job("time out pending transfers", MINUTE_SECONDS, ledger.expire_pending),
    Job("expire points", MINUTE_SECONDS, expire_points),
    Job("expire rights", MINUTE_SECONDS, expire_grants),
    Job("find lost exchanges", MINUTE_SECONDS, sweep),
    Job("settle", MINUTE_SECONDS, settle_due),
    Job("close impossible proposals", 10 * MINUTE_SECONDS, _close_impossible),
    Job("keep breaks of late successes", MINUTE_SECONDS, _keep_late),
    Job("compare brands' statements again", HOUR_SECONDS, _compare_again),
    Job("tell overdue breaks", HOUR_SECONDS, tell_overdue),
    Job("watch caps", 5.0, _watch_caps),
    Job("watch the pace of caps", MINUTE_SECONDS, _watch_paces),
    Job("forget old quotes", HOUR_SECONDS, forget_quotes),
    Job("forget old webhooks", HOUR_SECONDS, forget_events),
)
"""The jobs that need nothing but the database."""


async def work(database: Database, further: Sequence[Job] = ()) -> None:
    """Run all jobs, and those that are given, until cancelled."""
    async with asyncio.TaskGroup() as group:
        for job in (*JOBS, *further):
            group.create_task(_repeat(job, database))


async def _repeat(job: Job, database: Database) -> None:
    """A job with a bug says so each time, and neither ends its neighbours nor the server that it runs beside."""
    while True:
        try:
            rest_seconds = 0 if await run_once(job, database) else job.rest_seconds
        except Exception:
            log.exception("%s failed, and is tried again later", job.name)
            rest_seconds = max(job.rest_seconds, MINUTE_SECONDS)
        await asyncio.sleep(rest_seconds)


async def run_once(job: Job, database: Database) -> int:
    """Run a job. A failure of the machinery is logged and counts as nothing done; a bug is raised."""
    try:
        return await job.run(database)
    except Exception as exception:
        if fault_of(exception) is Fault.OWN:
            raise
        log.warning("%s: %s", job.name, type(exception).__name__)
        return 0
