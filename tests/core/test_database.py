"""One transaction, one connection, models and raw statements on the same."""


import asyncpg
import pytest

from core.database import Connection, Database
from core.models import AppliedMigration


async def _count(connection: Connection) -> int:
    return int(await connection.fetchval("SELECT count(*) FROM tortoise_migrations"))


async def test_application_works_under_its_own_role(database: Database) -> None:
    """The application's role cannot change what only migrations may change."""
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT CURRENT_USER") == "agio_app"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM tortoise_migrations")


async def test_models_and_raw_statements_share_a_transaction(database: Database, superuser: Connection) -> None:
    """A model reads what the raw connection of the same transaction has just written."""
    await superuser.execute("GRANT INSERT, UPDATE ON tortoise_migrations TO agio_app")
    await superuser.execute("GRANT USAGE ON SEQUENCE tortoise_migrations_id_seq TO agio_app")
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('a', 'b', now())")
        assert await AppliedMigration.filter(app="a").values_list("name", flat=True) == ["b"]
    async with database.connection():
        assert await AppliedMigration.filter(app="a").count() == 1
