"""Of which statements a transfer is a line."""

from dataclasses import dataclass
from itertools import product
from typing import Final
from uuid import UUID

from core.codes import Code
from core.database import Connection
from settlement.participants import codes, model_codes
from settlement.postings import position_account_id


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One participant's statement of one window; of an open window: what it will be."""

    window: int
    """Its number."""
    participant: str
    """By code."""


async def places_of(connection: Connection, transfer_id: UUID) -> list[Place]:
    """The statements that have a line with this transfer, by window and participant."""
    coded, models = await codes(connection), await model_codes(connection)
    positions = {position_account_id(who, model): (coded[who], model) for who, model in product(coded, models)}
    rows = await connection.fetch(_PLACES, transfer_id, Code.NETTING.value)
    return sorted(
        Place(row["number"], who)
        for row in rows
        for who, model in [positions.get(row["account_id"], ("", ""))]
        if model == row["model"]
    )


_PLACES: Final = """
SELECT number, model, side.account_id
FROM ledger_transfer AS transfer
CROSS JOIN LATERAL (VALUES (debit_account_id), (credit_account_id)) AS side (account_id)
JOIN settlement_window AS settling ON (settling.after IS NULL OR settling.after < transfer.recorded_at)
    AND (settling.cut_off_at IS NULL OR transfer.recorded_at <= settling.cut_off_at)
WHERE transfer.id = $1 AND transfer.code <> $2
"""
