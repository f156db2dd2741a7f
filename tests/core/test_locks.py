"""Keys that have no row yet can be locked."""

import asyncio
from contextvars import Context

from core.database import Connection, Database
from core.locks import lock_keys

LOCKS = "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database WHERE datname = current_database()"
HELD = f"{LOCKS} AND locktype = 'advisory' AND granted"
WAITING = f"{LOCKS} AND locktype = 'advisory' AND NOT granted"


async def test_a_key_is_held_until_the_transaction_ends(database: Database, superuser: Connection) -> None:
    """Somebody else waits for the same key of the same namespace, and for no other."""
    order: list[str] = []

    async def second() -> None:
        async with database.transaction() as connection:
            await lock_keys(connection, "awards", ["b", "a"])
            order.append("second")

    async with database.transaction() as connection:
        await lock_keys(connection, "awards", ["a", "a"])
        assert await superuser.fetchval(HELD) == 1
        await asyncio.create_task(_take(database, "burns", "a"), context=Context())
        waiting = asyncio.create_task(second(), context=Context())
        while not await superuser.fetchval(WAITING):  # noqa: ASYNC110 - PostgreSQL tells nobody who waits
            await asyncio.sleep(0)
        order.append("first")
    await waiting
    assert order == ["first", "second"]


async def test_opposite_orders_do_not_meet_in_a_deadlock(database: Database) -> None:
    """However the keys are given, all take them in one order."""
    keys = [f"{number}" for number in range(50)]

    async def take(given: list[str]) -> None:
        async with database.transaction() as connection:
            await lock_keys(connection, "awards", given)

    await asyncio.gather(*(take(keys[::step]) for step in (1, -1) * 4))


async def _take(database: Database, namespace: str, key: str) -> None:
    async with database.transaction() as connection:
        await lock_keys(connection, namespace, [key])
