"""Batches of awards and burns in the graph; reversals and members' codes."""

from io import BytesIO
from typing import Any

import orjson
import pytest

from brands import Scope
from core.ids import new_id
from tests.network import Network, Person
from tests.schema.test_movements import AWARD, order
from tests.server import Answer, Api, Server

MOVE = """mutation ($input: MovePointsInput!) {
  movePoints(input: $input) {
    __typename
    ... on MovementBatch {
      id batch rowCount moved refused finishedAt
      results(first: 1000) { number key movementId refusal message }
    }
    ... on Refusal { message }
    ... on IdempotencyConflict { field }
  }
}"""
STATUS = """query ($batch: String!, $after: Int!) {
  movementBatch(batch: $batch) { moved refused results(first: 2, after: $after) { number refusal } }
}"""
REVERSE = """mutation ($input: ReversalInput!) {
  reverseMovement(input: $input) {
    __typename
    ... on Movement { kind amount reversesId }
    ... on Refusal { message }
    ... on PointsSpent { needed available }
    ... on ReversalExceeds { left }
  }
}"""


@pytest.fixture
async def ann(network: Network) -> Person:
    return await network.enrol({"BEANS": 0})


@pytest.fixture
def office(server: Server, network: Network) -> str:
    return server.tokens.brand(network.brand_id("coffee"), [Scope.AWARDS_WRITE], f"office-{new_id()}")


def row(person: Person, key: str, amount: str = "1.00", **changes: Any) -> dict[str, Any]:
    return {"key": key, "number": person.cards["BEANS"].number, "amount": amount, **changes}


async def moved(api: Api, token: str, rows: list[dict[str, Any]], **changes: Any) -> Any:
    wish = {"program": "BEANS", "batch": "january", "rows": rows, **changes}
    return (await api.ask(MOVE, token, input=wish)).data["movePoints"]


async def test_rows_are_answered_one_by_one(api: Api, network: Network, ann: Person, office: str) -> None:
    """And can be asked for again, page by page, under the name of the batch and by its id."""
    rows = [
        row(ann, "1", "5.00"),
        row(ann, "2", "0.001"),
        row(ann, "3", "2.00", kind="BURN"),
        row(ann, "4", number="NOBODY"),
        row(ann, "5", "7.00", availableInDays=14),
    ]
    batch = await moved(api, office, rows)
    found = [(each["number"], each["key"], each["refusal"], bool(each["movementId"])) for each in batch["results"]]
    assert found == [
        (1, "1", None, True),
        (2, "2", "InvalidAmount", False),
        (3, "3", None, True),
        (4, "4", "UnknownMemberNumber", False),
        (5, "5", None, True),
    ]
    assert (batch["rowCount"], batch["moved"], batch["refused"]) == (5, 3, 2)
    assert await network.points(ann) == {"BEANS": 10_00}
    assert await moved(api, office, rows) == batch
    assert await network.points(ann) == {"BEANS": 10_00}
    status = (await api.ask(STATUS, office, batch="january", after=3)).data["movementBatch"]
    assert status["results"] == [
        {"number": 4, "refusal": "UnknownMemberNumber"},
        {"number": 5, "refusal": None},
    ]
    node = await api.ask("query ($id: ID!) { node(id: $id) { id } }", office, id=batch["id"])
    assert node.data["node"]["id"] == batch["id"]


async def test_a_batch_is_its_clients_own(api: Api, server: Server, network: Network, ann: Person, office: str) -> None:
    """Another client of the same brand does not see it and may use its name."""
    batch = await moved(api, office, [row(ann, "1")])
    other = server.tokens.brand(network.brand_id("coffee"), [Scope.AWARDS_WRITE], f"other-{new_id()}")
    assert (await api.ask(STATUS, other, batch="january", after=0)).data["movementBatch"] is None
    node = await api.ask("query ($id: ID!) { node(id: $id) { id } }", other, id=batch["id"])
    assert node.code == "NOT_FOUND"
    assert (await moved(api, other, [row(ann, "1")]))["moved"] == 1
    assert await network.points(ann) == {"BEANS": 2_00}


async def test_other_rows_under_the_same_name(api: Api, network: Network, ann: Person, office: str) -> None:
    await moved(api, office, [row(ann, "1")])
    again = await moved(api, office, [row(ann, "1", "2.00")])
    assert (again["__typename"], again["field"]) == ("IdempotencyConflict", "rows")
    assert await network.points(ann) == {"BEANS": 1_00}


@pytest.mark.parametrize(
    ("changes", "refusal"), [({"batch": ""}, "KeyUnusable"), ({"program": "NOWHERE"}, "UnknownProgram")]
)
async def test_what_is_no_batch(api: Api, ann: Person, office: str, changes: dict[str, str], refusal: str) -> None:
    assert (await moved(api, office, [row(ann, "1")], **changes))["__typename"] == refusal


async def sent_whole(api: Api, token: str, rows: list[dict[str, Any]]) -> Answer:
    """A body of more than a megabyte, as a stream of known length."""
    wish = {"program": "BEANS", "batch": "large", "rows": rows}
    body = BytesIO(orjson.dumps({"query": MOVE, "variables": {"input": wish}}))
    headers = {"Content-Type": "application/json"}
    return await api.send("POST", "/graphql", token=token, data=body, headers=headers)


async def test_ten_thousand_rows_and_not_one_more(api: Api, network: Network, ann: Person, office: str) -> None:
    """In one call, each recorded once; the body may be longer than others'."""
    rows = [row(ann, f"receipt-{at:06}", "0.01", reason="Rewarded for a purchase in January") for at in range(10_001)]
    answer = await sent_whole(api, office, rows)
    assert (answer.code, answer.error["extensions"]["argument"]) == ("BAD_USER_INPUT", "rows")
    batch = (await sent_whole(api, office, rows[:-1])).data["movePoints"]
    assert (batch["rowCount"], batch["moved"], batch["refused"], len(batch["results"])) == (10_000, 10_000, 0, 1_000)
    assert await network.points(ann) == {"BEANS": 100_00}


async def test_a_long_body_is_for_brands_alone(api: Api, server: Server, ann: Person) -> None:
    """Everybody else is refused before it is read."""
    wish = {"program": "BEANS", "batch": "large", "rows": [row(ann, "1", reason="x" * 300_000)]}
    body = {"query": MOVE, "variables": {"input": wish}}
    for token in (None, server.tokens.member(ann.id)):
        assert (await api.send("POST", "/graphql", token=token, json=body)).status == 413


async def test_an_award_is_taken_back(api: Api, network: Network, ann: Person, office: str) -> None:
    """A part, then more than is left, then the rest."""
    made = (await api.ask(AWARD, office, input=order(ann))).data["awardPoints"]
    wishes = [{"amount": "1.00"}, {"amount": "1.51"}, {}, {}, {"amount": "0.001"}]
    answers = [
        (await api.ask(REVERSE, office, input={"movementId": made["id"], "idempotencyKey": str(at), **wish})).data[
            "reverseMovement"
        ]
        for at, wish in enumerate(wishes)
    ]
    assert [answer["__typename"] for answer in answers] == [
        "Movement",
        "ReversalExceeds",
        "Movement",
        "AlreadyReversed",
        "InvalidAmount",
    ]
    assert answers[0] == {
        "__typename": "Movement",
        "kind": "AWARD_REVERSAL",
        "amount": "1.00",
        "reversesId": made["id"],
    }
    assert answers[1]["left"] == "1.50"
    assert await network.points(ann) == {"BEANS": 0}


async def test_somebody_elses_movement(api: Api, server: Server, network: Network, ann: Person, office: str) -> None:
    """Looks like one that does not exist, whatever amount is named."""
    made = (await api.ask(AWARD, office, input=order(ann))).data["awardPoints"]
    hotel = server.tokens.brand(network.brand_id("hotel"), [Scope.AWARDS_WRITE])
    for amount in ({}, {"amount": "1.00"}, {"amount": "0.001"}):
        wish = {"movementId": made["id"], "idempotencyKey": "1", **amount}
        answer = await api.ask(REVERSE, hotel, input=wish)
        assert answer.data["reverseMovement"]["__typename"] == "UnknownMovement"


async def test_a_member_shows_a_code(api: Api, server: Server, network: Network, ann: Person, office: str) -> None:
    """And the till awards to whoever shows it; a number and a code together are not understood."""
    member = server.tokens.member(ann.id)
    shown = (await api.ask("mutation { memberCode { text expiresAt } }", member)).data["memberCode"]
    wish = order(ann, number="", code=shown["text"])
    assert (await api.ask(AWARD, office, input=wish)).data["awardPoints"]["__typename"] == "Movement"
    assert await network.points(ann) == {"BEANS": 2_50}
    both = await api.ask(AWARD, office, input=order(ann, code=shown["text"]))
    assert (both.code, both.error["extensions"]["argument"]) == ("BAD_USER_INPUT", "code")
