"""One block, one connection: models and raw statements on the same."""

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any

import asyncpg
import pytest
from tortoise.exceptions import DBConnectionError
from tortoise.transactions import in_transaction

from core.clock import SettableClock, SystemClock
from core.database import Connection, Database
from core.errors import ConfigurationError
from core.models import AppliedMigration

INSERT = "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('test', $1, now())"
NAMES = "SELECT array_agg(name ORDER BY name) FROM tortoise_migrations WHERE app = 'test'"


@pytest.fixture(autouse=True)
async def _may_write(superuser: Connection) -> None:
    await superuser.execute("GRANT INSERT ON tortoise_migrations TO agio_app")
    await superuser.execute("GRANT USAGE ON SEQUENCE tortoise_migrations_id_seq TO agio_app")


async def test_the_application_works_under_its_own_role(database: Database) -> None:
    """The application's role cannot change what only migrations may change."""
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT CURRENT_USER") == "agio_app"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM tortoise_migrations")


async def test_a_transaction_is_committed_at_its_end(database: Database, superuser: Connection) -> None:
    """Others see nothing before the block ends, and everything after."""
    async with database.transaction() as connection:
        await connection.execute(INSERT, "a")
        assert await superuser.fetchval(NAMES) is None
    assert await superuser.fetchval(NAMES) == ["a"]


async def test_a_transaction_that_raises_leaves_nothing(database: Database, superuser: Connection) -> None:
    """What the block raised comes through, and nothing was written."""
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as connection:
            await connection.execute(INSERT, "a")
            raise ZeroDivisionError
    assert await superuser.fetchval(NAMES) is None


async def test_models_use_the_connection_of_their_block(database: Database) -> None:
    """A model reads what the raw connection of the same transaction has written, before anybody else can."""
    async with database.transaction() as connection:
        await connection.execute(INSERT, "a")
        assert await AppliedMigration.filter(app="test").count() == 1
    async with database.connection() as connection:
        assert await AppliedMigration.filter(app="test").count() == 1


async def test_a_model_outside_of_any_block_is_a_bug(database: Database) -> None:
    """There is no hidden connection, so that nobody reads outside of the transaction that he thinks he is in."""
    assert isinstance(database.clock, SystemClock)
    with pytest.raises(RuntimeError, match="No TortoiseContext"):
        await AppliedMigration.all().count()


async def test_what_models_undo_by_themselves_is_a_savepoint(database: Database, superuser: Connection) -> None:
    """Tortoise's own transaction inside a block takes back its part alone."""
    async with database.transaction() as connection:
        await connection.execute(INSERT, "a")
        with pytest.raises(ZeroDivisionError):
            async with in_transaction():
                await connection.execute(INSERT, "b")
                raise ZeroDivisionError
        await connection.execute(INSERT, "c")
    assert await superuser.fetchval(NAMES) == ["a", "c"]


async def test_a_task_holds_one_connection(database: Database, superuser: Connection) -> None:
    """A block inside a block is refused, and the outer one goes on."""
    async with database.transaction() as connection:
        await connection.execute(INSERT, "a")
        with pytest.raises(RuntimeError, match="already holds a connection"):
            async with database.transaction():
                pass
        with pytest.raises(RuntimeError, match="already holds a connection"):
            async with database.connection():
                pass
    assert await superuser.fetchval(NAMES) == ["a"]


async def test_tasks_do_not_see_each_other(database: Database, superuser: Connection) -> None:
    """Transactions side by side have a connection each, and models follow their own task's."""

    async def insert(name: str) -> int:
        async with database.transaction() as connection:
            await connection.execute(INSERT, name)
            await gate.wait()
            seen = await AppliedMigration.filter(app="test").count()
            await gate.wait()
            return seen

    gate = asyncio.Barrier(4)
    assert await asyncio.gather(*(insert(name) for name in "abcd")) == [1, 1, 1, 1]
    assert await superuser.fetchval(NAMES) == ["a", "b", "c", "d"]


async def test_a_connection_is_given_back_whenever_its_task_is_cancelled(database_url: str) -> None:
    """At whichever step a task is cancelled, the only connection of the pool serves the next one."""
    database = await Database.connect(database_url, pool_size_max=1)

    async def work() -> None:
        async with database.transaction() as connection:
            await connection.execute(INSERT, "a")

    for steps in range(30):
        task = asyncio.create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        async with asyncio.timeout(30), database.connection() as connection:
            assert await connection.fetchval("SELECT 1") == 1
    await database.close()


async def test_a_lost_session_is_replaced(database: Database, superuser: Connection) -> None:
    """When the server ends all sessions, the transaction in flight fails, and the next one works."""
    end_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with pytest.raises(
        (
            asyncpg.PostgresConnectionError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
            asyncpg.AdminShutdownError,
        )
    ):
        async with database.transaction() as connection:
            await superuser.execute(f"{end_all} AND pid <> pg_backend_pid()")
            await connection.execute(INSERT, "a")
    async with database.transaction() as connection:
        await connection.execute(INSERT, "b")
    assert await superuser.fetchval(NAMES) == ["b"]


async def test_a_process_may_hold_several_databases(database: Database, database_url: str) -> None:
    """Each has its own clock and pool, and models follow the block that they stand in."""
    clock = SettableClock(SystemClock().now())
    other = await Database.connect(database_url, clock=clock)
    assert other.clock is clock
    async with database.transaction() as connection:
        await connection.execute(INSERT, "a")
        async with other.connection():
            assert await AppliedMigration.filter(app="test").count() == 0
        assert await AppliedMigration.filter(app="test").count() == 1
    await other.close()
    async with database.connection():
        assert await AppliedMigration.filter(app="test").count() == 1


async def test_a_server_may_serve_what_another_task_opened(database_url: str) -> None:
    """A database opened in the task of an ASGI lifespan works in requests, which know nothing of that task."""

    async def elsewhere(work: Coroutine[Any, Any, Any]) -> Any:
        return await asyncio.create_task(work, context=contextvars.Context())

    async def count(database: Database) -> int:
        async with database.connection():
            return await AppliedMigration.filter(app="core").count()

    database: Database = await elsewhere(Database.connect(database_url))
    assert await elsewhere(count(database)) == 1
    await elsewhere(database.close())


def test_every_event_loop_gets_a_fresh_start(database_url: str) -> None:
    """Commands that run one after the other in a process do not trip over the loop of the one before."""

    async def count() -> int:
        database = await Database.connect(database_url)
        async with database.connection():
            found = await AppliedMigration.filter(app="core").count()
        await database.close()
        return found

    assert [asyncio.run(count()) for _ in range(2)] == [1, 1]


async def test_nobody_answers(database_url: str) -> None:
    """A database that is not there is noticed at once, not at the first request."""
    with pytest.raises(DBConnectionError, match="Can't establish"):
        await Database.connect(database_url.replace("/test_", "/no_such_"))
    with pytest.raises(ConfigurationError):
        await Database.connect("mysql://localhost/agio")
