"""`agio serve` as a process of its own, with several workers, until it is told to stop."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

WORKERS = 2


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def process(database_url: str, tmp_path: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"DATABASE_URL": database_url, "AGIO_HOME": str(tmp_path / "home"), "AGIO_MODE": "demo"}
    command = ["serve", "--port", str(port), "--workers", str(WORKERS)]
    started = subprocess.Popen(
        [sys.executable, "-c", "from gateway.cli import main; main()", *command],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    yield started
    if started.poll() is None:
        started.kill()
    started.wait()
    assert started.stdout is not None
    started.stdout.close()


async def until_ready(url: str) -> None:
    """Ask until it answers; the test run's own time limit ends a server that never does."""
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}/health/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


async def until_counted(session: aiohttp.ClientSession, url: str) -> None:
    """Ask until all requests are counted: a worker counts one when it has answered it, another one tells the sum."""
    counted = 'agio_http_requests_total{method="GET",route="/.well-known/jwks.json",status="200"} 10.0'
    async with asyncio.timeout(60):
        while True:
            async with session.get(f"{url}/metrics") as answer:
                if counted in await answer.text():
                    return


async def test_it_serves_until_it_is_interrupted(process: subprocess.Popen[bytes], port: int) -> None:
    """All workers share keys, so any of them accepts what another one issued; their metrics are added up."""
    url = f"http://127.0.0.1:{port}"
    await until_ready(url)
    async with aiohttp.ClientSession() as session:
        keys = set()
        for _ in range(10):
            async with session.get(f"{url}/.well-known/jwks.json", headers={"Connection": "close"}) as answer:
                keys.add(await answer.text())
        await until_counted(session, url)
    assert len(keys) == 1
    process.send_signal(signal.SIGINT)
    assert await asyncio.to_thread(process.wait, 30) in {0, 130}
    assert process.stdout is not None
    assert process.stdout.read().decode().splitlines()[:2] == [f"{url}/graphql", f"{url}/explorer"]
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
