"""Forgetting quotes nobody took up: every look at the wallet makes some, and hardly any becomes an exchange."""

from datetime import timedelta
from typing import Final

from core.database import Database

KEPT: Final = timedelta(days=1)
"""How long after its end a quote is kept, for whoever asks what became of it."""

_FORGET: Final = """
WITH old AS (
    SELECT id FROM exchange_quote WHERE expires_at < coalesce($1::timestamptz, clock_timestamp()) - $2::interval
    LIMIT $3
), gone AS (
    DELETE FROM exchange_quote USING old WHERE exchange_quote.id = old.id RETURNING 1
)
SELECT count(*) FROM gone
"""


async def forget_quotes(database: Database, *, count_max: int = 10_000) -> int:
    """Remove at most `count_max` quotes that ended more than a day ago; how many. Exchanges keep their own terms."""
    async with database.connection() as connection:
        return int(await connection.fetchval(_FORGET, database.clock.pinned, KEPT, count_max))
