"""Balances: an account's four counters, now."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from core.clock import Clock
from core.database import Connection


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's counters, in minor units; an account that was never opened has zeros."""

    account_id: UUID
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0

    @property
    def net_credit(self) -> int:
        """What is posted: credits less debits."""
        return self.credits_posted - self.debits_posted

    @property
    def available_credit(self) -> int:
        """What is posted, less what is reserved to be debited."""
        return self.net_credit - self.debits_pending

    @property
    def net_debit(self) -> int:
        """What is posted: debits less credits."""
        return self.debits_posted - self.credits_posted


async def balances(connection: Connection, account_ids: Collection[UUID]) -> dict[UUID, Balance]:
    """The balances now, by account."""
    found = {identifier: Balance(identifier) for identifier in account_ids}
    for row in await connection.fetch(_BALANCES, list(found)):
        found[row["id"]] = Balance(*row)
    return found


async def spendable(connection: Connection, account_ids: Collection[UUID], *, clock: Clock) -> dict[UUID, int]:
    """What can be debited now, by account: of accounts with lots what is neither expired nor still to come."""
    found = dict.fromkeys(account_ids, 0)
    for row in await connection.fetch(_SPENDABLE, list(found), clock.pinned):
        found[row["id"]] = row["spendable"]
    return found


_BALANCES = """
select id, debits_pending, debits_posted, credits_pending, credits_posted
from ledger_account where id = any($1::uuid[])
"""

_SPENDABLE = """
select account.id, case
    when account.lots then (
        select coalesce(sum(lot.remaining), 0)::bigint from ledger_lot as lot
        where lot.account_id = account.id and lot.live
          and lot.expires_at > coalesce($2, clock.now) and lot.available_at <= coalesce($2, clock.now))
    else account.credits_posted - account.debits_posted - account.debits_pending
end as spendable
from ledger_account as account, statement_timestamp() as clock (now)
where account.id = any($1::uuid[])
"""
