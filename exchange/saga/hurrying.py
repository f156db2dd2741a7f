"""What makes calls come earlier: a brand has told that it decided, or stated it, or its credentials are new.

A brand's word alone decides nothing: the inquiry that would come later is made now.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from brands import Program, directory
from core.clock import Clock
from core.database import Connection, Database
from core.jobs import Job, enqueue
from exchange.saga.errands import exchange_of
from exchange.saga.plans import LOCKED_OUT
from exchange.saga.turn_writing import queue_of

_GIVEN_UP: Final = """
WITH named AS (
    SELECT unnest($2::uuid[]) AS exchange_id UNION SELECT exchange_id FROM exchange_reversal WHERE id = ANY($2::uuid[])
)
SELECT errand.id FROM named JOIN exchange_errand AS errand USING (exchange_id)
WHERE program_id = $1 AND mode = 'ASK' AND due_at IS NULL AND outcome = 'ABSENT' AND sends > 0
"""

_ASK: Final = """
WITH free AS (
    SELECT id FROM exchange_errand WHERE id = ANY($1::uuid[]) AND due_at IS NULL AND outcome = 'ABSENT'
        AND (lease_until IS NULL OR lease_until <= coalesce($2::timestamptz, clock_timestamp()))
    ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE exchange_errand AS errand SET due_at = coalesce($2::timestamptz, clock_timestamp())
FROM free WHERE errand.id = free.id
RETURNING errand.id, errand.exchange_id, errand.attempts
"""

_HURRY: Final = """
UPDATE exchange_errand SET due_at = coalesce($3::timestamptz, clock_timestamp())
WHERE exchange_id = $1 AND program_id = $2 AND mode = 'ASK'
    AND (due_at > coalesce($3::timestamptz, clock_timestamp()) OR due_at IS NULL AND outcome = 'ABSENT' AND sends > 0)
    AND (lease_until IS NULL OR lease_until <= coalesce($3::timestamptz, clock_timestamp()))
RETURNING id, attempts
"""


_NEW_CREDENTIALS: Final = """
UPDATE exchange_errand AS errand SET due_at = coalesce($2::timestamptz, clock_timestamp()) + $3::interval
FROM exchange_case AS cases
WHERE cases.errand_id = errand.id AND cases.closed_at IS NULL AND cases.reason = $4
    AND errand.program_id = $1 AND errand.outcome IS NULL
    AND errand.due_at > coalesce($2::timestamptz, clock_timestamp()) + $3::interval
    AND (errand.lease_until IS NULL OR errand.lease_until <= coalesce($2::timestamptz, clock_timestamp()))
RETURNING errand.id, errand.exchange_id, errand.attempts
"""

SECRETS_READ_AFTER: Final = timedelta(seconds=31)
"""By when every process uses a secret that has just been set."""


async def try_new_credentials(database: Database, program: Program) -> int:
    """Go on with everything that the program's brand refused our credentials for; how much that is."""
    async with database.transaction() as connection:
        rows = await connection.fetch(
            _NEW_CREDENTIALS, program.id, database.clock.pinned, SECRETS_READ_AFTER, LOCKED_OUT
        )
        queue = queue_of(program.id, await directory(connection))
        jobs = [
            Job(queue, row["exchange_id"], f"{row['id']}:credentials {row['attempts']}", SECRETS_READ_AFTER)
            for row in rows
        ]
        await enqueue(connection, jobs)
    return len(rows)


async def given_up_among(connection: Connection, program: Program, ids: Collection[UUID]) -> list[UUID]:
    """Of these exchanges and reversals, the errands to the program's system that were given up, and may be done yet."""
    return [row["id"] for row in await connection.fetch(_GIVEN_UP, program.id, list(ids))]


async def ask_again(connection: Connection, program: Program, errand_ids: Collection[UUID], clock: Clock) -> int:
    """Ask the system now what became of errands that were given up; about how many. What is busy is left alone."""
    rows = await connection.fetch(_ASK, list(errand_ids), clock.pinned)
    queue = queue_of(program.id, await directory(connection))
    jobs = [Job(queue, row["exchange_id"], f"{row['id']}:stated {row['attempts']}") for row in rows]
    await enqueue(connection, jobs)
    return len(rows)


async def hurry(database: Database, program: Program, reference: str) -> bool:
    """Ask the program's system now about what it told of under `reference`; whether anything waited for that."""
    exchange_id = exchange_of(reference)
    if exchange_id is None:
        return False
    async with database.transaction() as connection:
        rows = await connection.fetch(_HURRY, exchange_id, program.id, database.clock.pinned)
        queue = queue_of(program.id, await directory(connection))
        await enqueue(connection, [Job(queue, exchange_id, f"{row['id']}:told {row['attempts']}") for row in rows])
    return bool(rows)
