"""Taking exchanges back through the graph: a brand by itself, staff by two persons; and what members are told."""

from typing import Any

import pytest

from brands import Scope as BrandScope
from schema.scopes import Role
from tests.network import Network, Person
from tests.schema.test_exchanges import accepted, quoted
from tests.server import Api, Server

_REVERSAL = "... on Reversal { id state taken given requestedBy digest } ... on Refusal { __typename message }"
REVERSE = f"mutation ($input: ReverseExchangeInput!) {{ reverseExchange(input: $input) {{ {_REVERSAL} }} }}"
PROPOSE = f"mutation ($input: ReverseExchangeInput!) {{ proposeReversal(input: $input) {{ {_REVERSAL} }} }}"
APPROVE = f"mutation ($input: DecideReversalInput!) {{ approveReversal(input: $input) {{ {_REVERSAL} }} }}"
SEEN = """query ($id: ID!) { exchange(id: $id) {
  state history { state } whatHappens { points message messageZh nextLookAt } reversals { state taken }
} }"""


@pytest.fixture
async def ann(network: Network) -> Person:
    """A member with 3,000 HOTEL."""
    return await network.enrol({"HOTEL": 3_000, "MILES": 0})


def wish(made: Any, key: str, taken: str | None = None) -> dict[str, Any]:
    """A reversal for no good reason."""
    return {"exchangeId": made["id"], "idempotencyKey": key, "reason": "a mistake", "taken": taken}


async def test_a_brand_takes_back(api: Api, server: Server, network: Network, ann: Person) -> None:
    """A part, then the rest; the member sees both, and is told the truth."""
    own = server.tokens.member(ann.id)
    made = await accepted(api, own, await quoted(api, own))
    airline = server.tokens.brand(network.brand_id("airline"), [BrandScope.EXCHANGES_REVERSE])
    first = (await api.ask(REVERSE, airline, input=wish(made, "1", "980"))).data["reverseExchange"]
    assert (first["state"], first["taken"], first["given"]) == ("DONE", "980", "1484")
    rest = (await api.ask(REVERSE, airline, input=wish(made, "2"))).data["reverseExchange"]
    assert (rest["state"], rest["taken"], rest["given"]) == ("DONE", "1000", "1516")
    again = (await api.ask(REVERSE, airline, input=wish(made, "3"))).data["reverseExchange"]
    assert again["__typename"] == "NotReversible"
    seen = (await api.ask(SEEN, own, id=made["id"])).data["exchange"]
    assert [step["state"] for step in seen["history"]] == ["COMPLETED", "PARTLY_REVERSED", "REVERSED"]
    assert seen["whatHappens"]["points"] == "RETURNED"
    assert [it["taken"] for it in seen["reversals"]] == ["980", "1000"]
    assert await network.points(ann) == {"HOTEL": 3_000, "MILES": 0}


async def test_another_brand_knows_nothing_of_it(api: Api, server: Server, network: Network, ann: Person) -> None:
    """Neither to see nor to take back."""
    own = server.tokens.member(ann.id)
    made = await accepted(api, own, await quoted(api, own))
    coffee = server.tokens.brand(network.brand_id("coffee"), [BrandScope.EXCHANGES_REVERSE, BrandScope.EXCHANGES_READ])
    refused = (await api.ask(REVERSE, coffee, input=wish(made, "1"))).data["reverseExchange"]
    assert refused["__typename"] == "UnknownExchange"
    assert (await api.ask(SEEN, coffee, id=made["id"])).code == "NOT_FOUND"


async def test_staff_are_two(api: Api, server: Server, network: Network, ann: Person) -> None:
    """Whoever proposes cannot approve, and what is approved is what was proposed."""
    own = server.tokens.member(ann.id)
    made = await accepted(api, own, await quoted(api, own))
    lin, chen = (server.tokens.staff(name, Role.MAKER, Role.CHECKER) for name in ("lin.wei", "chen.yu"))
    proposed = (await api.ask(PROPOSE, lin, input=wish(made, "1"))).data["proposeReversal"]
    assert proposed["state"] == "PROPOSED"
    decision = {"reversalId": proposed["id"], "digest": proposed["digest"], "reason": "checked"}
    alone = (await api.ask(APPROVE, lin, input=decision)).data["approveReversal"]
    assert alone["__typename"] == "SecondPersonNeeded"
    other = (await api.ask(APPROVE, chen, input=decision | {"digest": "0"})).data["approveReversal"]
    assert other["__typename"] == "EvidenceChanged"
    assert await network.points(ann) == {"HOTEL": 0, "MILES": 1_980}
    done = (await api.ask(APPROVE, chen, input=decision)).data["approveReversal"]
    assert done["state"] == "DONE"
    assert await network.points(ann) == {"HOTEL": 3_000, "MILES": 0}


async def test_the_queue_is_empty(api: Api, server: Server) -> None:
    """Staff see the manual queue; what there is none of is not found."""
    auditor = server.tokens.staff("zhao", Role.AUDITOR)
    assert (await api.ask("{ exchangeCases { id } }", auditor)).data["exchangeCases"] == []
