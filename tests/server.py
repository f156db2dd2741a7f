"""A real gateway on a real socket, and a client for it, for the tests of all packages.

with serving(settings) as server:
    async with Api.of(server) as api:
        answer = await api.ask("{ me { id } }", server.tokens.member(person.id))
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import uvicorn

from adapters.wechat import WeChatApp
from core.clock import Clock, SystemClock
from core.settings import Settings
from gateway.app import create_app
from gateway.oauth.access import AccessTokens
from gateway.oauth.keys import SigningKeys
from gateway.oauth.sessions import WALLET_CLIENT_ID
from gateway.settings import GatewaySettings, Mode
from schema.scopes import MEMBER_SCOPES, ROLE_SCOPES, Role
from schema.viewer import Viewer, ViewerKind

ROUTER_SECRET = "the router's secret"
WECHAT_APP = "wx-agio"
WECHAT_SECRET = "the app's secret"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes access tokens with the installation's own keys, without the way through sign-in and client secrets."""

    access: AccessTokens

    @classmethod
    def of(cls, settings: GatewaySettings, clock: Clock) -> "Tokens":
        """Those that a gateway with these settings accepts."""
        return cls(AccessTokens(SigningKeys(settings.core.home / "keys"), clock, settings.public_url))

    def member(self, member_id: UUID, scopes: Iterable[str] = MEMBER_SCOPES) -> str:
        """A member's."""
        return self.access.issue(Viewer(ViewerKind.MEMBER, str(member_id), WALLET_CLIENT_ID, frozenset(scopes)))

    def brand(self, brand_id: UUID, scopes: Iterable[str], client_id: str = "a-till") -> str:
        """A brand's system's."""
        return self.access.issue(Viewer(ViewerKind.BRAND, str(brand_id), client_id, frozenset(scopes)))

    def staff(self, name: str, *roles: Role) -> str:
        """A member of staff's."""
        scopes = frozenset(str(scope) for role in roles for scope in ROLE_SCOPES[role])
        return self.access.issue(Viewer(ViewerKind.STAFF, name, "a-test", scopes))


@dataclass(frozen=True, slots=True)
class Server:
    """A running gateway."""

    url: str
    tokens: Tokens
    home: Path
    """The installation's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: Any
    """Decoded JSON, or the text of anything else."""

    @property
    def data(self) -> Any:
        """GraphQL's data; fails when there are errors."""
        assert "errors" not in self.body, self.body
        return self.body["data"]

    @property
    def error(self) -> Any:
        """The only GraphQL error."""
        (error,) = self.body["errors"]
        return error

    @property
    def code(self) -> str:
        """The code of all GraphQL errors."""
        (code,) = {error["extensions"]["code"] for error in self.body["errors"]}
        return str(code)


class Api:
    """An HTTP client of one gateway."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @classmethod
    @contextlib.asynccontextmanager
    async def of(cls, server: Server) -> AsyncIterator["Api"]:
        """A client whose connections close with the block."""
        async with aiohttp.ClientSession(server.url) as session:
            yield cls(session)

    async def ask(self, query: str, bearer: str | None = None, /, **variables: Any) -> Answer:
        """One GraphQL operation."""
        return await self.send("POST", "/graphql", token=bearer, json={"query": query, "variables": variables})

    async def send(self, method: str, path: str, *, token: str | None = None, **options: Any) -> Answer:
        """One HTTP request; `options` are aiohttp's."""
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with self._session.request(method, path, headers=headers, **options) as response:
            is_json = response.content_type.endswith("json")
            body = await (response.json(content_type=None) if is_json else response.text())
            return Answer(response.status, response.headers, body)


SIGN_IN = """mutation ($code: String!, $phoneCode: String) {
  signIn(provider: "wechat", code: $code, phoneCode: $phoneCode) {
    __typename
    ... on Session { accessToken refreshToken lifetimeSeconds }
    ... on Refusal { message }
  }
}"""
"""How a mini-program signs in."""


def demo_settings(database_url: str, home: Path, wechat_url: str | None = None) -> GatewaySettings:
    """A demo gateway on this database, with WeChat played by a simulator at `wechat_url`."""
    wechat = WeChatApp(WECHAT_APP, WECHAT_SECRET, wechat_url) if wechat_url else None
    return GatewaySettings(Settings(home, 8800, database_url), Mode.DEMO, "http://agio.test", ROUTER_SECRET, wechat)


@contextlib.contextmanager
def serving(settings: GatewaySettings, clock: Clock | None = None) -> Iterator[Server]:
    """Serve until the block ends, in a thread with an event loop of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # The kernel would take megabytes for a client that reads nothing.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        app = create_app(settings, clock=clock)
        config = uvicorn.Config(
            app, lifespan="on", log_config=None, ws="websockets-sansio", timeout_graceful_shutdown=5
        )
        server = _Announcing(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        try:
            server.up.wait()
            assert server.started, "the gateway did not start; its log says why"
            yield Server(_url(listening), Tokens.of(settings, clock or SystemClock()), settings.core.home)
        finally:
            server.should_exit = True
            thread.join()


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()
    return f"http://{host}:{port}"


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.up.set()
