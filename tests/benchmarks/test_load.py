"""The load generator against a real server on a real socket: what it counts is what happened."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import cycle, repeat

import pytest

import benchmarks.http.load
from benchmarks.http.calls import get
from benchmarks.http.load import Call, load, quantile_ms

OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS = {
    b"/right": [OK + b'content-length: 15\r\n\r\n{"type":"Pong"}'],
    b"/split": [OK + b"Content-", b'Length: 15\r\n\r\n{"type":', b'"Pong"}'],
    b"/wrong": [OK + b'content-length: 14\r\n\r\n{"type":"Bad"}'],
    b"/error": [b'HTTP/1.1 500 Oh\r\ncontent-length: 15\r\n\r\n{"type":"Pong"}'],
    b"/chunks": [OK + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
    b"/silent": [],
}


class Server:
    """Answers by path, in as many packets as the list above has; `/closed` is hung up on."""

    def __init__(self) -> None:
        self.asked: Counter[bytes] = Counter()
        self.connections: set[asyncio.Task[None]] = set()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the client hangs up."""
        self.connections.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._answer(await reader.readuntil(b"\r\n\r\n"), writer):
                pass
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, head: bytes, writer: asyncio.StreamWriter) -> bool:
        path = head.split(b" ", 2)[1]
        self.asked[path] += 1
        for packet in ANSWERS.get(path, ()):
            writer.write(packet)
            await writer.drain()
            await asyncio.sleep(0.001)
        return path in ANSWERS


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def port(server: Server) -> AsyncIterator[int]:
    async with await asyncio.start_server(server.connected, "127.0.0.1", 0) as listening:
        yield int(listening.sockets[0].getsockname()[1])
        await asyncio.gather(*server.connections)


def call(path: str) -> Call:
    return get(path, '"type":"Pong"', '{"')


async def test_right_answers_are_counted_and_timed(server: Server, port: int) -> None:
    """Ten requests over one connection: ten answers with a latency each, however they are cut into packets."""
    found = await load(port, [iter([call("/right"), call("/split")] * 5)], 60.0)
    assert server.asked == {b"/right": 5, b"/split": 5}
    assert (len(found.latencies), found.errors) == (10, Counter())
    assert sorted(found.latencies) == found.latencies
    assert 0 < found.latencies[0] <= found.latencies[-1] < 60
    assert found.answers == 10
    assert found.requests_per_second == found.answers / found.seconds
    assert found.load_cpu_share > 0


async def test_wrong_answers_are_errors(port: int) -> None:
    """Another type, another status: each is counted under what came, and the connection goes on."""
    calls = [call(path) for path in ("/right", "/wrong", "/error", "/wrong", "/right")]
    found = await load(port, [iter(calls)], 60.0)
    assert found.errors == {'HTTP/1.1 200 OK: {"type":"Bad"}': 2, 'HTTP/1.1 500 Oh: {"type":"Pong"}': 1}
    assert (len(found.latencies), found.answers) == (2, 2)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/closed", "connection lost: closed by the server"),
        ("/chunks", "HTTP/1.1 200 OK: 0\r\n\r\n"),
        ("/silent", "no answer"),
    ],
)
async def test_missing_answers_are_errors(port: int, monkeypatch: pytest.MonkeyPatch, path: str, error: str) -> None:
    """A connection that is lost, an answer of unknown length and none at all: one error, and the slice is over."""
    monkeypatch.setattr(benchmarks.http.load, "ANSWER_SECONDS_MAX", 0.05)
    found = await load(port, [iter([call("/right"), call(path), call("/right")])], 0.2)
    assert found.errors == {error: 1}
    assert len(found.latencies) == 1


async def test_a_slice_ends_with_the_first_empty_queue(server: Server, port: int) -> None:
    """From then on there would be fewer callers, which is another load."""
    found = await load(port, [repeat(call("/right"), 3), cycle([call("/split")])], 60.0)
    assert (server.asked[b"/right"], found.errors) == (3, Counter())
    assert found.seconds < 60
    assert len(found.latencies) == server.asked.total()


async def test_a_slice_ends_in_time(server: Server, port: int) -> None:
    """Endless queues end when the time is over; answers that were on their way are waited for and timed."""
    found = await load(port, [cycle([call("/split")]) for _ in range(4)], 0.1)
    assert found.errors == Counter()
    assert found.answers <= len(found.latencies) == server.asked[b"/split"] <= found.answers + 4


async def test_nobody_listens() -> None:
    """A server that is not there is no figure."""
    with pytest.raises(OSError, match="1"):
        await load(1, [repeat(call("/right"), 1)], 1.0)


def test_quantiles() -> None:
    """The latency that the share does not exceed, in ms; of nothing, 0."""
    latencies = [second / 1000 for second in range(1, 101)]
    assert quantile_ms(latencies, 0.5) == pytest.approx(51)
    assert quantile_ms(latencies, 0.99) == pytest.approx(100)
    assert quantile_ms([0.004], 0.99) == pytest.approx(4)
    assert quantile_ms([], 0.5) == 0
