"""A brand has told that it decided: the inquiry that would come later is made now. Its word alone decides nothing."""

import re
from typing import Final
from uuid import UUID

from brands import Program, directory
from core.database import Database
from core.jobs import Job, enqueue
from exchange.saga.turn_writing import queue_of

_REFERENCE: Final = re.compile(r"([0-9a-f]{32})-[a-z]+-[a-z]+(?:-[0-9]+)?", re.ASCII)

_HURRY: Final = """
UPDATE exchange_errand SET due_at = coalesce($3::timestamptz, clock_timestamp())
WHERE exchange_id = $1 AND program_id = $2 AND mode = 'ASK'
    AND due_at > coalesce($3::timestamptz, clock_timestamp())
    AND (lease_until IS NULL OR lease_until <= coalesce($3::timestamptz, clock_timestamp()))
RETURNING id, attempts
"""


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
