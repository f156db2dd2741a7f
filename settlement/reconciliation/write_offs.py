"""What was written off because of breaks, as it was recorded. Amounts are positive when the participant gains."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database import Connection


@dataclass(frozen=True, slots=True)
class WriteOff:
    """Money that the operator's position gave to a participant's, or took back, by the decision of two persons."""

    id: UUID
    """Also the id and the reference of its transfer."""
    break_id: UUID
    participant_id: UUID
    amount_micro: int
    kind: str = "WRITE_OFF"


async def write_offs_by_id(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, WriteOff]:
    """The write-offs that exist among `ids`."""
    return {row["id"]: WriteOff(*row.values()) for row in await connection.fetch(_BY_ID, ids)}


async def keep_write_off(connection: Connection, it: WriteOff, proposal_id: UUID, recorded_at: datetime) -> None:
    """Write a new one."""
    moved = it.participant_id, it.amount_micro, recorded_at, it.kind
    await connection.execute(_KEEP, it.id, it.break_id, proposal_id, *moved)


_BY_ID = """
SELECT id, break_id, participant_id, amount_micro, kind FROM settlement_write_off WHERE id = ANY($1::uuid[])
"""

_KEEP = """
INSERT INTO settlement_write_off (id, break_id, proposal_id, participant_id, amount_micro, recorded_at, kind)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
