"""An instant that separates what was recorded on some accounts from what will be."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from core.clock import Clock
from core.database import Connection
from ledger.account import Account
from ledger.reading import lock_accounts, recording_instant


async def cut_off(
    connection: Connection, account_ids: Collection[UUID], *, accounts: Sequence[Account] = (), clock: Clock
) -> datetime:
    """Lock the accounts until the transaction ends, opening those of `accounts` that are missing, and draw a line.

    Everything recorded on them up to the returned instant is committed; everything recorded later is later than it.
    """
    ids = sorted(set(account_ids), key=attrgetter("int"))
    locked = await lock_accounts(connection, ids, accounts)
    instant = recording_instant(clock.pinned or locked.instant, locked.accounts.values())
    await connection.execute(_DRAW, ids, instant)
    return instant


_DRAW = "update ledger_account set last_recorded_at = $2 where id = any($1::uuid[])"
