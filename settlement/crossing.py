"""What began in a window that set everything off, and ends in one that settles between pairs.

A multilateral window settles positions whole: who gave points for an exchange that is not finished has paid for it,
and the operator carries it. Between pairs an obligation is counted where it arrives; so when such an exchange arrives,
comes back, or is taken back, it is the operator that owes it and not, once more, who has paid.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from brands import OPERATOR_ID
from core.database import Connection
from exchange.relations import BEGUN
from ledger.relations import lines_of_references
from settlement.postings import position_account_id
from settlement.terms import Netting
from settlement.windows import Window


async def settled_whole_until(connection: Connection, window: Window) -> datetime | None:
    """The end of the last window before this one that settled, or will settle, positions whole; None: none did."""
    found: datetime | None = await connection.fetchval(
        _SETTLED_WHOLE, window.model, window.sequence, Netting.MULTILATERAL.value
    )
    return found


async def begun_until(
    connection: Connection,
    window: Window,
    participants: Iterable[UUID],
    references: Collection[UUID],
    instant: datetime,
) -> frozenset[UUID]:
    """Those of the exchanges and reversals that were in their debtor's position by the instant."""
    if not references:
        return frozenset()
    accounts = [position_account_id(who, window.model) for who in participants if who != OPERATOR_ID]
    rows = await connection.fetch(_BEGUN, list(references), instant, accounts)
    return frozenset(row["reference"] for row in rows)


_SETTLED_WHOLE: Final = """
SELECT max(cut_off_at) FROM settlement_window
WHERE model = $1 AND sequence < $2 AND status <> 'ABORTED' AND coalesce(terms ->> 'netting', $3) = $3
"""

_OLD_ENOUGH: Final = f"SELECT reference FROM ({BEGUN}) AS begun WHERE reference = ANY($1::uuid[]) AND begun_at <= $2"

_BEGUN: Final = f"""
SELECT DISTINCT line.reference FROM ({lines_of_references(_OLD_ENOUGH)}) AS line
WHERE line.recorded_at <= $2 AND line.posted < 0 AND line.account_id = ANY($3::uuid[])
"""
