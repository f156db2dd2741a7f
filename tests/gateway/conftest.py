"""A real server on a real socket, in a thread with an event loop of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from core.clock import SettableClock
from core.settings import Settings
from gateway.app import create_app
from gateway.settings import GatewaySettings, Mode


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str
    settings: GatewaySettings


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> GatewaySettings:
    """A demo gateway on the test's own database."""
    core = Settings(tmp_path / "home", 8800, database_url)
    return GatewaySettings(core, Mode.DEMO, "http://agio.test", "router's secret", None)


@contextlib.contextmanager
def serving(settings: GatewaySettings, clock: SettableClock | None = None) -> Iterator[Server]:
    """Serve until the block ends."""
    config = uvicorn.Config(
        create_app(settings, clock=clock), port=0, loop="asyncio", lifespan="on", log_config=None, ws="none"
    )
    server = _Announced(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        yield Server(server.url(), settings)
    finally:
        server.should_exit = True
        thread.join()


class _Announced(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._up = threading.Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        try:
            await super().startup(sockets)  # type: ignore[arg-type]
        finally:
            self._up.set()

    def url(self) -> str:
        self._up.wait()
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"
