"""What a program's points were worth, and when."""

from uuid import UUID

from brands.rate import Rate
from core.database import Connection

_HISTORY = """
SELECT id, program_id, version, sell_micro, buy_micro, fee_bp, valid_from, valid_to, submitted_by, approved_by
FROM brands_rate WHERE program_id = $1 ORDER BY version DESC
"""


async def rate_history(connection: Connection, program_id: UUID) -> list[Rate]:
    """Every rate of a program, the one in force first."""
    return [Rate(**row) for row in await connection.fetch(_HISTORY, program_id)]
