"""The outermost layer: every request gets an id, is counted and timed, and always has an answer in JSON."""

import re
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.ids import new_id
from gateway.answers import error_body, json_response
from gateway.errors import masked

_KEY = "agio.request_id"
_WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{8,64}", re.ASCII)

Seen = Callable[[str, str, int, float], None]
"""Told of each answer: method, path, status, seconds."""


def request_id_of(scope: Scope) -> str:
    """The id of the request, shown with each error and found in the logs."""
    request_id: str = scope[_KEY]
    return request_id


class Door:
    """Wraps the application; a caller's own well-formed `X-Request-Id` is kept."""

    def __init__(self, app: ASGIApp, *, seen: Seen) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[_KEY] = _request_id(scope["headers"])
        answer = _Answer(send, scope[_KEY])
        started = time.perf_counter()
        try:
            await self._app(scope, receive, answer)
        except Exception as exception:  # noqa: BLE001 - the client gets an answer, the log gets the exception
            await _apologise(exception, scope, receive, answer)
        self._seen(scope["method"], _route(scope), answer.status, time.perf_counter() - started)


class _Answer:
    """Sends the answer on, with the request's id in its headers, and remembers its status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._header = (b"x-request-id", request_id.encode())
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), self._header]
        await self._send(message)


def _request_id(headers: list[tuple[bytes, bytes]]) -> str:
    given = next((value for name, value in headers if name == b"x-request-id"), b"")
    return given.decode() if _WELL_FORMED.fullmatch(given) else str(new_id())


def _route(scope: Scope) -> str:
    # Paths that nobody serves must not become labels; those that are served have no parameters.
    return str(scope["path"]) if "endpoint" in scope else "other"


async def _apologise(exception: Exception, scope: Scope, receive: Receive, answer: _Answer) -> None:
    error = masked(exception, scope[_KEY])
    code = error["extensions"]["code"]
    if answer.status:
        return  # the answer is on its way already; the connection is closed
    response = json_response(error_body(code, error["message"], scope[_KEY]), status=500 if code == "INTERNAL" else 503)
    await response(scope, receive, answer)
