"""A gateway of the test's own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.database import Database
from gateway.settings import GatewaySettings
from tests.network import Network, load_network
from tests.server import Api, Server, demo_settings, serving


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> GatewaySettings:
    """A demo gateway on the test's database."""
    return demo_settings(database_url, tmp_path / "home")


@pytest.fixture
def server(settings: GatewaySettings) -> Iterator[Server]:
    """The gateway, serving."""
    with serving(settings) as running:
        yield running


@pytest.fixture
async def api(server: Server) -> AsyncIterator[Api]:
    """A client of the gateway."""
    async with Api.of(server) as client:
        yield client


@pytest.fixture
async def network(database: Database) -> Network:
    """The small network, in force."""
    return await load_network(database)
