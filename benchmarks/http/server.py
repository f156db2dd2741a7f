"""A gateway to be measured: `agio serve` in a process of its own, on a durable PostgreSQL of its own."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from adapters.simulator.sign_in import SignInSimulator
from benchmarks.processors import cpu_seconds
from benchmarks.scratch import scratch_home
from core.database import Database
from core.errors import AgioError
from core.migrate import migrate
from core.postgres import private_postgres

START_SECONDS_MAX: Final = 60.0
STOP_SECONDS_MAX: Final = 20.0
_POLL_SECONDS: Final = 0.05
_LOG_SHOWN_MAX: Final = 2_000
_APP: Final = "wx-benchmark"
_ROOT: Final = Path(__file__).resolve().parents[1]
_SERVE: Final = ("-c", "from gateway.cli import main; main()", "serve")
_TAKEN_AWAY: Final = ("DATABASE_URL", "PROMETHEUS_MULTIPROC_DIR")


class ServerFailed(AgioError):
    """The server that was to be measured did not start."""

    def __init__(self, log: str) -> None:
        super().__init__(f"the server did not start; it said:\n{log}")


@dataclass(frozen=True, slots=True)
class ScratchServer:
    """A running gateway with an empty, migrated database."""

    home: Path
    port: int
    process: "subprocess.Popen[bytes]"
    database: Database
    simulator: SignInSimulator
    """Plays WeChat for it."""

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    async def ready(self) -> None:
        """Wait until it answers. Raises ServerFailed."""
        end = time.monotonic() + START_SECONDS_MAX
        async with aiohttp.ClientSession(self.url) as http:
            while not await _answers(http):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise ServerFailed(self.log())
                await asyncio.sleep(_POLL_SECONDS)

    def log(self) -> str:
        """What it said last."""
        return (self.home / "server.log").read_text(errors="replace")[-_LOG_SHOWN_MAX:]

    def cpu_seconds(self) -> float:
        """Processor time that the server's process has used; 0 where the system does not tell."""
        return cpu_seconds(self.process.pid)


@asynccontextmanager
async def scratch_server() -> AsyncIterator[ScratchServer]:
    """Start everything; the server may still be starting up when the block begins. All of it ends with the block."""
    simulator = SignInSimulator(_APP, "benchmark")
    with scratch_home() as home, private_postgres(home) as url:
        async with simulator.serving() as sign_in_url:
            port = _free_port()
            with _serving(home, _environment(home, port, sign_in_url)) as process:
                await migrate(url)
                database = await Database.connect(url, pool_size_max=4)
                try:
                    yield ScratchServer(home, port, process, database, simulator)
                finally:
                    await database.close()


@contextmanager
def _serving(home: Path, environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *_SERVE],
            env=environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            process_group=0,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(home: Path, port: int, sign_in_url: str) -> Mapping[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in _TAKEN_AWAY}
    return inherited | {
        "AGIO_HOME": str(home),
        "AGIO_PORT": str(port),
        "AGIO_MODE": "production",
        "AGIO_PUBLIC_URL": f"http://127.0.0.1:{port}",
        # Counted as everywhere, and never reached.
        "AGIO_RATE_LIMITS": "member=1000000 brand=1000000 staff=1000000 anonymous=1000000",
        "AGIO_WECHAT_APP_ID": _APP,
        "AGIO_WECHAT_SECRET": "benchmark",
        "AGIO_WECHAT_URL": sign_in_url,
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


async def _answers(http: aiohttp.ClientSession) -> bool:
    try:
        async with http.get("/health/ready") as response:
            return response.status == 200  # noqa: PLR2004 - OK
    except aiohttp.ClientError:
        return False
