"""What the guards of all workers say: written by each for all, because nobody asks a worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from core.database import Connection
from exchange.saga.breaker import BreakerState
from exchange.saga.guard import GuardReport

FRESH: Final = timedelta(seconds=15)
"""How long a worker counts as alive after its last report."""

_WRITE: Final = """
WITH gone AS (DELETE FROM exchange_guard WHERE reported_at < clock_timestamp() - $7::interval)
INSERT INTO exchange_guard (worker_id, program, state, in_flight, waiting, retry_after_seconds, reason, reported_at)
SELECT $1, item.*, clock_timestamp()
FROM unnest($2::text[], $3::text[], $4::int[], $5::int[], $6::float8[], $8::text[]) AS item
ON CONFLICT (worker_id, program) DO UPDATE SET state = excluded.state, in_flight = excluded.in_flight,
    waiting = excluded.waiting, retry_after_seconds = excluded.retry_after_seconds,
    reason = excluded.reason, reported_at = excluded.reported_at
"""

_WITHDRAW: Final = "DELETE FROM exchange_guard WHERE worker_id = $1"

_WORKERS: Final = """
SELECT count(DISTINCT worker_id), count(DISTINCT worker_id) FILTER (WHERE worker_id < $2)
FROM exchange_guard WHERE reported_at >= clock_timestamp() - $1::interval
"""

_STATES: Final = """
SELECT program, state, in_flight, waiting, retry_after_seconds, reason, worker_id, reported_at FROM exchange_guard
WHERE reported_at >= clock_timestamp() - $1::interval ORDER BY program, worker_id
"""

ALIVE: Final = ""
"""The program of the line that says no more than that a worker is alive."""


@dataclass(frozen=True, slots=True)
class BrandGuard:
    """How one worker sees one brand."""

    worker_id: UUID
    report: GuardReport
    reported_at: datetime


async def write_reports(connection: Connection, worker_id: UUID, reports: Sequence[GuardReport]) -> tuple[int, int]:
    """Say how this worker sees the brands; how many workers are alive, and how many of them come before it."""
    lines = [GuardReport(ALIVE, BreakerState.CLOSED, 0, 0, 0.0), *reports]
    await connection.execute(
        _WRITE,
        worker_id,
        [line.program for line in lines],
        [line.state.value for line in lines],
        [line.in_flight for line in lines],
        [line.waiting for line in lines],
        [line.retry_after_seconds for line in lines],
        FRESH,
        [line.reason for line in lines],
    )
    row = await connection.fetchrow(_WORKERS, FRESH, worker_id)
    assert row is not None, "an aggregate has one row"
    return max(row[0], 1), row[1]


async def withdraw_reports(connection: Connection, worker_id: UUID) -> None:
    """The worker ends: its share of what brands allow goes to the others."""
    await connection.execute(_WITHDRAW, worker_id)


async def brand_guards(connection: Connection) -> list[BrandGuard]:
    """How the workers that are alive see the brands."""
    return [
        BrandGuard(
            row["worker_id"],
            GuardReport(
                row["program"],
                BreakerState(row["state"]),
                row["in_flight"],
                row["waiting"],
                row["retry_after_seconds"],
                row["reason"],
            ),
            row["reported_at"],
        )
        for row in await connection.fetch(_STATES, FRESH)
        if row["program"] != ALIVE
    ]
