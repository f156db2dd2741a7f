"""What an exchange's turn reads and writes goes along indexes, however few exchanges there were when it was planned."""

from core.database import Connection
from exchange.saga.errand_rows import lock_exchanges
from tests.exchange.saga.stage import Stage


async def plan(connection: Connection, made: object) -> str:
    """How one errand would be found."""
    statement = "EXPLAIN UPDATE exchange_errand SET attempts = 1 WHERE exchange_id = ANY($1::uuid[])"
    return "\n".join(row[0] for row in await connection.fetch(statement, [made]))


async def test_plans_go_along_indexes(stage: Stage, superuser: Connection) -> None:
    """To read one page from its beginning is cheapest, and the plan for it is kept until there are thousands."""
    made = await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    await superuser.execute("ANALYZE exchange_errand")
    async with stage.database.transaction() as connection:
        assert "Seq Scan on exchange_errand" in await plan(connection, made.id)
    async with stage.database.transaction() as connection:
        locked = await lock_exchanges(connection, [made.id], None)
        assert locked
        assert [errand.exchange_id for errand in locked.waiting[made.id]] == [made.id]
        assert "Index Scan" in await plan(connection, made.id)
    async with stage.database.transaction() as connection:
        assert "Seq Scan on exchange_errand" in await plan(connection, made.id)


async def test_who_is_not_there_is_not_locked(stage: Stage) -> None:
    """Nobody knows of such an exchange."""
    async with stage.database.transaction() as connection:
        assert await lock_exchanges(connection, [], None) is None
