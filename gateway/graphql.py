"""GraphQL over HTTP: POST, JSON, one operation a request.

Documents are parsed and validated once (`gateway.documents`) and run by graphql-core directly: strawberry's own
`schema.execute` parses and validates again for every request.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.answers import JSON
from gateway.bodies import read_body
from gateway.documents import Documents, Prepared, Unusable
from gateway.errors import shown
from gateway.execution import run
from gateway.rate_limits import Client, RateLimits
from gateway.requests import request_id_of
from schema.context import Context
from schema.errors import BadInput, Forbidden, RateLimited, Unauthenticated
from schema.viewer import ANONYMOUS, Viewer, ViewerKind

BODY_BYTES_MAX = 262_144
BULK_BYTES_MAX = 8_388_608
"""For brands' systems, which send thousands of rows in one call and announce how long it is."""
GRAPHQL_JSON = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"

Body: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asks for, its shape checked."""

    query: str
    variables: dict[str, Any]
    name: str | None


class Refused(Exception):
    """The request itself cannot be answered: an HTTP status and one error."""

    def __init__(self, status: int, error: GraphQLError, **headers: str) -> None:
        super().__init__(error.message)
        self.status = status
        self.error = error
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class GraphQLEndpoint:
    """One schema behind one path, as an ASGI application.

    `verify` turns a bearer token into a viewer, `context` makes the context of one request, `admit` may refuse a
    request by its body (the subgraph's signature), and `limits` by who asks, and how often.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        open_book: bool,
        verify: Callable[[str], Viewer],
        context: Callable[[Viewer, str], Context],
        limits: RateLimits,
        events: Callable[[Request, Operation, Viewer], ASGIApp] | None = None,
        admit: Callable[[Body], None] = lambda _: None,
    ) -> None:
        self._schema = schema
        self._documents = Documents(schema, open_book=open_book)
        self._hide_suggestions = not open_book
        self._verify = verify
        self._context = context
        self._limits = limits
        self._events = events
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        request_id = request_id_of(scope)
        media_type = _media_type(request.headers.get("accept", ""))
        try:
            if self._events and EVENT_STREAM in request.headers.get("accept", ""):
                await (await self._stream(self._events, request))(scope, receive, send)
                return
            result = await self._answer(request, request_id)
            response = _respond(result, _status(result, media_type), media_type, request_id)
        except Refused as refused:
            response = _respond(ExecutionResult(None, [refused.error]), refused.status, media_type, request_id)
            response.headers.update(refused.headers)
        await response(scope, receive, send)

    async def _stream(self, events: Callable[[Request, Operation, Viewer], ASGIApp], request: Request) -> ASGIApp:
        operation = read_operation(await _read(request, BODY_BYTES_MAX))
        return events(request, operation, self._limited_viewer(request))

    async def _answer(self, request: Request, request_id: str) -> ExecutionResult:
        body = await _read(request, self._bytes_max(request.headers))
        self._let_in(body)
        operation = read_operation(body)
        viewer = self._limited_viewer(request)
        prepared = self._documents.prepare(operation.query)
        if isinstance(prepared, Unusable):
            return ExecutionResult(None, prepared.errors)
        _check_kind(prepared, operation.name)
        return await self._execute(prepared, operation, self._context(viewer, request_id))

    def _bytes_max(self, headers: Headers) -> int:
        announced = headers.get("content-length", "")
        if not (announced.isascii() and announced.isdigit() and int(announced) > BODY_BYTES_MAX):
            return BODY_BYTES_MAX
        return BULK_BYTES_MAX if self._viewer(headers).kind is ViewerKind.BRAND else BODY_BYTES_MAX

    def _let_in(self, body: Body) -> None:
        try:
            self._admit(body)
        except Forbidden as error:
            raise Refused(403, error) from error

    def _limited_viewer(self, request: Request) -> Viewer:
        try:
            viewer = self._viewer(request.headers)
        except Refused:
            let_in(self._limits, ANONYMOUS, address_of(request))
            raise
        let_in(self._limits, viewer, address_of(request))
        return viewer

    def _viewer(self, headers: Headers) -> Viewer:
        authorization = headers.get("authorization")
        if authorization is None:
            return ANONYMOUS
        kind, _, token = authorization.partition(" ")
        try:
            return self._verify(token.strip() if kind.lower() == "bearer" else "")
        except Unauthenticated as error:
            raise Refused(401, error, WWW_Authenticate='Bearer error="invalid_token"') from error

    async def _execute(self, prepared: Prepared, operation: Operation, context: Context) -> ExecutionResult:
        return await run(
            self._schema,
            prepared.document,
            prepared.selections.get(operation.name),
            name=operation.name,
            variables=operation.variables,
            context=context,
            hide_suggestions=self._hide_suggestions,
        )


def address_of(request: HTTPConnection) -> str:
    """The address that a request comes from."""
    return request.client.host if request.client else ""


def let_in(limits: RateLimits, viewer: Viewer, address: str) -> None:
    """Count one request. Raises Refused when it is one too many."""
    wait_seconds = limits.wait_seconds(Client.of(viewer, address))
    if wait_seconds:
        raise too_many(wait_seconds)


def too_many(wait_seconds: float) -> Refused:
    """The answer to a client that has to wait."""
    seconds = math.ceil(wait_seconds)
    error = RateLimited(
        f"Too many requests of this client; nothing was done. Repeat the same request in {seconds} s.",
        retryAfterSeconds=seconds,
    )
    return Refused(429, error, Retry_After=str(seconds))


async def _read(request: Request, bytes_max: int) -> Body:
    if request.method != "POST":
        raise Refused(405, BadInput("Send a POST request."), Allow="POST")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise Refused(415, BadInput(f"Send {JSON}."))
    try:
        body = orjson.loads(await read_body(request, bytes_max))
    except HTTPException as error:
        raise Refused(error.status_code, BadInput(error.detail)) from error
    except orjson.JSONDecodeError as error:
        raise Refused(400, BadInput("The body is not JSON.")) from error
    if not isinstance(body, dict):
        raise Refused(400, BadInput("Send one JSON object; batches are not accepted."))
    return body


def read_operation(body: Body) -> Operation:
    """What the client asks for. Raises Refused."""
    query, variables, name = body.get("query"), body.get("variables"), body.get("operationName")
    if not isinstance(query, str) or not query:
        raise Refused(400, BadInput("`query` must be a text."))
    if not isinstance(variables, dict | None):
        raise Refused(400, BadInput("`variables` must be an object."))
    if not isinstance(name, str | None):
        raise Refused(400, BadInput("`operationName` must be a text."))
    if not isinstance(body.get("extensions"), dict | None):
        raise Refused(400, BadInput("`extensions` must be an object."))
    return Operation(query, variables or {}, name or None)


def _check_kind(prepared: Prepared, name: str | None) -> None:
    if name not in prepared.operations:
        raise Refused(400, BadInput("`operationName` must name one of the document's operations."))
    if prepared.operations[name] is OperationType.SUBSCRIPTION:
        raise Refused(400, BadInput("Subscriptions are answered as an event stream or over a WebSocket."))


def _media_type(accept: str) -> str:
    return GRAPHQL_JSON if GRAPHQL_JSON in accept else JSON


def _status(result: ExecutionResult, media_type: str) -> int:
    # Clients of plain JSON read from the body alone what became of a document; those of the newer type see 400.
    return 400 if media_type == GRAPHQL_JSON and never_ran(result) else 200


def never_ran(result: ExecutionResult) -> bool:
    """Whether the operation was refused before anything of it ran."""
    return result.data is None and all(error.path is None for error in result.errors or ())


def body_of(result: ExecutionResult, request_id: str) -> Body:
    """The result as clients read it, its errors masked."""
    body: Body = {}
    if result.errors:
        body["errors"] = [shown(error, request_id) for error in result.errors]
    if not never_ran(result):
        body["data"] = result.data
    return body


def _respond(result: ExecutionResult, status: int, media_type: str, request_id: str) -> Response:
    return Response(orjson.dumps(body_of(result, request_id)), status, media_type=f"{media_type}; charset=utf-8")
