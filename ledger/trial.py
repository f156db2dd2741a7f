"""The trial balance: what all accounts held at an instant, by asset and purpose."""

from dataclasses import dataclass
from datetime import datetime

from core.database import Connection

TRIAL_BALANCE = """
select account.asset, account.purpose, count(*) as accounts,
       sum(balance.debits_pending)::numeric as debits_pending, sum(balance.debits_posted)::numeric as debits_posted,
       sum(balance.credits_pending)::numeric as credits_pending, sum(balance.credits_posted)::numeric as credits_posted
from ledger_account as account
cross join lateral (
    select debits_pending, debits_posted, credits_pending, credits_posted
    from ledger_balance
    where account_id = account.id and recorded_at <= $1
    order by recorded_at desc
    limit 1
) as balance
group by account.asset, account.purpose
order by account.asset collate "C", account.purpose collate "C"
"""


@dataclass(frozen=True, slots=True)
class TrialLine:
    """The sums over all accounts of one asset and purpose that had moved by then, in minor units."""

    asset: str
    purpose: str
    accounts: int
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int

    @property
    def net_credit(self) -> int:
        """Posted credits less posted debits."""
        return self.credits_posted - self.debits_posted


async def trial_balance(connection: Connection, instant: datetime) -> list[TrialLine]:
    """The lines at `instant`, by asset and purpose. For each asset the net credits add up to zero."""
    rows = await connection.fetch(TRIAL_BALANCE, instant)
    return [TrialLine(row["asset"], row["purpose"], *map(int, tuple(row)[2:])) for row in rows]
