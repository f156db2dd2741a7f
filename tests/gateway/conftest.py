"""A gateway of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adapters.simulator.sign_in import SignInSimulator
from core.database import Database
from core.ids import new_id
from core.scratch import create_database, drop_database
from gateway.settings import GatewaySettings
from tests.gateway.shell import Shell
from tests.network import AIRLINE, COFFEE, HOTEL, Network, load_network
from tests.server import WECHAT_APP, WECHAT_SECRET, Api, Server, demo_settings, serving


@pytest.fixture
def wechat() -> SignInSimulator:
    """WeChat, played."""
    return SignInSimulator(WECHAT_APP, WECHAT_SECRET)


@pytest.fixture
async def settings(database_url: str, tmp_path: Path, wechat: SignInSimulator) -> AsyncIterator[GatewaySettings]:
    """A demo gateway on the test's database."""
    async with wechat.serving() as url:
        yield demo_settings(database_url, tmp_path / "home", url)


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


@pytest.fixture(scope="module")
def shared_server(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gateway on an empty database that the tests of one module share, because they leave nothing behind."""
    name = f"shared_{new_id().hex}"
    url = asyncio.run(create_database(server_url, name, template=template))
    with serving(demo_settings(url, tmp_path_factory.mktemp("home"))) as running:
        yield running
    asyncio.run(drop_database(server_url, name))


@pytest.fixture
async def shared_api(shared_server: Server) -> AsyncIterator[Api]:
    """A client of the shared gateway."""
    async with Api.of(shared_server) as client:
        yield client


@pytest.fixture
def agio(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str, tmp_path: Path
) -> Shell:
    """The command line on the test's database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("AGIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "400")
    return Shell(monkeypatch, capsys, tmp_path / "home")


@pytest.fixture
def network_files(tmp_path: Path) -> list[Path]:
    """The small network, as files."""
    files = {"hotel": HOTEL, "airline": AIRLINE, "coffee": COFFEE}
    for name, content in files.items():
        (tmp_path / f"{name}.toml").write_text(content)
    return [tmp_path / f"{name}.toml" for name in files]
