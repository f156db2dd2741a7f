"""The ASGI application: what is served under which path."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from core.clock import Clock
from core.database import Database
from core.garbage import keep_what_is_there
from core.migrate import migrate
from core.postgres import postgres
from gateway import health
from gateway.answers import error_body, json_response
from gateway.brand_events import BrandEvents
from gateway.explorer import explorer_page
from gateway.files import Files
from gateway.graphql import GraphQLEndpoint, Operation
from gateway.logs import log_json_lines, shorten_pool_logs
from gateway.metrics import Metrics, Published
from gateway.oauth.discovery import Discovery
from gateway.oauth.endpoint import TokenEndpoint
from gateway.oauth.server import TokenServer
from gateway.rate_limits import RateLimits
from gateway.requests import Door, request_id_of
from gateway.services import House, opened_house
from gateway.settings import GatewaySettings, Mode
from gateway.signatures import check_signature
from gateway.sse import EventStream
from gateway.streams import Streams
from gateway.websocket import WebSocketEndpoint
from schema.build import public_schema, subgraph_schema
from schema.context import Context
from schema.viewer import Viewer, ViewerKind


def served_app() -> Starlette:
    """The application of a server's process, which also decides how that process logs and collects garbage."""
    log_json_lines()
    shorten_pool_logs()
    app = create_app()
    public_schema()  # stands from here on
    keep_what_is_there()
    return app


def create_app(settings: GatewaySettings | None = None, *, clock: Clock | None = None) -> Starlette:
    """The application. It opens the database when it starts up, and migrates it first."""
    found = settings or GatewaySettings.from_environment()
    metrics = Metrics()
    return Starlette(
        lifespan=_lifespan(found, metrics, clock),
        middleware=[Middleware(Door, seen=metrics.seen)],
        exception_handlers={HTTPException: _refused},
    )


def _lifespan(
    settings: GatewaySettings, metrics: Metrics, clock: Clock | None
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with _opened_database(settings, clock) as database, opened_house(settings, database) as house:
            app.router.routes[:] = routes(house, metrics)
            yield

    return lifespan


@asynccontextmanager
async def _opened_database(settings: GatewaySettings, clock: Clock | None) -> AsyncIterator[Database]:
    server = postgres(settings.core)
    url = await asyncio.to_thread(server.__enter__)
    try:
        await migrate(url)
        database = await Database.connect(url, clock=clock)
        try:
            yield database
        finally:
            await database.close()
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


def routes(house: House, metrics: Metrics) -> list[BaseRoute]:
    """Everything that is served."""
    limits = RateLimits(house.settings.rates)
    tokens = TokenEndpoint(house.database, TokenServer(house.access), house.sessions, limits)
    events = BrandEvents(house.database, house.services.brand_systems, house.services.outbox)
    published = Discovery(house.settings.public_url, house.keys)
    return [
        *_graphql_routes(house, limits),
        *Files(house.database, house.access.verify, house.services.statements_folder, limits).routes(),
        Route("/oauth/token", tokens.answer, methods=["POST"]),
        Route("/brands/{program}/events", events.answer, methods=["POST"]),
        Route("/.well-known/openid-configuration", published.configuration),
        Route("/.well-known/jwks.json", published.keys),
        Route("/health/live", health.live),
        Route("/health/ready", health.Ready(house.database).answer),
        Route("/metrics", Published(metrics, house.database).answer),
    ]


def _graphql_routes(house: House, limits: RateLimits) -> list[BaseRoute]:
    open_book = house.settings.mode is Mode.DEMO
    context = partial(Context, house.services)
    endpoint = partial(GraphQLEndpoint, open_book=open_book, verify=house.access.verify, context=context, limits=limits)
    streams = Streams(public_schema(), open_book=open_book, context=context)
    with_token = dict(house.settings.rates)
    with_token.pop(ViewerKind.ANONYMOUS, None)
    admit = partial(check_signature, house.settings.router_secret)
    # Without the router's secret nobody is let in: then there is no need to build what they would see.
    subgraph = subgraph_schema() if house.settings.router_secret else public_schema()
    return [
        Route("/graphql", endpoint(public_schema(), events=partial(_events, house, streams))),
        WebSocketRoute("/graphql", WebSocketEndpoint(streams, partial(_verified, house), limits)),
        # All that has no token comes from the router's address: the router counts that by itself.
        Route("/subgraph", endpoint(subgraph, open_book=True, admit=admit, limits=RateLimits(with_token))),
        *([Route("/explorer", explorer_page), Route("/", _to_explorer)] if open_book else []),
    ]


def _events(house: House, streams: Streams, request: Request, operation: Operation, viewer: Viewer) -> EventStream:
    request_id = request_id_of(request.scope)
    token = request.headers.get("authorization", "").partition(" ")[2].strip()
    seconds_left = house.access.seconds_left(token) if viewer.kind is not ViewerKind.ANONYMOUS else None
    return EventStream(streams.results(operation, viewer, request_id), request_id, seconds_left)


def _verified(house: House, token: str) -> tuple[Viewer, float]:
    return house.access.verify(token), house.access.seconds_left(token)


async def _to_explorer(request: Request) -> Response:
    del request
    return RedirectResponse("/explorer")


_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "TOO_LARGE", 429: "RATE_LIMITED"}


async def _refused(request: Request, exception: Exception) -> Response:
    assert isinstance(exception, HTTPException)
    code = _CODES.get(exception.status_code, "BAD_REQUEST")
    body = error_body(code, exception.detail, request_id_of(request.scope))
    response = json_response(body, status=exception.status_code)
    response.headers.update(exception.headers or {})
    return response
