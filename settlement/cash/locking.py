"""One at a time: whoever decides what money at the bank is, or what deposits pay; and one order for what it touches."""

from collections.abc import Iterable
from uuid import UUID

from brands.accounts import owed_account
from core.database import Connection
from core.locks import lock_keys
from ledger import hold
from settlement.participants import codes


async def lock_money(connection: Connection) -> None:
    """Hold movements, payments and deposits as they are until the transaction ends. To be taken before any window."""
    await lock_keys(connection, "settlement.bank", ["statements"])


async def hold_accounts(connection: Connection, positions: Iterable[UUID] = ()) -> None:
    """Hold, of the accounts that will be touched, those that a close holds too: what is owed, and these positions.

    After the windows, before the first posting: whoever posts twice would lock out of order. All others are touched by
    those alone who hold the money.
    """
    await hold(connection, positions, [owed_account(who) for who in await codes(connection)])
