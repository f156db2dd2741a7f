"""What the exchanges of a stretch of time come to in the participants' positions, by their own record."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from brands import NETWORK_MODEL, OPERATOR_ID
from core.codes import Code
from core.database import Connection

_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)

_TOTALS: Final = """
SELECT leg.participant_id, leg.code, sum(leg.amount)::numeric AS amount
FROM exchange_exchange AS exchange
CROSS JOIN LATERAL (VALUES
    (exchange.source_participant_id, $4::int, -exchange.value_micro),
    (exchange.target_participant_id, $5::int, exchange.credit_micro),
    ($3::uuid, $6::int, exchange.fee_micro),
    ($3::uuid, $7::int, exchange.rounding_micro)
) AS leg (participant_id, code, amount)
WHERE exchange.accepted_at > $1 AND exchange.accepted_at <= $2 AND leg.amount <> 0 AND %s
GROUP BY leg.participant_id, leg.code
"""


_IN_NETWORK: Final = "NOT EXISTS (SELECT FROM brands_settled WHERE reference = exchange.id)"

_IN_MODEL: Final = "EXISTS (SELECT FROM brands_settled WHERE reference = exchange.id AND model = $8)"


async def position_totals(
    connection: Connection, *, after: datetime | None, until: datetime, model: str = NETWORK_MODEL
) -> Mapping[tuple[UUID, int], int]:
    """What exchanges accepted later than `after`, up to and including `until`, moved in each position of the model.

    By participant and code of transfer, in micro-CNY, credits positive. `after` None: from the beginning.
    """
    codes = (Code.POSITION_DEBIT, Code.POSITION_CREDIT, Code.FEE, Code.ROUNDING)
    given = (after or _BEGINNING, until, OPERATOR_ID, *map(int, codes))
    if model == NETWORK_MODEL:
        rows = await connection.fetch(_TOTALS % _IN_NETWORK, *given)
    else:
        rows = await connection.fetch(_TOTALS % _IN_MODEL, *given, model)
    return {(row["participant_id"], row["code"]): int(row["amount"]) for row in rows}
