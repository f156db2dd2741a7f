"""What was moved because of breaks, as it was recorded. Amounts are positive when the participant gains."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from asyncpg import Record

from core.codes import Code
from core.database import Connection


class MovedFor(StrEnum):
    """Why money was moved because of a break. Names are stored; add, never rename."""

    WRITE_OFF = "WRITE_OFF"
    """For good."""
    DISPUTE = "DISPUTE"
    """Until the dispute is decided, or back."""
    DISPUTE_WON = "DISPUTE_WON"
    """What was moved until the dispute was decided stays where it is, and the operator bears it."""

    @property
    def code(self) -> Code:
        """Of its transfer."""
        return Code.DISPUTE if self is MovedFor.DISPUTE else Code.WRITE_OFF


@dataclass(frozen=True, slots=True)
class WriteOff:
    """Money that a participant's position gains or loses because of a break, by the decision of two persons."""

    id: UUID
    """Also the id and the reference of its transfer."""
    break_id: UUID
    participant_id: UUID
    amount_micro: int
    kind: MovedFor = MovedFor.WRITE_OFF


async def write_offs_by_id(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, WriteOff]:
    """The write-offs that exist among `ids`."""
    rows = await connection.fetch(_BY_ID, ids)
    return {row["id"]: _write_off(row) for row in rows}


async def keep_write_off(connection: Connection, it: WriteOff, proposal_id: UUID, recorded_at: datetime) -> None:
    """Write a new one."""
    moved = it.participant_id, it.amount_micro, recorded_at, it.kind.value
    await connection.execute(_KEEP, it.id, it.break_id, proposal_id, *moved)


def _write_off(row: Record) -> WriteOff:
    return WriteOff(row["id"], row["break_id"], row["participant_id"], row["amount_micro"], MovedFor(row["kind"]))


_BY_ID = """
SELECT id, break_id, participant_id, amount_micro, kind FROM settlement_write_off WHERE id = ANY($1::uuid[])
"""

_KEEP = """
INSERT INTO settlement_write_off (id, break_id, proposal_id, participant_id, amount_micro, recorded_at, kind)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
