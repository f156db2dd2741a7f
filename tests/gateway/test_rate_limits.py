"""One client cannot take the whole gateway: so many requests a second, and some seconds' worth at once."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import aiohttp
import pytest

from core.errors import ConfigurationError
from core.ids import new_id
from gateway.rate_limits import BURST_SECONDS, DEFAULT, OFF, Client, RateLimits, read_rates
from gateway.settings import GatewaySettings
from schema.viewer import ViewerKind
from tests.gateway.test_inputs import PING
from tests.server import Api, Server, serving

ALICE = Client(ViewerKind.MEMBER, "alice")
BOB = Client(ViewerKind.MEMBER, "bob")
TILL = Client(ViewerKind.BRAND, "till")


class Watch:
    """A clock in the hand."""

    seconds = 1_000.0

    def __call__(self) -> float:
        """The time."""
        return self.seconds


def test_a_burst_is_let_in_and_then_an_even_pace() -> None:
    watch = Watch()
    limits = RateLimits({ViewerKind.MEMBER: 2.0}, seconds=watch)
    assert [limits.wait_seconds(ALICE) for _ in range(11)] == [0.0] * 10 + [0.5]
    assert limits.wait_seconds(BOB) == 0.0  # somebody else's requests do not count
    assert limits.wait_seconds(TILL) == 0.0  # nor does a kind without a rate
    watch.seconds += 0.5
    assert [limits.wait_seconds(ALICE) for _ in range(2)] == [0.0, 0.5]
    watch.seconds += 3_600
    assert [limits.wait_seconds(ALICE) for _ in range(11)] == [0.0] * 10 + [0.5]


def test_refused_requests_do_not_make_the_wait_longer() -> None:
    limits = RateLimits({ViewerKind.MEMBER: 1.0}, seconds=Watch())
    assert [limits.wait_seconds(ALICE) for _ in range(100)] == [0.0] * 5 + [1.0] * 95


def test_whoever_was_silent_for_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.rate_limits.CLIENTS_MAX", 2)
    limits = RateLimits({ViewerKind.MEMBER: 1 / BURST_SECONDS}, seconds=Watch())
    for client in (ALICE, BOB, Client(ViewerKind.MEMBER, "carol")):
        assert limits.wait_seconds(client) == 0.0
    assert (limits.wait_seconds(BOB) > 0, limits.wait_seconds(ALICE)) == (True, 0.0)


@pytest.mark.parametrize(
    "text", ["on", "member", "member=", "member=0", "member=-1", "guest=1", "member=1.5", "=", "off off"]
)
def test_rates_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="AGIO_RATE_LIMITS"):
        read_rates(text)


def test_rates_are_read_from_the_environment() -> None:
    given = GatewaySettings.from_environment({"AGIO_RATE_LIMITS": "member=5 brand=7"})
    assert given.rates == {**DEFAULT, ViewerKind.MEMBER: 5.0, ViewerKind.BRAND: 7.0}
    assert GatewaySettings.from_environment({}).rates == DEFAULT
    assert GatewaySettings.from_environment({"AGIO_RATE_LIMITS": "off"}).rates == OFF


@pytest.fixture
def slow_server(settings: GatewaySettings) -> Iterator[Server]:
    """A gateway that lets in one request of anybody, and the next one after five seconds."""
    with serving(replace(settings, rates=dict.fromkeys(ViewerKind, 1 / BURST_SECONDS))) as running:
        yield running


async def test_one_too_many_is_told_when_to_come_again(slow_server: Server) -> None:
    alice, bob = (slow_server.tokens.member(new_id()) for _ in range(2))
    async with Api.of(slow_server) as api:
        first = await api.ask(PING, alice, key="1")
        second = await api.ask(PING, alice, key="2")
        others = [await api.ask(PING, token, key="3") for token in (bob, None)]
    assert first.data == {"ping": {"idempotencyKey": "1"}}
    assert (second.status, second.code) == (429, "RATE_LIMITED")
    assert 1 <= int(second.headers["Retry-After"]) <= 5
    assert second.error["extensions"]["retryAfterSeconds"] == int(second.headers["Retry-After"])
    assert "data" not in second.body
    assert [answer.status for answer in others] == [200, 200]


async def test_a_brand_s_clients_are_counted_apart(slow_server: Server) -> None:
    brand = UUID(int=1)
    async with Api.of(slow_server) as api:
        statuses = [
            (await api.ask(PING, slow_server.tokens.brand(brand, [], client), key="k")).status
            for client in ("till-1", "till-2", "till-1")
        ]
    assert statuses == [200, 200, 429]


async def test_guessing_tokens_and_secrets_is_slowed_by_address(slow_server: Server) -> None:
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
    async with Api.of(slow_server) as api:
        guessed = await api.ask(PING, "guessed", key="k")
        again = await api.ask(PING, "guessed again", key="k")
        token = await api.send("POST", "/oauth/token", data=form)
    assert (guessed.status, guessed.code) == (401, "UNAUTHENTICATED")
    assert (again.status, again.code) == (429, "RATE_LIMITED")
    assert (token.status, token.body["error"]["code"]) == (429, "RATE_LIMITED")
    assert int(token.headers["Retry-After"]) >= 1


async def test_operations_over_a_websocket_and_event_streams_count_too(slow_server: Server) -> None:
    token = slow_server.tokens.member(new_id())
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(slow_server.url + "/graphql", protocols=("graphql-transport-ws",))
        await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        assert (await socket.receive_json())["type"] == "connection_ack"
        answers = []
        for name in ("1", "2"):
            payload = {"query": PING, "variables": {"key": name}}
            await socket.send_json({"id": name, "type": "subscribe", "payload": payload})
            answers.append(await socket.receive_json())
            if answers[-1]["type"] == "next":
                assert (await socket.receive_json())["type"] == "complete"
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
        async with session.post(
            slow_server.url + "/graphql", json={"query": "{ __typename }"}, headers=headers
        ) as stream:
            status = stream.status
        await socket.close()
    assert [answer["type"] for answer in answers] == ["next", "error"]
    assert answers[1]["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert status == 429
