"""A gateway and a database with the small network, shared by the tests of one module; each brings its own members."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from brands import directory
from core.database import Database
from core.ids import new_id
from core.scratch import create_database, drop_database
from gateway.settings import GatewaySettings
from tests.network import Network, load_network
from tests.server import Api, Server, demo_settings, serving


@pytest.fixture(scope="module")
def shared_url(server_url: str, template: str) -> Iterator[str]:
    """The module's database."""
    name = f"shared_{new_id().hex}"
    url = asyncio.run(create_database(server_url, name, template=template))
    asyncio.run(_load(url))
    yield url
    asyncio.run(drop_database(server_url, name))


async def _load(url: str) -> None:
    database = await Database.connect(url)
    await load_network(database)
    await database.close()


@pytest.fixture(scope="module")
def server(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The module's gateway."""
    with serving(demo_settings(shared_url, tmp_path_factory.mktemp("home"))) as running:
        yield running


@pytest.fixture
async def api(server: Server) -> AsyncIterator[Api]:
    """A client of the gateway."""
    async with Api.of(server) as client:
        yield client


@pytest.fixture
async def database(shared_url: str) -> AsyncIterator[Database]:
    """The module's database as the application sees it."""
    opened = await Database.connect(shared_url, pool_size_max=4)
    yield opened
    await opened.close()


@pytest.fixture
async def network(database: Database) -> Network:
    """The small network, in force."""
    async with database.connection() as connection:
        return Network(database, await directory(connection))


@pytest.fixture
def own_settings(database_url: str, tmp_path: Path) -> GatewaySettings:
    """A gateway on a database of the test's own."""
    return demo_settings(database_url, tmp_path / "home")


@pytest.fixture
async def pinned_network(pinned_database: Database) -> Network:
    """The small network on a database of the test's own and on the fixture `clock`."""
    return await load_network(pinned_database)
