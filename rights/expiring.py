"""Taking back what nobody used in time."""

from typing import Final

from core.database import Database
from core.locks import lock_keys
from rights.grants import read_grants
from rights.legs import expiry_leg
from rights.posting import post_legs

BATCH_MAX: Final = 500
"""Grants that one call closes."""

_DUE = """
SELECT held.* FROM rights_grant held
WHERE valid_until <= $1 AND NOT EXISTS (SELECT FROM rights_expiry closed WHERE closed.grant_id = held.id)
ORDER BY valid_until, id LIMIT $2
"""
_INSERT = """
INSERT INTO rights_expiry (grant_id, uses, expired_at) SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[])
"""


async def expire_grants(database: Database, *, batch_max: int = BATCH_MAX) -> int:
    """Post the unused uses of grants whose validity is over; how many grants were closed. Call again until it is 0."""
    async with database.transaction() as connection:
        await lock_keys(connection, "rights.expiry", ["all"])
        instant = database.clock.now()
        due = await read_grants(connection, _DUE, instant, batch_max)
        legs = {grant.id: [expiry_leg(grant.id, grant.right, grant.uses_left)] for grant in due if grant.uses_left}
        await post_legs(connection, database.clock, legs)
        uses = [grant.uses_left for grant in due]
        await connection.execute(_INSERT, [grant.id for grant in due], uses, [instant] * len(due))
        return len(due)
