"""Awards and burns in the graph."""

import asyncio
from typing import Any

import pytest

from brands import Scope
from core.ids import new_id
from tests.network import Network, Person
from tests.server import Api, Server

AWARD = """mutation ($input: MovementInput!) {
  awardPoints(input: $input) {
    __typename
    ... on Movement { id kind amount reason program { code } }
    ... on Refusal { message }
    ... on IdempotencyConflict { field }
    ... on AmountAboveMaximum { allowed }
  }
}"""
BURN = AWARD.replace("awardPoints", "burnPoints")


@pytest.fixture
async def ann(network: Network) -> Person:
    return await network.enrol({"BEANS": 1_000, "HOTEL": 0})


@pytest.fixture
def till(server: Server, network: Network) -> str:
    return server.tokens.brand(network.brand_id("coffee-corner"), [Scope.AWARDS_WRITE], f"till-{new_id()}")


def order(person: Person, amount: str = "2.50", **changes: Any) -> dict[str, Any]:
    return {
        "program": "BEANS",
        "number": person.cards["BEANS"].number,
        "amount": amount,
        "idempotencyKey": "receipt-1",
        **changes,
    }


async def test_a_till_awards_points(api: Api, network: Network, ann: Person, till: str) -> None:
    answer = await api.ask(AWARD, till, input=order(ann, reason="Two flat whites"))
    made = answer.data["awardPoints"]
    assert {**made, "id": ""} == {
        "__typename": "Movement",
        "id": "",
        "kind": "AWARD",
        "amount": "2.50",
        "reason": "Two flat whites",
        "program": {"code": "BEANS"},
    }
    assert await network.points(ann) == {"BEANS": 1_250, "HOTEL": 0}


async def test_a_till_takes_points(api: Api, network: Network, ann: Person, till: str) -> None:
    answer = await api.ask(BURN, till, input=order(ann, "9.99"))
    assert answer.data["burnPoints"]["kind"] == "BURN"
    assert await network.points(ann) == {"BEANS": 1, "HOTEL": 0}


async def test_sent_twice_or_at_once_it_happens_once(api: Api, network: Network, ann: Person, till: str) -> None:
    answers = await asyncio.gather(*(api.ask(AWARD, till, input=order(ann)) for _ in range(8)))
    assert len({answer.data["awardPoints"]["id"] for answer in answers}) == 1
    assert await network.points(ann) == {"BEANS": 1_250, "HOTEL": 0}


async def test_the_same_key_brings_the_same_answer_to_the_letter(api: Api, ann: Person, till: str) -> None:
    """Instants too are written as they were the first time."""
    document = AWARD.replace("reason program", "reason expiresAt availableAt recordedAt program")
    wanted = order(ann, availableInDays=14)
    first, again = [(await api.ask(document, till, input=wanted)).data["awardPoints"] for _ in range(2)]
    assert first == again
    assert first["expiresAt"].endswith("+00:00")
    assert first["availableAt"].endswith("+00:00")


async def test_the_same_key_with_other_content_is_a_conflict(
    api: Api, network: Network, ann: Person, till: str
) -> None:
    await api.ask(AWARD, till, input=order(ann))
    answer = await api.ask(AWARD, till, input=order(ann, "3.50"))
    assert (answer.data["awardPoints"]["__typename"], answer.data["awardPoints"]["field"]) == (
        "IdempotencyConflict",
        "amount",
    )
    assert await network.points(ann) == {"BEANS": 1_250, "HOTEL": 0}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"amount": "-1"}, "AmountNotPositive"),
        ({"amount": "0"}, "AmountNotPositive"),
        ({"amount": "0.001"}, "InvalidAmount"),
        ({"amount": "100000000.01"}, "AmountAboveMaximum"),
        ({"amount": "1" * 40}, "InvalidAmount"),
        ({"amount": "ten"}, "InvalidAmount"),
        ({"number": "NOBODY"}, "UnknownMemberNumber"),
        ({"number": "x" * 10_000}, "UnknownMemberNumber"),
        ({"program": "NOWHERE"}, "UnknownProgram"),
        ({"program": "HOTEL", "amount": "2"}, "NotYourProgram"),
        ({"idempotencyKey": ""}, "KeyUnusable"),
        ({"idempotencyKey": "   "}, "KeyUnusable"),
        ({"reason": "x" * 201}, "ReasonUnusable"),
        ({"reason": "a\x00b"}, "ReasonUnusable"),
    ],
)
async def test_what_cannot_be_awarded_is_refused_and_nothing_moves(
    api: Api, network: Network, ann: Person, till: str, changes: dict[str, str], refusal: str
) -> None:
    answer = await api.ask(AWARD, till, input=order(ann, **changes))
    assert answer.data["awardPoints"]["__typename"] == refusal
    assert await network.points(ann) == {"BEANS": 1_000, "HOTEL": 0}


@pytest.mark.parametrize(
    ("named", "argument"), [({"number": ""}, "number"), ({"code": "12345678901234567890"}, "code")]
)
async def test_a_member_is_named_in_one_way(
    api: Api, network: Network, ann: Person, till: str, named: dict[str, str], argument: str
) -> None:
    answer = await api.ask(AWARD, till, input=order(ann, **named))
    assert (answer.code, answer.error["extensions"]["argument"]) == ("BAD_USER_INPUT", argument)
    assert await network.points(ann) == {"BEANS": 1_000, "HOTEL": 0}


async def test_more_than_there_is_cannot_be_taken(api: Api, network: Network, ann: Person, till: str) -> None:
    answer = await api.ask(BURN, till, input=order(ann, "10.01"))
    assert answer.data["burnPoints"]["__typename"] == "InsufficientPoints"
    assert await network.points(ann) == {"BEANS": 1_000, "HOTEL": 0}


@pytest.mark.parametrize("brand", ["hotel", "coffee", "nowhere"])
async def test_a_token_acts_for_its_own_brand_and_those_below_it(
    api: Api, network: Network, ann: Person, till: str, brand: str
) -> None:
    answer = await api.ask(AWARD, till, input=order(ann, brand=brand))
    assert (answer.code, answer.error["message"]) == ("FORBIDDEN", "That is not a brand of yours.")
    assert await network.points(ann) == {"BEANS": 1_000, "HOTEL": 0}


async def test_a_brand_acts_for_a_place_below_it(api: Api, server: Server, network: Network, ann: Person) -> None:
    head_office = server.tokens.brand(network.brand_id("coffee"), [Scope.AWARDS_WRITE])
    answer = await api.ask(AWARD, head_office, input=order(ann, brand="coffee-corner"))
    assert answer.data["awardPoints"]["__typename"] == "Movement"


async def test_keys_belong_to_clients(api: Api, server: Server, network: Network, ann: Person, till: str) -> None:
    """Two tills that count their receipts from one do not stand in each other's way."""
    other = server.tokens.brand(network.brand_id("coffee-corner"), [Scope.AWARDS_WRITE], f"till-{new_id()}")
    for token in (till, other):
        await api.ask(AWARD, token, input=order(ann))
    assert await network.points(ann) == {"BEANS": 1_500, "HOTEL": 0}
