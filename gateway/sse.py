"""Results as server-sent events: GraphQL over SSE, distinct connections mode (one operation a connection)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, Final

import orjson
from graphql import ExecutionResult, GraphQLError
from starlette.types import Receive, Scope, Send

from gateway.graphql import EVENT_STREAM, body_of
from schema.errors import Unauthenticated

QUIET_SECONDS: Final = 12.0
"""After which a comment is sent, so that nobody on the way takes the connection for dead."""
SEND_SECONDS: Final = 30.0
"""How long a client may take for one event; a slower one is left."""

_HEADERS: Final = [
    (b"content-type", f"{EVENT_STREAM}; charset=utf-8".encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """An ASGI application that answers one request with events, until they end, the token or the client does."""

    def __init__(
        self, results: AsyncGenerator[ExecutionResult, None], request_id: str, seconds_left: float | None
    ) -> None:
        self._results = results
        self._request_id = request_id
        self._seconds_left = seconds_left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        del scope
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        pump = asyncio.create_task(self._pump(send))
        left = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait({pump, left}, return_when=asyncio.FIRST_COMPLETED)
            if pump.done():
                pump.result()
        finally:
            await _ended(pump, left)

    async def _pump(self, send: Send) -> None:
        try:
            async with asyncio.timeout(self._seconds_left):
                async for text in self._events():
                    await _send(send, text)
            await _complete(send)
        except TooSlow:
            await self._end_with(send, _LEFT)
        except TimeoutError:
            await self._end_with(send, Unauthenticated("The token has expired.", reason="expired"))
        except Exception as error:  # noqa: BLE001 - masked, and logged with its id
            await self._end_with(send, GraphQLError(str(error), path=["subscription"], original_error=error))

    async def _end_with(self, send: Send, error: GraphQLError) -> None:
        # Whoever takes not even this in time, or has left, sees the connection end.
        with suppress(TooSlow):
            await _send(send, self._next(ExecutionResult(None, [error])))
            await _complete(send)

    async def _events(self) -> AsyncIterator[bytes]:
        async with aclosing(self._results):
            waiting: asyncio.Task[ExecutionResult] | None = None
            try:
                while True:
                    waiting = waiting or asyncio.ensure_future(anext(self._results))
                    done, _ = await asyncio.wait({waiting}, timeout=QUIET_SECONDS)
                    if not done:
                        yield b":\n\n"
                        continue
                    result, waiting = waiting.result(), None
                    yield self._next(result)
            except StopAsyncIteration:
                return
            finally:
                if waiting:
                    await _ended(waiting)

    def _next(self, result: ExecutionResult) -> bytes:
        return b"event: next\ndata: " + orjson.dumps(body_of(result, self._request_id)) + b"\n\n"


class TooSlow(Exception):
    """The client did not take what was sent."""


_LEFT: Final = GraphQLError("This client is too slow; open the stream again.", extensions={"code": "TOO_SLOW"})


async def _complete(send: Send) -> None:
    await _send(send, b"event: complete\ndata:\n\n")
    await _send(send, b"", more=False)


async def _send(send: Send, text: bytes, *, more: bool = True) -> None:
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await send({"type": "http.response.body", "body": text, "more_body": more})
    except TimeoutError as error:
        raise TooSlow from error


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _ended(*tasks: "asyncio.Task[Any]") -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Exception):
            await task
