"""What moved in one account within a stretch of time, by code, and by the code of what it takes back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database import Connection
from ledger.statement import BEGINNING

# Kinds 2, 4 and 5 reserve and release; nothing moves for good.
FLOWS = """
select transfer.code, coalesce(original.code, shared.code) as taken_back, count(*) as transfers,
       coalesce(sum(transfer.amount) filter (where transfer.debit_account_id = $1), 0)::numeric as debits,
       coalesce(sum(transfer.amount) filter (where transfer.credit_account_id = $1), 0)::numeric as credits
from ledger_balance as balance
cross join lateral unnest(balance.transfer_ids) as item (id)
join ledger_transfer as transfer on transfer.id = item.id
left join ledger_transfer as original on original.id = transfer.reverses_id
left join ledger_transfer as shared on shared.id = transfer.lots_of
where balance.account_id = $1 and balance.recorded_at >= $2 and balance.recorded_at < $3
  and transfer.kind not in (2, 4, 5)
group by 1, 2
order by 1, 2 nulls first
"""

NET_CREDITS = """
select coalesce(sum(balance.credits_posted - balance.debits_posted), 0)::numeric
from ledger_account as account
cross join lateral (
    select debits_posted, credits_posted from ledger_balance
    where account_id = account.id and recorded_at < $3
    order by recorded_at desc limit 1
) as balance
where account.asset = $1 and account.id <> $2
"""


@dataclass(frozen=True, slots=True)
class Flow:
    """What the transfers of one code moved for good in one account, in minor units."""

    code: int
    taken_back: int | None
    """The code of what these transfers reverse, or whose lots they give or take back; None: there is no such thing."""
    debits: int
    credits: int
    transfers: int


async def flows(connection: Connection, account_id: UUID, *, since: datetime | None, before: datetime) -> list[Flow]:
    """The sums over what was recorded at `since` or later, and before `before`, by code."""
    rows = await connection.fetch(FLOWS, account_id, since or BEGINNING, before)
    return [
        Flow(row["code"], row["taken_back"], int(row["debits"]), int(row["credits"]), row["transfers"]) for row in rows
    ]


async def net_credits_beside(connection: Connection, asset: str, account_id: UUID, *, before: datetime) -> int:
    """What all accounts of the asset but this one held together, just before an instant."""
    return int(await connection.fetchval(NET_CREDITS, asset, account_id, before))
