"""Adjustments as they were recorded: corrections of a closed window, settled with the one that was open then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database import Connection


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Money that one participant's position gave to another's, by the decision of two persons."""

    id: UUID
    """Also the id and the reference of its transfer."""
    window_id: UUID
    """The window that it corrects."""
    window: int
    """Its number."""
    model: str
    payer_id: UUID
    payee_id: UUID
    amount_micro: int


async def adjustments_by_id(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Adjustment]:
    """The adjustments that exist among `ids`."""
    return {row["id"]: Adjustment(*row.values()) for row in await connection.fetch(_BY_ID, ids)}


async def keep_adjustment(connection: Connection, it: Adjustment, proposal_id: UUID, recorded_at: datetime) -> None:
    """Write a new one."""
    parties = (it.payer_id, it.payee_id, it.amount_micro)
    await connection.execute(_KEEP, it.id, it.window_id, it.model, *parties, proposal_id, recorded_at)


_BY_ID = """
SELECT adjustment.id, window_id, corrected.number, adjustment.model, payer_id, payee_id, amount_micro
FROM settlement_adjustment AS adjustment JOIN settlement_window AS corrected ON corrected.id = window_id
WHERE adjustment.id = ANY($1::uuid[])
"""

_KEEP = """
INSERT INTO settlement_adjustment (id, window_id, model, payer_id, payee_id, amount_micro, proposal_id, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
