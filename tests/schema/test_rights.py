"""Rights in the graph: listed, claimed, shown and redeemed."""

from typing import Any

import pytest

from brands import Scope
from core.ids import new_id
from tests.network import Network, Person
from tests.server import Api, Server

CLAIM = """mutation ($input: ClaimRightInput!) {
  claimRight(input: $input) {
    __typename
    ... on Grant { id uses usesLeft right { code issuer { code } } price { amount program { code } } }
    ... on Refusal { message }
    ... on InsufficientPoints { needed available }
    ... on NotEligible { tiers }
    ... on PayWithNeeded { programs }
    ... on IdempotencyConflict { field }
  }
}"""
CODE = "mutation ($id: ID!) { rightCode(grantId: $id) { __typename ... on RightCode { text expiresAt } } }"
REDEEM = """mutation ($input: RedeemRightInput!) {
  redeemRight(input: $input) {
    __typename
    ... on Redemption { id right { code } settlement }
    ... on Refusal { message }
  }
}"""
HELD = "{ me { rights { id usesLeft right { code } } } }"


@pytest.fixture
async def ann(network: Network) -> Person:
    return await network.enrol({"HOTEL": 5_000, "MILES": 100, "BEANS": 60_000})


@pytest.fixture
def door(server: Server, network: Network) -> str:
    return server.tokens.brand(network.brand_id("airline-lounge"), [Scope.RIGHTS_REDEEM], f"door-{new_id()}")


async def claimed(api: Api, token: str, right: str = "lounge", pay_with: str | None = "HOTEL", key: str = "k") -> Any:
    wish = {"right": right, "idempotencyKey": key, "payWith": pay_with}
    return (await api.ask(CLAIM, token, input=wish)).data["claimRight"]


async def redeemed(api: Api, token: str, code: str, key: str = "k", **more: str) -> Any:
    return (await api.ask(REDEEM, token, input={"code": code, "idempotencyKey": key, **more})).data["redeemRight"]


async def test_a_right_of_one_brand_is_honoured_at_another(
    api: Api, server: Server, network: Network, ann: Person, door: str
) -> None:
    member = server.tokens.member(ann.id)
    grant = await claimed(api, member)
    assert {**grant, "id": ""} == {
        "__typename": "Grant",
        "id": "",
        "uses": 1,
        "usesLeft": 1,
        "right": {"code": "lounge", "issuer": {"code": "hotel"}},
        "price": {"amount": "2000", "program": {"code": "HOTEL"}},
    }
    assert await network.points(ann) == {"HOTEL": 3_000, "MILES": 100, "BEANS": 60_000}
    code = (await api.ask(CODE, member, id=grant["id"])).data["rightCode"]["text"]
    used = await redeemed(api, door, code)
    assert {**used, "id": ""} == {
        "__typename": "Redemption",
        "id": "",
        "right": {"code": "lounge"},
        "settlement": "80.000000",
    }
    assert await redeemed(api, door, code) == used
    assert (await api.ask(HELD, member)).data["me"]["rights"] == []


async def test_a_claim_sent_twice_happens_once(api: Api, server: Server, network: Network, ann: Person) -> None:
    member = server.tokens.member(ann.id)
    assert await claimed(api, member) == await claimed(api, member)
    conflict = await claimed(api, member, pay_with="MILES")
    assert (conflict["__typename"], conflict["field"]) == ("IdempotencyConflict", "payWith")
    assert (await network.points(ann))["HOTEL"] == 3_000


@pytest.mark.parametrize(
    ("right", "pay_with", "refusal"),
    [
        ("nowhere", None, {"__typename": "UnknownRight"}),
        ("lounge", None, {"__typename": "PayWithNeeded", "programs": ["HOTEL", "MILES"]}),
        ("lounge", "BEANS", {"__typename": "NotForSaleWith"}),
        ("lounge", "MILES", {"__typename": "InsufficientPoints", "needed": "1500", "available": "100"}),
        ("late-check-out", None, {"__typename": "NotEligible", "tiers": ["HOTEL:gold"]}),
    ],
)
async def test_what_cannot_be_claimed(
    api: Api, server: Server, ann: Person, right: str, pay_with: str | None, refusal: dict[str, object]
) -> None:
    found = await claimed(api, server.tokens.member(ann.id), right, pay_with)
    assert found.pop("message")
    assert found == refusal


async def test_what_is_needed_is_said_in_the_points_own_decimals(api: Api, server: Server, network: Network) -> None:
    ann = await network.enrol({"BEANS": 12_345})
    found = await claimed(api, server.tokens.member(ann.id), "card", None)
    assert (found["needed"], found["available"]) == ("500.00", "123.45")


async def test_a_card_of_several_uses_counts_down(api: Api, server: Server, network: Network, ann: Person) -> None:
    member = server.tokens.member(ann.id)
    corner = server.tokens.brand(network.brand_id("coffee-corner"), [Scope.RIGHTS_REDEEM], f"till-{new_id()}")
    grant = await claimed(api, member, "card", None)
    code = (await api.ask(CODE, member, id=grant["id"])).data["rightCode"]["text"]
    assert (await redeemed(api, corner, code))["__typename"] == "Redemption"
    (held,) = (await api.ask(HELD, member)).data["me"]["rights"]
    assert (held["id"], held["usesLeft"]) == (grant["id"], 9)
    assert (await redeemed(api, corner, code, "k-2"))["__typename"] == "CodeUsed"


@pytest.mark.parametrize("code", ["", "0", "0" * 18, "x" * 18, "1" * 10_000])
async def test_what_is_not_a_code(api: Api, door: str, code: str) -> None:
    assert (await redeemed(api, door, code))["__typename"] == "UnknownCode"


async def test_a_right_is_honoured_only_where_it_is_listed(
    api: Api, server: Server, network: Network, ann: Person
) -> None:
    member = server.tokens.member(ann.id)
    corner = server.tokens.brand(network.brand_id("coffee-corner"), [Scope.RIGHTS_REDEEM], f"till-{new_id()}")
    grant = await claimed(api, member)
    code = (await api.ask(CODE, member, id=grant["id"])).data["rightCode"]["text"]
    assert (await redeemed(api, corner, code))["__typename"] == "NotHonouredHere"


async def test_somebody_elses_grant_has_no_code(api: Api, server: Server, network: Network, ann: Person) -> None:
    bob = await network.enrol({"HOTEL": 0})
    grant = await claimed(api, server.tokens.member(ann.id))
    answer = await api.ask(CODE, server.tokens.member(bob.id), id=grant["id"])
    assert answer.data["rightCode"]["__typename"] == "UnknownGrant"
