"""The simulated brand's GraphQL door: the same books and refusals as through REST."""

from typing import Any

import pytest

from adapters.simulator.faults import Fault, FaultKind
from tests.adapters.simulator.conftest import Answer, Caller

MOVE = """mutation Move($input: MoveInput!) { %s(input: $input) {
  status errors { code } transaction { id balance status askAfterSeconds } original { id } } }"""
FOLLOW_UP = MOVE.replace("MoveInput", "FollowUpInput")
INQUIRE = "query($name: String) { transaction(reference: $name) { id status amount reversedAmount errors { code } } }"


async def ask(caller: Caller, query: str, **variables: Any) -> Any:
    """The data of an answer."""
    answer = await send(caller, query, **variables)
    assert (answer.status, "errors" in answer.body) == (200, False)
    return next(iter(answer.body["data"].values()))


async def send(caller: Caller, query: str, **variables: Any) -> Answer:
    return await caller.send("POST", "/graphql", {"query": query, "variables": variables})


async def test_points_move_once_and_back(caller: Caller) -> None:
    wanted = {"reference": "r-1", "number": "1", "amount": "2500"}
    done = await ask(caller, MOVE % "debit", input=wanted)
    assert (done["status"], done["transaction"]["balance"]) == ("SUCCESS", "997500")
    again = await ask(caller, MOVE % "debit", input=wanted)
    assert (again["status"], again["errors"][0]["code"]) == ("FAILURE", "DUPLICATE_SAME")
    assert again["original"]["id"] == done["transaction"]["id"]
    changed = await ask(caller, MOVE % "debit", input=wanted | {"amount": 1})
    assert changed["errors"][0]["code"] == "DUPLICATE_CHANGED"
    back = {"reference": "v-1", "originalReference": "r-1", "amount": "500"}
    assert (await ask(caller, FOLLOW_UP % "reverse", input=back))["transaction"]["balance"] == "998000"
    asked = await ask(caller, INQUIRE, name="r-1")
    assert (asked["status"], asked["amount"], asked["reversedAmount"]) == ("SUCCESS", "2500", "500")
    assert caller.balance() == 998_000


async def test_an_unknown_reference_is_null(caller: Caller) -> None:
    assert await ask(caller, INQUIRE, name="never") is None


async def test_a_member_with_balance_tier_validation_and_link(caller: Caller) -> None:
    query = "query($n: ID!) { member(number: $n) { status errors { code } member { number balance tier linked } } }"
    member = (await ask(caller, query, n="1"))["member"]
    assert member == {"number": "1", "balance": "1000000", "tier": "gold", "linked": False}
    assert (await ask(caller, query, n="9"))["errors"][0]["code"] == "MEMBER_NOT_FOUND"
    validated = await ask(caller, 'mutation { validateMember(number: "1") { validation { id } } }')
    wanted = {"reference": "r-1", "number": "1", "amount": 5, "validation": validated["validation"]["id"]}
    assert (await ask(caller, MOVE % "credit", input=wanted))["status"] == "SUCCESS"
    linked = await ask(caller, 'mutation { linkMember(number: "1") { member { link linked } } }')
    assert linked["member"]["linked"] is True
    assert linked["member"]["link"].startswith("lnk_")


async def test_movements_and_statement(caller: Caller) -> None:
    await ask(caller, MOVE % "credit", input={"reference": "r-1", "number": "2", "amount": 7, "lastName": "Surname"})
    query = """query { transactions(after: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z") {
      items { reference number amount } next } }"""
    listed = await ask(caller, query)
    assert listed["items"][-1] == {"reference": "r-1", "number": "2", "amount": "7"}
    assert listed["next"] is None
    statement = await ask(caller, 'query { statement(day: "2026-01-15") }')
    assert statement.splitlines()[-1] == "TOTAL,3,SIM,,1000507,2026-01-15,2026-01-15"


@pytest.mark.parametrize(
    "query",
    [
        "query {",
        "{ nothing }",
        "{ __schema { types { name } } }",
        "{ health { status } other: health { status } }",
        'mutation { debit(input: {reference: "r"}) { status } }',
        "query($n: ID!) { member(number: $n) { status } }",
    ],
)
async def test_what_is_no_question_is_refused(caller: Caller, query: str) -> None:
    answer = await send(caller, query)
    assert answer.status == 400
    assert answer.body["errors"][0]["message"]
    assert caller.brand.calls.count == 0


async def test_faults_meet_this_door_as_well(caller: Caller) -> None:
    pending = await ask(caller, MOVE % "credit", input={"reference": "r-1", "number": "1", "amount": 9109})
    assert (pending["status"], pending["transaction"]["askAfterSeconds"]) == ("PENDING", 60)
    stumbled = await ask(caller, MOVE % "credit", input={"reference": "r-2", "number": "1", "amount": 9108})
    assert stumbled["status"] == "SYSTEM_ERROR"
    name = stumbled["transaction"]["id"]
    retried = await ask(caller, "mutation($name: ID!) { retry(id: $name) { status } }", name=name)
    assert retried["status"] == "SUCCESS"
    answer = await send(caller, MOVE % "credit", input={"reference": "r-3", "number": "1", "amount": 9105})
    assert (answer.status, answer.code) == (429, "RATE_LIMITED")
    caller.brand.faults.set((Fault(kind=FaultKind.REFUSE),))
    refused = await ask(caller, 'mutation { validateMember(number: "1") { status errors { code } } }')
    assert refused == {"status": "FAILURE", "errors": [{"code": "MEMBER_INELIGIBLE"}]}
    noted = caller.brand.calls.after(0)[0]
    assert (noted.door, noted.operation, noted.reference, noted.amount) == ("graphql", "credit", "r-1", "9109")
