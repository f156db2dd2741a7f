"""`agio serve` on its own PostgreSQL, which is killed under it: masked answers meanwhile, and then whole ones again."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests import home_of_run
from tests.core.test_postgres import postmaster
from tests.gateway.test_serving import until_ready

ASK = "{ programs { code } }"


@pytest.fixture
def home() -> Path:
    return Path(os.environ[home_of_run.VARIABLE]) / f"killed-{os.getpid()}"


@pytest.fixture
def process(home: Path, unused_tcp_port: int) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    started = subprocess.Popen(
        [sys.executable, "-c", "from gateway.cli import main; main()", "serve", "--port", str(unused_tcp_port)],
        cwd=Path(__file__).parents[2],
        env=environment | {"AGIO_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    yield started
    started.send_signal(signal.SIGINT)
    started.wait()
    assert started.stdout is not None
    started.stdout.close()


async def test_requests_are_masked_until_it_has_been_started_again(
    process: subprocess.Popen[bytes], home: Path, unused_tcp_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    await until_ready(url)
    seen = []
    async with aiohttp.ClientSession() as session:
        async with session.post(url + "/graphql", json={"query": ASK}) as answer:
            assert await answer.json() == {"data": {"programs": []}}
        pid = postmaster(home)
        os.kill(pid, signal.SIGKILL)
        for _ in range(10_000):
            async with session.post(url + "/graphql", json={"query": ASK}) as answer:
                seen.append((answer.status, await answer.json()))
            if "errors" not in seen[-1][1] and len(seen) > 1 and "errors" in seen[-2][1]:
                break
            await asyncio.sleep(0.01)
        async with session.get(url + "/health/ready") as answer:
            assert answer.status == 200
    failed = [body["errors"][0] for _, body in seen if "errors" in body]
    assert {status for status, _ in seen} == {200}
    assert {error["extensions"]["code"] for error in failed} == {"UNAVAILABLE"}
    assert all(error["extensions"]["requestId"] for error in failed)
    assert seen[-1][1] == {"data": {"programs": []}}
    assert postmaster(home) != pid
    process.send_signal(signal.SIGINT)
    assert process.wait(60) in {0, 130}
    assert process.stdout is not None
    log = process.stdout.read().decode()
    assert "PostgreSQL has died; it is started again" in log
    assert "PostgreSQL answers again after" in log
    assert "Traceback" not in log
