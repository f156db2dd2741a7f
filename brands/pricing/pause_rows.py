"""Pauses in the database."""

from datetime import datetime
from typing import Final
from uuid import UUID

from brands.prices import Pause
from core.database import Connection

_PAUSE: Final = """
INSERT INTO brands_rate_pause (id, source_id, target_id, moved_bp, reason, since) VALUES ($1, $2, $3, $4, $5, $6)
"""
_END: Final = """
UPDATE brands_rate_pause SET resumed_at = greatest($2, since) WHERE id = $1 AND resumed_at IS NULL
"""


async def write_pause(connection: Connection, pause: Pause) -> None:
    """Stop what the pause covers."""
    values = pause.id, pause.source_id, pause.target_id, pause.moved_bp, pause.reason, pause.since
    await connection.execute(_PAUSE, *values)


async def end_pause(connection: Connection, pause_id: UUID, instant: datetime) -> None:
    """Let it go on."""
    await connection.execute(_END, pause_id, instant)
