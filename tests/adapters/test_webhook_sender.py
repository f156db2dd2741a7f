"""Sending webhooks over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.resolver import ThreadedResolver

from adapters.webhook_sender import ANSWER_BYTES, HttpSender

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def sender() -> AsyncIterator[HttpSender]:
    """One that may call this machine."""
    made = HttpSender(loopback=True, timeout_seconds=2.0)
    yield made
    await made.close()


async def test_what_arrives(sender: HttpSender) -> None:
    """The body to the byte, the headers, and the first bytes of the answer."""
    seen: list[tuple[str, bytes, str]] = []

    async def take(request: web.Request) -> web.Response:
        seen.append((request.method, await request.read(), request.headers["webhook-id"]))
        return web.Response(status=202, text="taken\x00" + "x" * 5_000)

    async with serving(take) as url:
        answer = await sender.send(f"{url}/hooks", b'{"type":"t"}', {"webhook-id": "1"})
    assert seen == [("POST", b'{"type":"t"}', "1")]
    assert (answer.status, answer.failure, answer.accepted) == (202, None, True)
    assert answer.body.startswith("taken\ufffdx")
    assert len(answer.body) <= ANSWER_BYTES


async def test_nobody_leads_us_elsewhere(sender: HttpSender) -> None:
    """A redirect is an answer like any other, and no success."""
    asked: list[str] = []

    async def lead(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with serving(lead) as url:
        answer = await sender.send(f"{url}/hooks", b"", {})
    assert (answer.status, answer.accepted, asked) == (307, False, ["/hooks"])


async def test_time_to_wait(sender: HttpSender) -> None:
    async def later(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "120"})

    async with serving(later) as url:
        answer = await sender.send(url, b"", {})
    assert (answer.status, answer.retry_after.total_seconds()) == (429, 120)


async def test_somebody_who_never_answers() -> None:
    """Is given up, with the reason."""
    over = asyncio.Event()

    async def never(_: web.Request) -> web.Response:
        await over.wait()
        return web.Response()

    hasty = HttpSender(loopback=True, timeout_seconds=0.05)
    async with serving(never) as url:
        answer = await hasty.send(url, b"", {})
        over.set()
    await hasty.close()
    assert (answer.status, answer.failure) == (None, "no answer in time")


async def test_nobody_there(sender: HttpSender, unused_tcp_port: int) -> None:
    answer = await sender.send(f"http://127.0.0.1:{unused_tcp_port}/", b"", {})
    assert (answer.status, answer.failure) == (None, "no connection")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254"])
async def test_what_only_we_can_reach_is_not_called(host: str) -> None:
    """By number or by name; nothing is sent."""
    asked: list[str] = []

    async def note(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response()

    strict = HttpSender()
    async with serving(note) as url:
        answer = await strict.send(f"http://{host}:{url.rpartition(':')[2]}/", b"", {})
    await strict.close()
    assert (answer.status, answer.failure, asked) == (None, "the address leads into a private network", [])


async def test_a_name_that_leads_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public name whose address is private: looked at again when it is called."""

    async def resolve(_: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, object]]:
        found = {"hostname": host, "host": "127.0.0.1", "port": port, "family": family, "proto": 0, "flags": 0}
        return [found]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    strict = HttpSender()
    answer = await strict.send("https://rebound.example.com/", b"", {})
    await strict.close()
    assert answer.failure == "the address leads into a private network"
