"""Batches of one request: whatever many fields ask of the ledger at once is one query."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Generic, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

import ledger
from core.database import Database

Value = TypeVar("Value")


class Once(Generic[Value]):
    """Something a request needs in many places and reads once; those who ask meanwhile wait for the same answer."""

    def __init__(self, read: Callable[[], Awaitable[Value]]) -> None:
        self._read = read
        self._reading: asyncio.Future[Value] | None = None

    async def __call__(self) -> Value:
        """The value."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read())
        return await self._reading


class Loaders:
    """What is asked by account id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @cached_property
    def balances(self) -> DataLoader[UUID, ledger.Balance]:
        """The four counters."""
        return DataLoader(self._balances)

    @cached_property
    def spendable(self) -> DataLoader[UUID, int]:
        """Minor units that can be used now."""
        return DataLoader(self._spendable)

    @cached_property
    def lots(self) -> DataLoader[UUID, list[ledger.Lot]]:
        """The live lots, first expiring first."""
        return DataLoader(self._lots)

    async def _balances(self, account_ids: list[UUID]) -> list[ledger.Balance]:
        async with self._database.connection() as connection:
            found = await ledger.balances(connection, account_ids)
        return [found[account_id] for account_id in account_ids]

    async def _spendable(self, account_ids: list[UUID]) -> list[int]:
        async with self._database.connection() as connection:
            found = await ledger.spendable(connection, account_ids, clock=self._database.clock)
        return [found[account_id] for account_id in account_ids]

    async def _lots(self, account_ids: list[UUID]) -> list[list[ledger.Lot]]:
        async with self._database.connection() as connection:
            found = await ledger.lots(connection, account_ids, clock=self._database.clock)
        return [found.get(account_id, []) for account_id in account_ids]
