"""Subscriptions over real sockets: graphql-transport-ws and server-sent events."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest

from core.database import Connection
from core.scratch import connect_as_owner
from schema.viewer import Viewer, ViewerKind
from tests.network import Network, Person
from tests.schema.test_exchanges import accepted, quoted
from tests.schema.test_movements import AWARD, order
from tests.server import Api, Server
from webhooks.notices import CHANNEL, Change, lines

WALLET = "subscription { walletChanged { memberships { balance program { code } } } }"
EXCHANGES = "subscription { exchangeChanged { id state } }"
EXCHANGE = "subscription ($id: ID!) { exchangeChanged(id: $id) { id state } }"
PROTOCOL = "graphql-transport-ws"


class Line:
    """One WebSocket, as a front end speaks over it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        """Send a message."""
        await self.socket.send_str(orjson.dumps(message).decode())

    async def hear(self) -> Any:
        """The next message."""
        return orjson.loads(await self.socket.receive_str(timeout=20))

    async def subscribe(self, query: str, name: str = "1", **variables: Any) -> None:
        """Begin an operation."""
        await self.say(type="subscribe", id=name, payload={"query": query, "variables": variables})

    async def told(self) -> Any:
        """The data of the next result."""
        message = await self.hear()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def end(self) -> tuple[int | None, str]:
        """How the other side closes: the code and the reason."""
        message = await self.socket.receive(timeout=20)
        assert message.type is aiohttp.WSMsgType.CLOSE, message
        return message.data, str(message.extra)


@asynccontextmanager
async def line(server: Server, token: str | None = None, *, begin: bool = True) -> AsyncIterator[Line]:
    """A WebSocket that is acknowledged, unless nothing is to be said."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.url}/graphql", protocols=[PROTOCOL], autoclose=False) as socket,
    ):
        opened = Line(socket)
        if begin:
            payload = {"Authorization": f"Bearer {token}"} if token else {}
            await opened.say(type="connection_init", payload=payload)
            assert await opened.hear() == {"type": "connection_ack"}
        yield opened


@pytest.fixture
async def ann(network: Network) -> Person:
    return await network.enrol({"HOTEL": 8_000, "MILES": 0})


@pytest.fixture
def member(server: Server, ann: Person) -> str:
    return server.tokens.member(ann.id)


@pytest.fixture
async def owner(shared_url: str) -> AsyncIterator[Connection]:
    connection = await connect_as_owner(shared_url)
    yield connection
    await connection.close()


def balances(told: Any) -> dict[str, str]:
    return {card["program"]["code"]: card["balance"] for card in told["walletChanged"]["memberships"]}


async def test_the_wallet_as_it_stands_and_as_it_changes(api: Api, server: Server, member: str) -> None:
    """A late joiner gets the present state first; an exchange by another request arrives by itself."""
    async with line(server, member) as opened:
        await opened.subscribe(WALLET)
        assert balances(await opened.told()) == {"HOTEL": "8000", "MILES": "0"}
        await accepted(api, member, await quoted(api, member))
        assert balances(await opened.told()) == {"HOTEL": "5000", "MILES": "1980"}
        await opened.say(type="complete", id="1")
        await opened.say(type="ping")
        assert await opened.hear() == {"type": "pong"}


async def test_an_award_at_a_till_arrives_in_the_wallet(api: Api, server: Server, network: Network) -> None:
    bob = await network.enrol({"BEANS": 0})
    till = server.tokens.brand(network.brand_id("coffee-corner"), ["awards:write"], "till-of-bob")
    async with line(server, server.tokens.member(bob.id)) as opened:
        await opened.subscribe(WALLET)
        assert balances(await opened.told()) == {"BEANS": "0.00"}
        await api.ask(AWARD, till, input=order(bob))
        assert balances(await opened.told()) == {"BEANS": "2.50"}


async def test_exchanges_as_they_are_made(api: Api, server: Server, member: str) -> None:
    """All of the member's, and nobody else's; nothing first, for none is unfinished."""
    async with line(server, member) as opened:
        await opened.subscribe(EXCHANGES)
        await opened.subscribe("{ me { id } }", "2")
        assert [(await opened.hear())["type"] for _ in range(2)] == ["next", "complete"]
        made = [await accepted(api, member, await quoted(api, member), str(at)) for at in range(2)]
        for exchange in made:
            assert (await opened.told())["exchangeChanged"] == {"id": exchange["id"], "state": "COMPLETED"}


async def test_one_exchange(api: Api, server: Server, member: str, owner: Connection) -> None:
    """Its present state first; then it changes, and when nothing more can become of it, the stream ends."""
    made = await accepted(api, member, await quoted(api, member))
    async with line(server, member) as opened:
        await opened.subscribe(EXCHANGE, id=made["id"])
        assert (await opened.told())["exchangeChanged"]["state"] == "COMPLETED"
        await reverse(owner)
        assert (await opened.told())["exchangeChanged"]["state"] == "REVERSED"
        assert await opened.hear() == {"type": "complete", "id": "1"}


async def reverse(owner: Connection) -> None:
    """As the saga would: the latest exchange's state, and the notice of it, in one transaction."""
    async with owner.transaction():
        row = await owner.fetchrow(
            "UPDATE exchange_exchange SET state = 'REVERSED' WHERE id = (SELECT max(id::text)::uuid FROM"
            " exchange_exchange) RETURNING id, source_membership_id"
        )
        assert row is not None
        (text,) = lines([Change(row["source_membership_id"], row["id"])])
        await owner.execute("SELECT pg_notify($1, $2)", CHANNEL, text)


async def test_a_lost_listener_comes_back_and_looks_again(
    api: Api, server: Server, member: str, owner: Connection
) -> None:
    """What was committed while nobody listened is told as soon as somebody does."""
    async with line(server, member) as opened:
        await opened.subscribe(WALLET)
        assert balances(await opened.told())["HOTEL"] == "8000"
        assert await owner.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query ILIKE 'LISTEN%'"
        )
        await accepted(api, member, await quoted(api, member))
        told = balances(await opened.told())
        while told["HOTEL"] != "5000":
            told = balances(await opened.told())


@pytest.mark.parametrize("query", [WALLET, EXCHANGES])
async def test_who_may_not(server: Server, network: Network, ann: Person, query: str) -> None:
    """Nobody without a token, and no token without the scope; nothing is streamed."""
    tokens = {
        "UNAUTHENTICATED": None,
        "FORBIDDEN": server.tokens.brand(network.brand_id("hotel"), ["awards:write"]),
    }
    tokens |= {"FORBIDDEN": server.tokens.member(ann.id, [])}
    for code, token in tokens.items():
        async with line(server, token) as opened:
            await opened.subscribe(query)
            message = await opened.hear()
            assert (message["type"], message["id"]) == ("error", "1")
            assert message["payload"][0]["extensions"]["code"] == code


async def test_somebody_elses_exchange(api: Api, server: Server, network: Network, member: str) -> None:
    """Is not found."""
    made = await accepted(api, member, await quoted(api, member))
    bob = server.tokens.member((await network.enrol({"HOTEL": 0})).id)
    async with line(server, bob) as opened:
        await opened.subscribe(EXCHANGE, id=made["id"])
        message = await opened.hear()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "NOT_FOUND")


async def test_a_token_that_ends_ends_the_connection(server: Server, ann: Person) -> None:
    """Whatever is open on it."""
    viewer = Viewer(ViewerKind.MEMBER, str(ann.id), "agio-wallet", frozenset({"wallet:read"}))
    short = server.tokens.access.issue(viewer, lifetime_seconds=2)
    async with line(server, short) as opened:
        await opened.subscribe(WALLET)
        await opened.told()
        assert await opened.end() == (4403, "The token has expired")


async def test_the_protocol(server: Server, member: str) -> None:
    """Each thing that the protocol forbids has its code."""
    subscribe = {"type": "subscribe", "id": "1", "payload": {"query": WALLET}}
    said: list[tuple[list[Any], int]] = [
        ([subscribe], 4401),
        ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
        ([{"type": "connection_init", "payload": []}], 4400),
        ([{"type": "connection_init", "payload": {"Authorization": "Bearer nonsense"}}], 4403),
        ([{"type": "connection_init", "payload": {"Authorization": f"Bearer {member}"}}, subscribe, subscribe], 4409),
        ([{"type": "nonsense"}], 4400),
        ([[]], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "id": "1", "payload": "x"}], 4400),
    ]
    for messages, code in said:
        async with line(server, begin=False) as opened:
            for message in messages:
                await opened.socket.send_str(orjson.dumps(message).decode())
            received = await opened.socket.receive(timeout=20)
            while received.type is aiohttp.WSMsgType.TEXT:
                received = await opened.socket.receive(timeout=20)
            assert (received.type, received.data) == (aiohttp.WSMsgType.CLOSE, code), messages
    for text in ("not json", "x" * 300_000):
        async with line(server, begin=False) as opened:
            await opened.socket.send_str(text)
            received = await opened.socket.receive(timeout=20)
            assert received.data in {4400, 1009}


async def test_another_protocol(server: Server) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.url}/graphql", protocols=["graphql-ws"], autoclose=False) as socket,
    ):
        assert (await socket.receive(timeout=20)).data == 4406


async def test_the_limits_of_queries_hold(server: Server, member: str) -> None:
    """A document that is too deep, names nothing, or is none is refused by the same rules and codes."""
    deep = "subscription { walletChanged " + "{ memberships { program { programs " * 5 + "{ id }" + " } }" * 5 + " }"
    documents = {
        deep: "GRAPHQL_",
        "subscription { nothing }": "GRAPHQL_VALIDATION_FAILED",
        "subscription {": "GRAPHQL_PARSE_FAILED",
        "subscription { walletChanged { display { name } } exchangeChanged { id } }": "GRAPHQL_VALIDATION_FAILED",
        "": "BAD_USER_INPUT",
    }
    async with line(server, member) as opened:
        for query, code in documents.items():
            await opened.subscribe(query)
            message = await opened.hear()
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"]["code"].startswith(code)


async def test_no_more_than_twenty_at_a_time(server: Server, member: str) -> None:
    """On one connection; one that is completed makes room."""
    async with line(server, member) as opened:
        for at in range(20):
            await opened.subscribe(WALLET, str(at))
            await opened.told()
        await opened.subscribe(WALLET, "one more")
        message = await opened.hear()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "OVERLOADED")
        await opened.say(type="complete", id="0")
        await opened.subscribe(WALLET, "one more")
        assert (await opened.hear())["id"] == "one more"


class Events:
    """One event stream, as a front end reads it."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self) -> tuple[str, Any]:
        """The next event's name and what it says; comments are skipped."""
        lines: list[str] = []
        while True:
            read = (await self._response.content.readline()).decode().rstrip("\n")
            if read:
                lines.append(read)
            elif lines and not lines[0].startswith(":"):
                break
            else:
                lines = []
        fields = dict(line.partition(":")[::2] for line in lines)
        data = fields.get("data", "").strip()
        return fields["event"].strip(), orjson.loads(data) if data else None


@asynccontextmanager
async def events(server: Server, query: str, token: str | None, **variables: Any) -> AsyncIterator[Events]:
    """An event stream."""
    headers = {"Accept": "text/event-stream"} | ({"Authorization": f"Bearer {token}"} if token else {})
    body = {"query": query, "variables": variables}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/graphql", json=body, headers=headers) as response,
    ):
        assert (response.status, response.content_type) == (200, "text/event-stream")
        yield Events(response)


async def test_the_wallet_as_events(api: Api, server: Server, member: str) -> None:
    async with events(server, WALLET, member) as stream:
        name, told = await stream.next()
        assert (name, balances(told["data"])) == ("next", {"HOTEL": "8000", "MILES": "0"})
        await accepted(api, member, await quoted(api, member))
        name, told = await stream.next()
        assert (name, balances(told["data"])) == ("next", {"HOTEL": "5000", "MILES": "1980"})


async def test_a_query_as_events(server: Server, member: str) -> None:
    """One result, then the end."""
    async with events(server, "{ me { memberships { balance } } }", member) as stream:
        assert await stream.next() == (
            "next",
            {"data": {"me": {"memberships": [{"balance": "8000"}, {"balance": "0"}]}}},
        )
        assert await stream.next() == ("complete", None)


async def test_errors_as_events(server: Server, member: str) -> None:
    """Refused documents and missing scopes are results too, with their codes."""
    for query, token, code in (
        (WALLET, None, "UNAUTHENTICATED"),
        ("subscription { nothing }", member, "GRAPHQL_VALIDATION_FAILED"),
        (EXCHANGE, member, "BAD_USER_INPUT"),
    ):
        async with events(server, query, token) as stream:
            name, told = await stream.next()
            assert (name, told["errors"][0]["extensions"]["code"]) == ("next", code)
            assert await stream.next() == ("complete", None)


async def test_a_token_that_ends_ends_the_stream(server: Server, ann: Person) -> None:
    viewer = Viewer(ViewerKind.MEMBER, str(ann.id), "agio-wallet", frozenset({"wallet:read"}))
    short = server.tokens.access.issue(viewer, lifetime_seconds=2)
    async with events(server, WALLET, short) as stream:
        await stream.next()
        name, told = await stream.next()
        assert (name, told["errors"][0]["extensions"]["reason"]) == ("next", "expired")
        assert await stream.next() == ("complete", None)


async def test_a_token_of_nobody(api: Api) -> None:
    """Is refused before any stream begins."""
    answer = await api.send(
        "POST", "/graphql", token="nonsense", json={"query": WALLET}, headers={"Accept": "text/event-stream"}
    )
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
