"""A real PostgreSQL for every test, with a database of its own.

One server serves the whole run: DATABASE_URL's, or a private one which the workers of pytest-xdist share.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from core.migrate import migrate
from core.postgres import private_postgres
from core.scratch import connect_as_owner, create_database, drop_database
from tests import home_of_run

# A test tells what is right, never how fast this machine is just now.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """The process that starts the run, not its workers, makes the home of its PostgreSQL."""
    if not hasattr(config, "workerinput"):
        home_of_run.make()


def pytest_unconfigure(config: pytest.Config) -> None:
    """When the workers have ended it removes the home."""
    if not hasattr(config, "workerinput"):
        home_of_run.remove()


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The server of this run, as its superuser."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    with private_postgres(Path(os.environ[home_of_run.VARIABLE]), durable=False) as url:
        yield url


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """The name of a migrated database; every test gets a copy."""
    name = f"template_{new_id().hex}"
    asyncio.run(_make_template(server_url, name))
    yield name
    asyncio.run(drop_database(server_url, name))


async def _make_template(server_url: str, name: str) -> None:
    await migrate(await create_database(server_url, name))


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated, empty database of the test's own, as its owner."""
    name = f"test_{new_id().hex}"
    yield asyncio.run(create_database(server_url, name, template=template))
    asyncio.run(drop_database(server_url, name))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The test's database as the application sees it, on the database's own clock."""
    opened = await Database.connect(database_url, pool_size_max=8)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> SettableClock:
    """A clock that stands at noon in Shanghai on 15 January 2026 until it is moved."""
    return SettableClock(datetime(2026, 1, 15, 4, tzinfo=UTC))


@pytest.fixture
async def pinned_database(database_url: str, clock: SettableClock) -> AsyncIterator[Database]:
    """The test's database as the application sees it, on `clock`."""
    opened = await Database.connect(database_url, clock=clock, pool_size_max=8)
    yield opened
    await opened.close()


@pytest.fixture
async def superuser(database_url: str) -> AsyncIterator[Connection]:
    """A connection to the test's database as its owner, who can do what the application cannot."""
    connection = await connect_as_owner(database_url)
    yield connection
    await connection.close()
