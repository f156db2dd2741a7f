"""The receivers of docs/webhooks.md take what we send, and nothing else."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.webhook_sender import HttpSender
from core.clock import SystemClock
from core.ids import new_id
from webhooks.secrets import EndpointSecrets
from webhooks.signing import headers

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "webhooks"
RECEIVERS = {
    "python": [sys.executable, str(FOLDER / "receive.py")],
    "node": [shutil.which("node") or "", str(FOLDER / "receive.mjs")],
}
BODY = '{"type":"award.recorded","timestamp":"2026-01-15T04:00:00Z","data":{"reason":"咖啡"}}'


@asynccontextmanager
async def receiving(command: list[str], secret: str) -> AsyncIterator[tuple[str, asyncio.StreamReader]]:
    """A receiver as a process of its own: where it listens, and what it prints."""
    process = await asyncio.create_subprocess_exec(
        *command, "0", stdout=asyncio.subprocess.PIPE, env=os.environ | {"AGIO_WEBHOOK_SECRET": secret}
    )
    assert process.stdout is not None
    try:
        port = (await process.stdout.readline()).decode().strip()
        yield f"http://127.0.0.1:{port}/", process.stdout
    finally:
        process.terminate()
        await process.communicate()


@pytest.fixture
async def sender() -> AsyncIterator[HttpSender]:
    made = HttpSender(loopback=True)
    yield made
    await made.close()


@pytest.mark.parametrize("language", RECEIVERS)
async def test_what_is_genuine_is_taken_once(sender: HttpSender, language: str) -> None:
    """Also while two secrets sign; a changed body, another secret and an old request are refused."""
    command = RECEIVERS[language]
    if not command[0]:
        pytest.skip("Node is not installed here")
    secrets = EndpointSecrets(b"a root of 32 bytes is not needed")
    old, new = secrets.make(), secrets.make()
    now = SystemClock().now()
    first, second = new_id(), new_id()
    other = BODY.replace("award", "burn")
    requests = [
        (headers(first, BODY, [old], now), BODY, 204),
        (headers(first, BODY, [old], now), BODY, 204),
        (headers(second, other, [new, old], now), other, 204),
        (headers(new_id(), BODY, [old], now), other, 401),
        (headers(new_id(), BODY, [new], now), BODY, 401),
        (headers(new_id(), BODY, [old], now - timedelta(minutes=6)), BODY, 401),
        (headers(new_id(), BODY, [old], datetime(2001, 1, 1, tzinfo=UTC)), BODY, 401),
        ({}, BODY, 401),
    ]
    async with receiving(command, old) as (url, printed):
        answers = [await sender.send(url, body.encode(), signed) for signed, body, _ in requests]
        assert [answer.status for answer in answers] == [status for _, _, status in requests]
        taken = [(await printed.readline()).decode().strip() for _ in range(2)]
    assert taken == [BODY, other]
