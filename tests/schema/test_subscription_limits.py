"""The limits of subscriptions, made small, over real sockets: who exceeds them is told, and nobody else is harmed."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import orjson
import pytest

from core.database import Connection
from core.scratch import connect_as_owner
from gateway import changes, sse, websocket
from tests.network import Network, Person
from tests.schema.test_exchanges import accepted, quoted
from tests.schema.test_subscriptions import EXCHANGES, PROTOCOL, WALLET, balances, events, line
from tests.server import Api, Server
from webhooks.notices import CHANNEL, Change, lines

_LONG: Final = "__schema { types { name description fields { name description args { name description } } } }"
LONG: Final = "{" + " ".join(f"t{at}: {_LONG}" for at in range(3)) + "}"
"""A query with an answer of several hundred kilobytes."""
LONGER: Final = "{" + " ".join(f"t{at}: {_LONG}" for at in range(10)) + "}"
"""One with a megabyte."""


@pytest.fixture
async def ann(network: Network) -> Person:
    return await network.enrol({"HOTEL": 9_000, "MILES": 0})


@pytest.fixture
def member(server: Server, ann: Person) -> str:
    return server.tokens.member(ann.id)


@pytest.fixture
async def owner(shared_url: str) -> AsyncIterator[Connection]:
    connection = await connect_as_owner(shared_url)
    yield connection
    await connection.close()


def narrow(address: Any) -> socket.socket:
    """A socket that takes little at a time."""
    made = socket.socket(address[0], address[1], address[2])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    return made


@asynccontextmanager
async def narrow_session(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that reads from the network only when somebody reads from it."""
    connector = aiohttp.TCPConnector(socket_factory=narrow)
    async with aiohttp.ClientSession(server.url, connector=connector) as session:
        yield session


async def wallet_of(server: Server, token: str) -> dict[str, str]:
    """What a new subscription is told first."""
    async with line(server, token) as opened:
        await opened.subscribe(WALLET)
        return balances(await opened.told())


async def test_no_more_subscriptions_than_a_process_can_serve(
    server: Server, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over both ways together; who is one too many hears so, and whoever leaves makes room."""
    monkeypatch.setattr(changes, "WATCHES_MAX", 2)
    async with line(server, member) as first, events(server, WALLET, member) as second:
        await first.subscribe(WALLET)
        await first.told()
        await second.next()
        async with line(server, member) as third, events(server, WALLET, member) as fourth:
            await third.subscribe(WALLET)
            message = await third.hear()
            assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "OVERLOADED")
            assert (await fourth.next())[1]["errors"][0]["extensions"]["code"] == "OVERLOADED"
            await third.subscribe("{ me { id } }", "a query")
            assert (await third.hear())["type"] == "next"
            assert (await third.hear())["type"] == "complete"
            await first.say(type="complete", id="1")
            await first.subscribe("{ __typename }", "later")
            assert [(await first.hear())["type"] for _ in range(2)] == ["next", "complete"]
            await third.subscribe(WALLET)
            assert balances(await third.told()) == {"HOTEL": "9000", "MILES": "0"}


async def test_more_changes_than_are_remembered_are_all_told(
    api: Api, server: Server, member: str, ann: Person, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With more exchanges than it remembers, a subscription looks at everything; each state is told once."""
    monkeypatch.setattr(changes, "EXCHANGES_MAX", 1)
    made = [await accepted(api, member, await quoted(api, member), str(at)) for at in range(3)]
    async with line(server, member) as opened:
        await opened.subscribe(EXCHANGES)
        await opened.subscribe("{ me { id } }", "2")
        assert [(await opened.hear())["type"] for _ in range(2)] == ["next", "complete"]
        async with owner.transaction():
            card = ann.cards["HOTEL"].id
            query = "UPDATE exchange_exchange SET state = 'REVERSED' WHERE source_membership_id = $1 RETURNING id"
            changed = [Change(card, row["id"]) for row in await owner.fetch(query, card)]
            (text,) = lines(changed)
            await owner.execute("SELECT pg_notify($1, $2)", CHANNEL, text)
        told = [(await opened.told())["exchangeChanged"] for _ in range(3)]
    assert told == [{"id": each["id"], "state": "REVERSED"} for each in made]


async def test_a_slow_websocket_is_closed_and_others_are_not(
    api: Api, server: Server, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hears why when it reads again; meanwhile everybody else is told; and it comes back to what stands then."""
    monkeypatch.setattr(websocket, "SEND_SECONDS", 0.3)
    async with line(server, member) as other, narrow_session(server) as session:
        await other.subscribe(WALLET)
        await other.told()
        slow = await session.ws_connect("/graphql", protocols=[PROTOCOL], autoclose=False, max_msg_size=0)
        await slow.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {member}"}})
        assert await slow.receive_json() == {"type": "connection_ack"}
        await slow.send_json({"type": "subscribe", "id": "wallet", "payload": {"query": WALLET}})
        assert (await slow.receive_json())["type"] == "next"
        for at in range(4):
            await slow.send_json({"type": "subscribe", "id": str(at), "payload": {"query": LONG}})
        await asyncio.sleep(2)
        await accepted(api, member, await quoted(api, member))
        assert balances(await other.told()) == {"HOTEL": "6000", "MILES": "1980"}
        while (message := await slow.receive(timeout=20)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert (message.type, message.data, message.extra) == (
            aiohttp.WSMsgType.CLOSE,
            4413,
            "The client is too slow",
        )
    assert await wallet_of(server, member) == {"HOTEL": "6000", "MILES": "1980"}


async def test_a_slow_event_stream_is_ended_with_a_reason(
    server: Server, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    too_slow = threading.Event()

    class Noticed(sse.TooSlow):
        def __init__(self) -> None:
            super().__init__()
            monkeypatch.setattr(sse, "SEND_SECONDS", 30.0)  # for its last words there is time
            too_slow.set()

    monkeypatch.setattr(sse, "TooSlow", Noticed)
    monkeypatch.setattr(sse, "SEND_SECONDS", 0.5)
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {member}"}
    async with (
        narrow_session(server) as session,
        session.post("/graphql", json={"query": LONGER}, headers=headers) as stream,
    ):
        await asyncio.to_thread(too_slow.wait, 60)
        told = await stream.read()
    *_, last, complete, _ = told.decode().split("\n\n")
    assert orjson.loads(last.partition("data: ")[2])["errors"][0]["extensions"]["code"] == "TOO_SLOW"
    assert complete == "event: complete\ndata:"


async def test_a_client_that_never_reads_again_is_left(
    server: Server, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its place is free, though it never hears why."""
    monkeypatch.setattr(changes, "WATCHES_MAX", 1)
    for module in (websocket, sse):
        monkeypatch.setattr(module, "SEND_SECONDS", 0.2)
    monkeypatch.setattr(websocket, "CLOSE_SECONDS", 0.2)
    async with narrow_session(server) as session:
        slow = await session.ws_connect("/graphql", protocols=[PROTOCOL], autoclose=False, max_msg_size=0)
        await slow.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {member}"}})
        await slow.receive_json()
        await slow.send_json({"type": "subscribe", "id": "wallet", "payload": {"query": WALLET}})
        await slow.receive_json()
        for at in range(4):
            await slow.send_json({"type": "subscribe", "id": str(at), "payload": {"query": LONG}})
        async with asyncio.timeout(20):
            while True:
                async with line(server, member) as opened:
                    await opened.subscribe(WALLET)
                    if (await opened.hear())["type"] == "next":
                        return
                await asyncio.sleep(0.1)
