"""What is due, and the sweep that finds what no job stands for any more."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from brands import directory
from core.database import Connection, Database
from core.jobs import Job, enqueue
from exchange.saga.turn_writing import queue_of

OVERDUE_QUEUE: Final = "exchange"
"""For what needs no brand: it is served however many brands do not answer."""

SWEEP_MAX: Final = 5_000
"""Jobs that one sweep enqueues of either kind."""

GRACE: Final = timedelta(seconds=5)
"""How long something may be due before the sweep takes its job to be lost."""

_DUE: Final = """
SELECT exchange_id FROM exchange_errand
WHERE due_at <= coalesce($1::timestamptz, clock_timestamp()) - $2::interval
    AND (lease_until IS NULL OR lease_until <= coalesce($1::timestamptz, clock_timestamp()))
GROUP BY exchange_id ORDER BY min(due_at), exchange_id LIMIT $3
"""

_LOST: Final = """
SELECT errand.exchange_id, errand.program_id, named.key
FROM exchange_errand AS errand
CROSS JOIN LATERAL (
    SELECT concat(errand.id, ':', errand.attempts, CASE WHEN errand.outcome IS NOT NULL THEN 'w' END) AS key
) AS named
WHERE errand.due_at <= clock_timestamp() - $1::interval
    AND (errand.lease_until IS NULL OR errand.lease_until <= clock_timestamp())
    AND named.key NOT IN (SELECT dedupe_key FROM pgqueuer WHERE status IN ('queued', 'picked')
        AND dedupe_key IS NOT NULL)
ORDER BY errand.due_at LIMIT $2
"""
# Not in: the keys of all jobs are read once. Whether they exist was asked for each errand anew, where that was planned
# while few jobs waited: ten thousand times ten thousand.

_OVERDUE: Final = """
SELECT errand.exchange_id, errand.id::text || ':overdue' AS key
FROM exchange_errand AS errand
WHERE errand.deadline_at <= clock_timestamp() - $1::interval AND errand.due_at IS NOT NULL AND errand.outcome IS NULL
    AND (errand.lease_until IS NULL OR errand.lease_until <= clock_timestamp())
ORDER BY errand.deadline_at LIMIT $2
"""

_ONE_SWEEPER: Final = "SELECT pg_try_advisory_xact_lock(hashtextextended('exchange.saga.sweep', 0))"


async def due_exchanges(database: Database, *, count: int = SWEEP_MAX) -> list[UUID]:
    """The exchanges with a call to make now, by the database's own look; the longest due first."""
    async with database.connection() as connection:
        rows = await connection.fetch(_DUE, database.clock.pinned, timedelta(), count)
    return [row["exchange_id"] for row in rows]


async def sweep(database: Database) -> int:
    """Enqueue everything that is due and has no job, and what is overdue at brands that are not called; how much."""
    async with database.transaction() as connection:
        if not await connection.fetchval(_ONE_SWEEPER):
            return 0
        jobs = [*await _lost(connection), *await _overdue(connection)]
        await enqueue(connection, jobs)
    return 0 if len(jobs) < SWEEP_MAX else len(jobs)


async def _lost(connection: Connection) -> list[Job]:
    rows = await connection.fetch(_LOST, GRACE, SWEEP_MAX)
    known = await directory(connection)
    return [Job(queue_of(row["program_id"], known), row["exchange_id"], row["key"]) for row in rows]


async def _overdue(connection: Connection) -> list[Job]:
    rows = await connection.fetch(_OVERDUE, GRACE, SWEEP_MAX)
    return [Job(OVERDUE_QUEUE, row["exchange_id"], row["key"]) for row in rows]
