"""A line between us and the brand that can be cut: a small proxy that disturbs the message it is told to."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web


class Disturbance(StrEnum):
    """What happens to a message."""

    LOST_REQUEST = "lost_request"
    """It never reaches the brand; the connection closes."""
    LOST_ANSWER = "lost_answer"
    """The brand gets it; the connection closes without the answer."""
    HALF_ANSWER = "half_answer"
    MALFORMED_ANSWER = "malformed_answer"
    LATE_ANSWER = "late_answer"
    """The brand gets it; the answer is kept back for ever."""
    ERROR_AFTER = "error_after"
    """The brand gets it; a gateway answers 502 in its place."""
    TOO_MANY = "too_many"
    """It never reaches the brand; 429 with Retry-After."""
    STRIPPED = "stripped"
    """It reaches the brand without the headers that say who we are."""


_BEFORE = {Disturbance.LOST_REQUEST, Disturbance.TOO_MANY}
_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "host", "content-length"}
_PLAIN = {"accept", "accept-encoding", "content-type", "user-agent"}
_BYTES_MAX = 64 * 1024 * 1024
_RETRY_AFTER_SECONDS = "7"


@dataclass(slots=True)
class Line:
    """The line. `disturb` arms it for the next message that holds a text; everything else passes."""

    url: str
    """What to call in place of the brand's own address."""
    _text: bytes = b""
    _armed: Disturbance | None = None
    met: list[Disturbance] = field(default_factory=list)
    """The disturbances that took place."""

    def disturb(self, text: str, disturbance: Disturbance) -> None:
        """Disturb the next message whose path, headers or body hold `text`."""
        self._text, self._armed = text.encode(), disturbance

    def calm(self) -> None:
        """Let everything pass again."""
        self._armed = None

    def take(self, message: bytes) -> Disturbance | None:
        """The disturbance that meets this message, if any."""
        if self._armed is None or self._text not in message:
            return None
        taken, self._armed = self._armed, None
        self.met.append(taken)
        return taken


@asynccontextmanager
async def open_line(address: str) -> AsyncIterator[Line]:
    """A line to the brand's system at this address, on a free port of the loopback address."""
    place = urlsplit(address)
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        line = Line("")
        forwarder = _Forwarder(line, f"{place.scheme}://{place.netloc}", session)
        runner = web.AppRunner(
            forwarder.application(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        line.url = f"http://127.0.0.1:{runner.addresses[0][1]}{place.path}"
        try:
            yield line
        finally:
            await runner.cleanup()


@dataclass(frozen=True, slots=True)
class _Forwarder:
    """Passes requests on, as far as the line is calm."""

    line: Line
    origin: str
    session: aiohttp.ClientSession

    def application(self) -> web.Application:
        application = web.Application(client_max_size=_BYTES_MAX)
        application.router.add_route("*", "/{path:.*}", self._pass)
        return application

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        heads = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        disturbance = self.line.take(b"\n".join((request.path_qs.encode(), heads.encode(), body)))
        if disturbance in _BEFORE:
            return _not_passed(request, disturbance)
        answer = await self._forwarded(request, body, stripped=disturbance is Disturbance.STRIPPED)
        return await _spoilt(request, answer, disturbance)

    async def _forwarded(self, request: web.Request, body: bytes, *, stripped: bool) -> web.Response:
        headers = _kept(request.headers, _PLAIN if stripped else None)
        url = self.origin + request.raw_path
        try:
            async with self.session.request(
                request.method, url, headers=headers, data=body or None, allow_redirects=False
            ) as answer:
                content = await answer.read()
                return web.Response(status=answer.status, body=content, headers=_kept(answer.headers, None))
        except aiohttp.ClientError:
            return _hung_up(request)


async def _spoilt(request: web.Request, answer: web.Response, disturbance: Disturbance | None) -> web.StreamResponse:
    match disturbance:
        case None | Disturbance.STRIPPED:
            return answer
        case Disturbance.HALF_ANSWER:
            return await _half(request, answer)
        case Disturbance.MALFORMED_ANSWER:
            return web.Response(status=answer.status, body=b'{"status": "suc\xff<html>', headers=answer.headers)
        case Disturbance.ERROR_AFTER:
            return web.Response(status=502, text="Bad gateway")
        case Disturbance.LATE_ANSWER:
            await asyncio.Event().wait()
        case _:
            pass
    return _hung_up(request)


def _not_passed(request: web.Request, disturbance: Disturbance | None) -> web.Response:
    if disturbance is Disturbance.TOO_MANY:
        return web.Response(status=429, text="Too many requests", headers={"Retry-After": _RETRY_AFTER_SECONDS})
    return _hung_up(request)


async def _half(request: web.Request, answer: web.Response) -> web.StreamResponse:
    body = bytes(answer.body) if isinstance(answer.body, bytes) else b""
    headers = [*_kept(answer.headers, None), ("Content-Length", str(max(2, len(body))))]
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(request)
    await response.write(body[: len(body) // 2] or b"{")
    _hung_up(request)
    return response


def _hung_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.close()
    return web.Response()


def _kept(headers: Mapping[str, str], only: set[str] | None) -> list[tuple[str, str]]:
    """Headers that go through: none about the connection, and where `only` is given, no others."""
    return [
        (name, value)
        for name, value in headers.items()
        if name.lower() not in _HOP and (only is None or name.lower() in only)
    ]
