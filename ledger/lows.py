"""The least that accounts had to give within a stretch of time, whatever they have now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database import Connection

LOWS = """
select account_id, recorded_at, available, last_at
from (
    select balance.account_id, balance.recorded_at,
           balance.credits_posted - balance.debits_posted - balance.debits_pending as available,
           max(balance.recorded_at) over (partition by balance.account_id) as last_at,
           row_number() over (
               partition by balance.account_id
               order by balance.credits_posted - balance.debits_posted - balance.debits_pending, balance.recorded_at
           ) as place
    from unnest($1::uuid[], $2::timestamptz[]) as wanted (account_id, after)
    join ledger_balance as balance on balance.account_id = wanted.account_id and balance.recorded_at > wanted.after
) as found
where place = 1
"""


@dataclass(frozen=True, slots=True)
class Low:
    """When an account had least, and how much that was, in minor units."""

    at: datetime
    available_credit: int
    """What was posted, less what was reserved to be debited, after the batch recorded then."""
    last_at: datetime
    """When its last batch was recorded: the stretch of time after the next look's `after`."""


async def lows(connection: Connection, after: Mapping[UUID, datetime]) -> dict[UUID, Low]:
    """The earliest low of each account since the instant beside it; accounts that did not move since are left out.

    What is recorded in one account is committed in that order, so that `last_at` misses nothing the next time.
    """
    rows = await connection.fetch(LOWS, list(after), list(after.values()))
    return {row["account_id"]: Low(row["recorded_at"], row["available"], row["last_at"]) for row in rows}
