"""Each fault of the network is told apart: what cannot have arrived may be sent again, everything else is unknown."""

import asyncio
import gzip
import socket
import struct
from pathlib import Path

import pytest

from core.database import Database
from exchange.brand_system import Done, Failed, Failure
from tests.adapters.certificates import self_signed
from tests.adapters.servers import Talk, credit, http, reached, request_of, saying, talking
from tests.brands.adapter_samples import REST
from tests.brands.samples import bend

OK = http(200, {"state": "ok", "id": "B-1"})


def at(url: str, deadline: str = "2") -> str:
    """The sample brand at an address."""
    return bend(bend(REST, "https://rail.example/v1", url), "seconds = 2.5", f"seconds = {deadline}")


async def outcome(database: Database, home: Path, url: str, deadline: str = "2") -> object:
    """What becomes of a credit at that address."""
    async with reached(database, home, at(url, deadline)) as (systems, program):
        return await credit(systems.of(program))


async def test_a_good_answer(database: Database, tmp_path: Path) -> None:
    """The control of all that follows."""
    async with talking(saying(OK)) as url:
        assert await outcome(database, tmp_path, url) == Done("B-1")


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


async def test_nobody_listens(database: Database, tmp_path: Path) -> None:
    """A refused connection."""
    found = await outcome(database, tmp_path, f"http://127.0.0.1:{free_port()}")
    assert found == Failed(Failure.NOT_SENT, "the connection was refused")


async def test_a_host_that_nobody_knows(database: Database, tmp_path: Path) -> None:
    """A name without an address."""
    found = await outcome(database, tmp_path, "https://brand.invalid", "20")
    assert found == Failed(Failure.NOT_SENT, "the host's name is not known")


async def test_no_tls_where_tls_is_wanted(database: Database, tmp_path: Path) -> None:
    """A plain server behind an https address."""
    async with talking(saying(OK)) as url:
        found = await outcome(database, tmp_path, url.replace("http:", "https:"))
    assert isinstance(found, Failed)
    assert found.failure is Failure.NOT_SENT


async def test_a_certificate_that_nobody_trusts(database: Database, tmp_path: Path) -> None:
    """Whoever answers is not the brand: it gets nothing."""
    got: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=self_signed(tmp_path))
    async with server:
        port = server.sockets[0].getsockname()[1]
        found = await outcome(database, tmp_path, f"https://127.0.0.1:{port}")
    assert found == Failed(Failure.NOT_SENT, "the certificate is not trusted")
    assert b"".join(got) == b""


async def test_the_deadline_passes_before_the_connection_stands(database: Database, tmp_path: Path) -> None:
    """A handshake that never ends."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        await reader.read()

    async with talking(listen) as url:
        found = await outcome(database, tmp_path, url.replace("http:", "https:"), "0.2")
    assert found == Failed(Failure.NOT_SENT, "the deadline passed")


async def _never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del writer
    await request_of(reader)
    await reader.read()


async def _closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del writer
    await request_of(reader)


async def _resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request_of(reader)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _closes_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del reader
    writer.transport.abort()


UNKNOWN: list[tuple[str, Talk, str]] = [
    ("never answers", _never, "the deadline passed"),
    ("closes without an answer", _closes, "the connection was closed without an answer"),
    ("half an answer", saying(OK[:-5]), "the answer broke off"),
    ("half a head", saying(OK[:20]), "the connection was closed without an answer"),
    ("not HTTP", saying(b"HELO\r\n\r\n"), "the answer is not HTTP"),
    ("a page", saying(http(200, b"<html>welcome</html>")), "the answer is not JSON"),
    ("half a document", saying(http(200, b'{"state": "o')), "the answer is not JSON"),
    ("a key twice", saying(http(200, b'{"state": "no", "state": "ok"}')), "the answer is not JSON"),
    ("not a number", saying(http(200, b'{"state": "ok", "id": NaN}')), "the answer is not JSON"),
    ("nested without end", saying(http(200, b"[" * 200_000)), "the answer is not JSON"),
    ("nothing", saying(http(200, b"")), "the answer fits no case of the mapping, or more than one"),
    ("another word", saying(http(200, {"state": "maybe"})), "the answer fits no case of the mapping, or more than one"),
    ("true for a word", saying(http(200, {"state": True})), "the answer fits no case of the mapping, or more than one"),
    (
        "done and refused",
        saying(http(200, {"state": "ok", "error": {"code": "LOW"}})),
        "the answer fits no case of the mapping, or more than one",
    ),
    ("too large", saying(http(200, b" " * 1_100_000)), "the answer is larger than 1048576 bytes"),
    (
        "small and grows",
        saying(http(200, gzip.compress(b" " * 40_000_000), {"Content-Encoding": "gzip"})),
        "the answer is larger than 1048576 bytes",
    ),
    ("500", saying(http(500, {"state": "ok"})), "HTTP 500"),
    ("502", saying(http(502, b"bad gateway")), "HTTP 502"),
    ("504", saying(http(504, b"")), "HTTP 504"),
    ("408", saying(http(408, b"")), "HTTP 408"),
    ("409", saying(http(409, {})), "HTTP 409"),
    ("302", saying(http(302, b"", {"Location": "http://127.0.0.1:1/"})), "HTTP 302"),
    ("307", saying(http(307, b"", {"Location": "http://127.0.0.1:1/"})), "HTTP 307"),
]


@pytest.mark.parametrize(("talk", "reason"), [case[1:] for case in UNKNOWN], ids=[case[0] for case in UNKNOWN])
async def test_nobody_knows(database: Database, tmp_path: Path, talk: Talk, reason: str) -> None:
    """After the first byte has left, only a clear answer is believed."""
    async with talking(talk) as url:
        found = await outcome(database, tmp_path, url, "0.5" if talk is _never else "5")
    assert found == Failed(Failure.UNKNOWN, reason)


@pytest.mark.parametrize("talk", [_resets, _closes_at_once])
async def test_a_connection_that_is_reset(database: Database, tmp_path: Path, talk: Talk) -> None:
    """The operating system may tell it in several ways; none of them says that nothing arrived."""
    async with talking(talk) as url:
        found = await outcome(database, tmp_path, url)
    assert isinstance(found, Failed)
    assert found.failure is Failure.UNKNOWN


REFUSED = [
    (http(400, {}), Failure.INVALID, None),
    (http(401, {}), Failure.AUTH, None),
    (http(403, b"no"), Failure.AUTH, None),
    (http(404, {}), Failure.MEMBER_NOT_FOUND, None),
    (http(405, {}), Failure.UNSUPPORTED, None),
    (http(422, {"error": {"code": "LOW", "text": "too few"}}), Failure.INSUFFICIENT, None),
    (http(409, {"error": {"code": "SAME"}}), Failure.DUPLICATE_SAME, None),
    (http(429, b"", {"Retry-After": "7"}), Failure.RATE_LIMITED, 7.0),
    (http(429, b"", {"Retry-After": "Thu, 15 Jan 2026 04:01:00 GMT"}), Failure.RATE_LIMITED, 60.0),
    (http(429, b"", {"Retry-After": "Thu, 15 Jan 2026 03:00:00 GMT"}), Failure.RATE_LIMITED, 0.0),
    (http(429, b"", {"Retry-After": "soon"}), Failure.RATE_LIMITED, None),
    (http(501, {}), Failure.UNSUPPORTED, None),
    (http(503, b"later", {"Retry-After": "30"}), Failure.NOT_SENT, 30.0),
    (http(200, {"error": {"code": "LOW"}}), Failure.INSUFFICIENT, None),
]


@pytest.mark.parametrize(("answer", "failure", "wait"), REFUSED)
async def test_refusals(
    pinned_database: Database, tmp_path: Path, answer: bytes, failure: Failure, wait: float | None
) -> None:
    """The brand's code first, then what the mapping says of the status, then what HTTP says of it."""
    async with talking(saying(answer)) as url:
        found = await outcome(pinned_database, tmp_path, url)
    assert isinstance(found, Failed)
    assert (found.failure, found.retry_after_seconds) == (failure, wait)
