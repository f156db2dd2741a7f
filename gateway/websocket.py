"""GraphQL over WebSocket: the graphql-transport-ws protocol.

Strawberry's own handler is not used: it validates each document anew, knows nothing of our limits, and sends errors
as they are. What it does about the protocol, this does with our documents, guards, limits and masks.

Closing codes: 4400 a message that makes no sense, 4401 an operation before `connection_init`, 4403 a token that cannot
be used or has expired, 4406 another protocol, 4408 no `connection_init` in time, 4409 an id in use,
4413 a client too slow, 4429 two `connection_init`.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from typing import Any, Final

import orjson
from graphql import ExecutionResult, GraphQLError
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from core.ids import new_id
from gateway.errors import OVERLOADED
from gateway.graphql import Operation, Refused, address_of, body_of, let_in, never_ran, read_operation
from gateway.rate_limits import RateLimits
from gateway.streams import Streams, Unopened
from schema.errors import Unauthenticated
from schema.viewer import ANONYMOUS, Viewer

PROTOCOL: Final = "graphql-transport-ws"
OPERATIONS_MAX: Final = 20
"""At a time on one connection."""
INIT_SECONDS: Final = 10.0
SEND_SECONDS: Final = 30.0
"""How long a client may take for one message; a slower one is left."""
CLOSE_SECONDS: Final = 30.0
"""How long it then may take to hear why."""
MESSAGE_BYTES_MAX: Final = 262_144

Verify = Callable[[str], tuple[Viewer, float]]
"""Turns a bearer token into a viewer and the seconds it lives. Raises Unauthenticated."""


class WebSocketEndpoint:
    """One schema behind one path, as an ASGI application."""

    def __init__(self, streams: Streams, verify: Verify, limits: RateLimits) -> None:
        self._streams = streams
        self._verify = verify
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        socket = WebSocket(scope, receive, send)
        if PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await socket.accept(PROTOCOL)
        await _Conversation(socket, self._streams, self._verify, self._limits).hold()


class _Closed(Exception):
    """The conversation ends with a code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Conversation:
    """One connection."""

    def __init__(self, socket: WebSocket, streams: Streams, verify: Verify, limits: RateLimits) -> None:
        self._socket = socket
        self._streams = streams
        self._verify = verify
        self._limits = limits
        self._viewer: Viewer | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()
        self._holder = asyncio.current_task()
        self._too_slow = False

    async def hold(self) -> None:
        """Until somebody closes it."""
        try:
            await self._hold()
        except asyncio.CancelledError:
            if not self._too_slow or self._holder is None:
                raise
            self._holder.uncancel()
            await self._close(*_TOO_SLOW)

    async def _hold(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS) as limit:
                try:
                    while True:
                        await self._take(await self._message(), limit)
                finally:
                    await self._end_operations()
        except TimeoutError:
            code, reason = (4408, "Connection initialisation timeout") if self._viewer is None else _EXPIRED
            await self._close(code, reason)
        except _Closed as closed:
            await self._close(closed.code, closed.reason)
        except WebSocketDisconnect:
            pass

    async def _message(self) -> dict[str, Any]:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1005))
        text = received.get("text")
        if text is None or len(text) > MESSAGE_BYTES_MAX:
            raise _Closed(4400, "Messages are texts that are not too long")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise _Closed(4400, "Messages are JSON") from error
        if not isinstance(message, dict):
            raise _Closed(4400, "Messages are JSON objects")
        return message

    async def _take(self, message: dict[str, Any], limit: asyncio.Timeout) -> None:
        match message:
            case {"type": "connection_init"}:
                await self._begin(message.get("payload"), limit)
            case {"type": "ping"}:
                await self._send({"type": "pong"})
            case {"type": "pong"}:
                pass
            case {"type": "subscribe", "id": str(name), "payload": dict(payload)} if name:
                await self._subscribe(name, payload)
            case {"type": "complete", "id": str(name)}:
                await self._forget(name)
            case _:
                raise _Closed(4400, "Unknown message")

    async def _begin(self, payload: Any, limit: asyncio.Timeout) -> None:
        if self._viewer is not None:
            raise _Closed(4429, "Too many initialisation requests")
        if not isinstance(payload, dict | None):
            raise _Closed(4400, "The payload of connection_init is an object")
        self._viewer, seconds_left = self._who(payload or {})
        now = asyncio.get_running_loop().time()
        limit.reschedule(None if seconds_left is None else now + seconds_left)
        await self._send({"type": "connection_ack"})

    def _who(self, payload: dict[str, Any]) -> tuple[Viewer, float | None]:
        found = payload.get("Authorization") or payload.get("authorization")
        header = found if found is not None else self._socket.headers.get("authorization")
        if header is None:
            return ANONYMOUS, None
        kind, _, token = str(header).partition(" ")
        try:
            return self._verify(token.strip() if kind.lower() == "bearer" else "")
        except Unauthenticated as error:
            raise _Closed(4403, error.message) from error

    async def _subscribe(self, name: str, payload: dict[str, Any]) -> None:
        if self._viewer is None:
            raise _Closed(4401, "Unauthorized")
        if name in self._operations:
            raise _Closed(4409, f"Subscriber for {name[:60]} already exists")
        try:
            let_in(self._limits, self._viewer, address_of(self._socket))
            operation = read_operation(payload)
        except Refused as refused:
            await self._send_error(name, ExecutionResult(None, [refused.error]))
            return
        if len(self._operations) >= OPERATIONS_MAX:
            message = f"At most {OPERATIONS_MAX} operations at a time on one connection."
            await self._send_error(name, ExecutionResult(None, [GraphQLError(message, extensions=_FULL)]))
            return
        self._operations[name] = asyncio.create_task(self._run(name, operation, self._viewer))

    async def _run(self, name: str, operation: Operation, viewer: Viewer) -> None:
        try:
            results = self._streams.results(operation, viewer, str(new_id()))
            async with aclosing(results):
                async for result in results:
                    if isinstance(result, Unopened) or never_ran(result):
                        await self._send_error(name, result)
                        return
                    await self._send({"id": name, "type": "next", "payload": body_of(result, str(new_id()))})
            await self._send({"id": name, "type": "complete"})
        except TimeoutError:
            self._leave()
        except (WebSocketDisconnect, RuntimeError):
            await self._close(1011, "The client has left")
        except Exception as error:  # noqa: BLE001 - masked, and logged with its id
            await self._send_error(name, ExecutionResult(None, [_located(error)]))
        finally:
            if self._operations.get(name) is asyncio.current_task():
                del self._operations[name]

    def _leave(self) -> None:
        """End the conversation from one of its operations: nothing of it gets through to the client."""
        if not self._too_slow and self._holder is not None:
            self._too_slow = True
            self._holder.cancel()

    async def _forget(self, name: str) -> None:
        task = self._operations.pop(name, None)
        if task:
            task.cancel()

    async def _end_operations(self) -> None:
        tasks = list(self._operations.values())
        self._operations.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _send_error(self, name: str, result: ExecutionResult) -> None:
        errors = body_of(result, str(new_id()))["errors"]
        await self._send({"id": name, "type": "error", "payload": errors})

    async def _send(self, message: dict[str, Any]) -> None:
        async with asyncio.timeout(SEND_SECONDS), self._sending:
            await self._socket.send_text(orjson.dumps(message).decode())

    async def _close(self, code: int, reason: str) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            # Closing waits, as sending does, until there is room for it.
            with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._socket.close(code, reason)


_EXPIRED: Final = (4403, "The token has expired")
_TOO_SLOW: Final = (4413, "The client is too slow")
_FULL: Final = {"code": OVERLOADED}


def _located(error: Exception) -> GraphQLError:
    """As an error that was raised while the operation ran: it is masked unless it is meant for clients."""
    return GraphQLError(str(error), path=["subscription"], original_error=error)
