"""Accounts that are opened by whoever uses them first."""

import asyncio

from core.database import Database
from core.ids import new_id
from ledger import Account, Asset, AssetKind, Status, Transfer, balances, open_assets, post

ROUNDS, AT_ONCE = 40, 8


async def test_whoever_opens_the_same_account_at_once_waits_and_is_not_refused(database: Database) -> None:
    """Both unique indexes of an account may be where two of them meet."""
    async with database.transaction() as connection:
        await open_assets(connection, [Asset("CNY", 6, AssetKind.MONEY)])
    bank = Account(new_id(), "CNY", "bank")
    for _ in range(ROUNDS):
        member = Account(new_id(), "CNY", "wallet")
        found = await asyncio.gather(*(_pay(database, bank, member) for _ in range(AT_ONCE)))
        assert set(found) == {Status.CREATED}
        async with database.connection() as connection:
            assert (await balances(connection, [member.id]))[member.id].credits_posted == AT_ONCE


async def _pay(database: Database, bank: Account, member: Account) -> Status:
    async with database.transaction() as connection:
        batch = [Transfer(new_id(), bank.id, member.id, 1, 1)]
        (outcome,) = await post(connection, batch, accounts=[bank, member], clock=database.clock)
    return outcome.status
