"""Databases are brought up to date, once, by whoever comes first."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tortoise.exceptions import OperationalError

import core.database
import core.migrate
from core.database import Connection, Database
from core.errors import ConfigurationError
from core.ids import new_id
from core.migrate import migrate, pending
from core.scratch import connect_as_owner, create_database, drop_database

TABLES = "SELECT array_agg(tablename::text ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"


@pytest.fixture
async def empty_url(server_url: str) -> AsyncIterator[str]:
    """A database that nobody has migrated."""
    name = f"test_{new_id().hex}"
    yield await create_database(server_url, name)
    await drop_database(server_url, name)


@pytest.fixture
def annex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package above all others, whose migrations the test writes into the folder."""
    package = tmp_path / "annex"
    (package / "migrations").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "migrations" / "__init__.py").touch()
    (package / "models.py").write_text(
        "from tortoise import fields, models\n\n\n"
        "class Room(models.Model):\n    id = fields.IntField(primary_key=True)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    for module in (core.database, core.migrate):
        monkeypatch.setattr(module, "APPS", ("core", "annex"))
    yield package / "migrations"
    for name in [name for name in sys.modules if name.partition(".")[0] == "annex"]:
        del sys.modules[name]


def _write(folder: Path, name: str, sql: str) -> None:
    (folder / f"{name}.py").write_text(
        "from tortoise import migrations\nfrom tortoise.migrations.operations import RunSQL\n\n\n"
        f"class Migration(migrations.Migration):\n    operations = [RunSQL({sql!r})]\n"
    )


async def test_everything_is_applied_once(empty_url: str) -> None:
    """The first call applies all there is, core's role first; the second finds nothing to do."""
    applied = await migrate(empty_url)
    assert applied[0] == "core.0001_application_role"
    assert len(applied) == len(set(applied))
    assert await migrate(empty_url) == []


async def test_an_old_postgresql_is_refused(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told which version is needed, before anything is made."""
    monkeypatch.setattr(core.migrate, "_OLDEST", 99)
    with pytest.raises(ConfigurationError, match=r"PostgreSQL \d+ is too old: DATABASE_URL must name version 99 or"):
        await migrate(empty_url)
    connection = await connect_as_owner(empty_url)
    assert await connection.fetchval(TABLES) is None
    await connection.close()


async def test_a_crowd_applies_everything_once(empty_url: str) -> None:
    """Processes that start together wait for one of them to do the work."""
    results = await asyncio.gather(*(migrate(empty_url) for _ in range(4)))
    assert sorted(map(bool, results)) == [False, False, False, True]


async def test_databases_of_one_server_are_migrated_side_by_side(server_url: str) -> None:
    """The role that they share is made by one of them while the others go on."""
    owner = await connect_as_owner(server_url)
    names = [f"test_{new_id().hex}" for _ in range(4)]
    urls = [await create_database(server_url, name) for name in names]
    applied = await asyncio.gather(*map(migrate, urls))
    assert [one[0] for one in applied] == ["core.0001_application_role"] * 4
    assert await owner.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = 'agio_app'") == 1
    for name in names:
        await drop_database(server_url, name)
    await owner.close()


async def test_a_service_can_ask_what_is_missing(empty_url: str, annex: Path) -> None:
    """`pending` names what waits, in the order in which it will be applied."""
    _write(annex, "0001_rooms", "CREATE TABLE annex_room (id int PRIMARY KEY)")
    await migrate(empty_url)
    _write(annex, "0002_beds", "CREATE TABLE annex_bed (id int PRIMARY KEY)")
    _write(annex, "0003_lamps", "CREATE TABLE annex_lamp (id int PRIMARY KEY)")
    database = await Database.connect(empty_url)
    async with database.connection():
        assert await pending() == ["annex.0002_beds", "annex.0003_lamps"]
    await migrate(empty_url)
    async with database.connection():
        assert await pending() == []
    await database.close()


async def test_a_failed_migration_leaves_no_trace(empty_url: str, annex: Path) -> None:
    """Neither the one that failed nor those before it are half there; mended, all are applied."""
    _write(annex, "0001_rooms", "CREATE TABLE annex_room (id int PRIMARY KEY)")
    _write(annex, "0002_beds", "CREATE TABLE annex_bed (id int PRIMARY KEY); SELECT 1 / 0")
    owner: Connection = await connect_as_owner(empty_url)
    with pytest.raises(OperationalError, match="division by zero") as caught:
        await migrate(empty_url)
    assert caught.value.__notes__ == ["The migration that failed is annex.0002_beds."]
    assert await owner.fetchval(TABLES) is None
    _write(annex, "0002_beds", "CREATE TABLE annex_bed (id int PRIMARY KEY)")
    del sys.modules["annex.migrations.0002_beds"]
    assert await migrate(empty_url) == ["core.0001_application_role", "annex.0001_rooms", "annex.0002_beds"]
    assert await owner.fetchval(TABLES) == ["annex_bed", "annex_room", "tortoise_migrations"]
    await owner.close()


async def test_one_string_may_hold_functions_and_several_statements(empty_url: str, annex: Path) -> None:
    """PostgreSQL takes a migration's text as it stands, with quoted bodies and semicolons in them."""
    _write(
        annex,
        "0001_rooms",
        "CREATE FUNCTION annex_answer() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN 42; END; $body$;\n"
        "CREATE TABLE annex_room (id int PRIMARY KEY DEFAULT annex_answer());\n"
        "INSERT INTO annex_room DEFAULT VALUES;",
    )
    await migrate(empty_url)
    database = await Database.connect(empty_url)
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO annex_room VALUES (7)")
        await connection.execute("UPDATE annex_room SET id = 8 WHERE id = 7")
        await connection.execute("DELETE FROM annex_room WHERE id = 8")
        assert await connection.fetchval("SELECT id FROM annex_room") == 42
    await database.close()
