"""What makes calls come earlier: a brand has told that it decided, or its credentials are new.

A brand's word alone decides nothing: the inquiry that would come later is made now.
"""

import re
from datetime import timedelta
from typing import Final
from uuid import UUID

from brands import Program, directory
from core.database import Database
from core.jobs import Job, enqueue
from exchange.saga.plans import LOCKED_OUT
from exchange.saga.turn_writing import queue_of

_REFERENCE: Final = re.compile(r"([0-9a-f]{32})-[a-z]+-[a-z]+(?:-[0-9]+)?", re.ASCII)

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


async def hurry(database: Database, program: Program, reference: str) -> bool:
    """Ask the program's system now about what it told of under `reference`; whether anything waited for that."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return False
    exchange_id = UUID(hex=found[1])
    async with database.transaction() as connection:
        rows = await connection.fetch(_HURRY, exchange_id, program.id, database.clock.pinned)
        queue = queue_of(program.id, await directory(connection))
        await enqueue(connection, [Job(queue, exchange_id, f"{row['id']}:told {row['attempts']}") for row in rows])
    return bool(rows)
