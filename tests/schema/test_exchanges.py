"""Exchanges in the graph."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.clock import SettableClock
from gateway.settings import GatewaySettings
from tests.network import Network, Person
from tests.schema.test_quotes import CREATE
from tests.server import Api, Server, serving

ACCEPT = """mutation ($quote: ID!, $key: String!) {
  acceptQuote(input: { quoteId: $quote, idempotencyKey: $key }) {
    __typename
    ... on Exchange { id state source { amount program { code } } target { amount program { code } } fee }
    ... on Refusal { message }
    ... on InsufficientPoints { needed available }
    ... on LimitReached { period left }
    ... on QuoteUsed { exchangeId }
    ... on IdempotencyConflict { field }
    ... on KeyUnusable { lengthMax }
  }
}"""
EXCHANGE = "query ($id: ID!) { exchange(id: $id) { id state target { amount } } }"


@pytest.fixture
async def ann(network: Network) -> Person:
    return await network.enrol({"HOTEL": 5_000, "MILES": 100})


async def quoted(api: Api, token: str, amount: str = "3000") -> str:
    answer = await api.ask(CREATE, token, input={"source": "HOTEL", "target": "MILES", "amount": amount})
    return str(answer.data["createQuote"]["id"])


async def accepted(api: Api, token: str, quote: str, key: str = "k-1") -> Any:
    return (await api.ask(ACCEPT, token, quote=quote, key=key)).data["acceptQuote"]


async def test_points_become_other_points(api: Api, server: Server, network: Network, ann: Person) -> None:
    token = server.tokens.member(ann.id)
    made = await accepted(api, token, await quoted(api, token))
    assert made == {
        "__typename": "Exchange",
        "id": made["id"],
        "state": "COMPLETED",
        "source": {"amount": "3000", "program": {"code": "HOTEL"}},
        "target": {"amount": "1980", "program": {"code": "MILES"}},
        "fee": "1.500000",
    }
    assert await network.points(ann) == {"HOTEL": 2_000, "MILES": 2_080}
    assert (await api.ask(EXCHANGE, token, id=made["id"])).data["exchange"]["target"] == {"amount": "1980"}


async def test_sent_twice_or_at_once_it_happens_once(api: Api, server: Server, network: Network, ann: Person) -> None:
    token = server.tokens.member(ann.id)
    quote = await quoted(api, token)
    made = await asyncio.gather(*(accepted(api, token, quote) for _ in range(8)))
    assert all(again == made[0] for again in made)
    assert await network.points(ann) == {"HOTEL": 2_000, "MILES": 2_080}


async def test_the_same_key_for_another_quote_is_a_conflict(
    api: Api, server: Server, network: Network, ann: Person
) -> None:
    token = server.tokens.member(ann.id)
    await accepted(api, token, await quoted(api, token))
    refused = await accepted(api, token, await quoted(api, token, "1000"))
    assert (refused["__typename"], refused["field"]) == ("IdempotencyConflict", "quoteId")
    assert await network.points(ann) == {"HOTEL": 2_000, "MILES": 2_080}


async def test_a_quote_is_good_for_one_exchange(api: Api, server: Server, ann: Person) -> None:
    token = server.tokens.member(ann.id)
    quote = await quoted(api, token)
    made = await accepted(api, token, quote)
    refused = await accepted(api, token, quote, "k-2")
    assert (refused["__typename"], refused["exchangeId"]) == ("QuoteUsed", made["id"])


async def test_more_points_than_there_are(api: Api, server: Server, network: Network, ann: Person) -> None:
    token = server.tokens.member(ann.id)
    first, second = await quoted(api, token), await quoted(api, token)
    await accepted(api, token, first)
    refused = await accepted(api, token, second, "k-2")
    assert (refused["__typename"], refused["needed"], refused["available"]) == ("InsufficientPoints", "3000", "2000")
    assert await network.points(ann) == {"HOTEL": 2_000, "MILES": 2_080}


async def test_an_expired_quote_is_refused(
    own_settings: GatewaySettings, pinned_network: Network, clock: SettableClock
) -> None:
    ann = await pinned_network.enrol({"HOTEL": 5_000, "MILES": 0})
    with serving(own_settings, clock) as server:
        async with Api.of(server) as api:
            token = server.tokens.member(ann.id)
            quote = await quoted(api, token)
            clock.advance(timedelta(minutes=3))
            refused = await accepted(api, token, quote)
    assert refused["__typename"] == "QuoteExpired"
    assert await pinned_network.points(ann) == {"HOTEL": 5_000, "MILES": 0}


@pytest.mark.parametrize("key", ["", "x" * 101, "a\nb", "\x00"])
async def test_a_key_that_is_no_key(api: Api, server: Server, ann: Person, key: str) -> None:
    token = server.tokens.member(ann.id)
    refused = await accepted(api, token, await quoted(api, token), key)
    assert (refused["__typename"], refused["lengthMax"]) == ("KeyUnusable", 100)


async def test_somebody_elses_quote_and_exchange_are_not_to_be_had(
    api: Api, server: Server, network: Network, ann: Person
) -> None:
    bob = await network.enrol({"HOTEL": 5_000, "MILES": 0})
    own, other = server.tokens.member(ann.id), server.tokens.member(bob.id)
    quote = await quoted(api, own)
    assert (await accepted(api, other, quote))["__typename"] == "UnknownQuote"
    made = await accepted(api, own, quote)
    assert (await api.ask(EXCHANGE, other, id=made["id"])).code == "NOT_FOUND"
    assert await network.points(bob) == {"HOTEL": 5_000, "MILES": 0}


@pytest.mark.parametrize(
    "quote", ["", "x", "UXVvdGU6", "UXVvdGU6eA==", "TWVtYmVyOjAxOTAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMQ=="]
)
async def test_what_is_not_the_id_of_a_quote_is_an_error(api: Api, server: Server, ann: Person, quote: str) -> None:
    answer = await api.ask(ACCEPT, server.tokens.member(ann.id), quote=quote, key="k")
    assert answer.code == "BAD_USER_INPUT"
