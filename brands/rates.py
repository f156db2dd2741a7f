"""What points were worth, and when."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from brands.rate import Fee, Rate
from core.database import Connection

_HISTORY = """
SELECT * FROM brands_rate
WHERE program_id = $1 AND target_id IS NOT DISTINCT FROM $2
    AND ($3::timestamptz IS NULL OR valid_from <= $3 AND (valid_to IS NULL OR $3 < valid_to))
ORDER BY version DESC
"""

_BY_ID = "SELECT * FROM brands_rate WHERE id = ANY($1::uuid[])"

_fees = msgspec.json.Decoder(dict[str, Fee])


async def rate_history(
    connection: Connection, program_id: UUID, target_id: UUID | None = None, *, at: datetime | None = None
) -> list[Rate]:
    """Every rate of a program, or of the pair with `target_id`, latest version first; with `at`: what held."""
    return [_rate(row) for row in await connection.fetch(_HISTORY, program_id, target_id, at)]


async def rates_by_id(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Rate]:
    """The rates that exist among `ids`."""
    return {row["id"]: _rate(row) for row in await connection.fetch(_BY_ID, list(ids))}


def _rate(row: asyncpg.Record) -> Rate:
    return Rate(
        row["sell_micro"],
        row["buy_micro"],
        row["fee_bp"],
        row["fee_fixed_micro"],
        _fees.decode(row["tier_fees"]),
        id=row["id"],
        program_id=row["program_id"],
        target_id=row["target_id"],
        version=row["version"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        submitted_by=row["submitted_by"],
        approved_by=row["approved_by"],
    )
