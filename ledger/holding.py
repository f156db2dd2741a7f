"""Holding accounts for a transaction that posts more than once: each batch by itself locks in order, two do not."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from uuid import UUID

from core.database import Connection
from ledger.account import Account
from ledger.parts import plan_as_usual
from ledger.reading import Locked, lock_accounts


async def hold(connection: Connection, account_ids: Iterable[UUID] = (), accounts: Sequence[Account] = ()) -> Locked:
    """Lock these accounts until the transaction ends, in the order of every batch, opening `accounts` that are missing.

    To be called first: who holds other accounts already may wait in a circle. Raises NoTransaction.
    """
    wanted = {account.id: account for account in accounts}
    ids = sorted({*account_ids, *wanted}, key=attrgetter("int"))
    locked = await lock_accounts(connection, ids, list(wanted.values()))
    await plan_as_usual(connection)
    return locked
