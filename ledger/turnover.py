"""What moved in accounts within a stretch of time, added up by code."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database import Connection
from ledger.statement import BEGINNING, END

# Kinds 2, 4 and 5 reserve and release; nothing moves for good.
TURNOVER = """
select balance.account_id, transfer.code, count(*) as transfers,
       coalesce(sum(transfer.amount) filter (where transfer.debit_account_id = balance.account_id), 0) as debits,
       coalesce(sum(transfer.amount) filter (where transfer.credit_account_id = balance.account_id), 0) as credits
from ledger_balance as balance
cross join lateral unnest(balance.transfer_ids) as item (id)
join ledger_transfer as transfer on transfer.id = item.id
where balance.account_id = any($1::uuid[]) and balance.recorded_at > $2 and balance.recorded_at <= $3
  and transfer.kind not in (2, 4, 5)
group by balance.account_id, transfer.code
order by balance.account_id, transfer.code
"""

RECORDED_AT = "select id, recorded_at from ledger_transfer where id = any($1::uuid[])"


@dataclass(frozen=True, slots=True)
class Turnover:
    """What the transfers of one code moved for good in one account, in minor units."""

    account_id: UUID
    code: int
    debits: int
    credits: int
    transfers: int


async def turnover(
    connection: Connection,
    account_ids: Iterable[UUID],
    *,
    after: datetime | None = None,
    until: datetime | None = None,
) -> list[Turnover]:
    """The sums over what was recorded later than `after`, up to and including `until`, by account id and code."""
    rows = await connection.fetch(TURNOVER, list(account_ids), after or BEGINNING, until or END)
    return [
        Turnover(row["account_id"], row["code"], int(row["debits"]), int(row["credits"]), row["transfers"])
        for row in rows
    ]


async def recorded_at(connection: Connection, transfer_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When each transfer was recorded; unknown and refused ones are left out."""
    return {row["id"]: row["recorded_at"] for row in await connection.fetch(RECORDED_AT, list(transfer_ids))}
