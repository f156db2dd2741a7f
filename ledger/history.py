"""What an account held at an instant, by one index probe."""

from datetime import datetime
from uuid import UUID

from core.database import Connection
from ledger.balance import Balance

BALANCE_AT = "select * from ledger_balance_at($1, $2)"
"""A function in the database, which sees to the plan."""


async def balance_at(connection: Connection, account_id: UUID, instant: datetime) -> Balance:
    """What the account held once everything recorded at or before `instant` was posted.

    An account that did not move until then holds nothing. For an instant that is not over, see `cut_off`.
    """
    row = await connection.fetchrow(BALANCE_AT, account_id, instant)
    return Balance(account_id, *row) if row else Balance(account_id)
