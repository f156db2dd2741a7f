"""Month-ends through the graph: estimates by two persons, figures for staff and for the brand whose they are."""

from typing import Any

from brands import Scope
from schema.scopes import Role
from tests.network import Network
from tests.server import Api, Server

MONTH = """query ($program: String!, $month: String!) { monthEnd(program: $program, month: $month) {
  __typename
  ... on MonthEnd { program month final opening issued redeemed closing digest
    revenue { revenue recognisedToDate liability breakage redeemedToDate estimate { version decidedBy } } }
  ... on Refusal { message }
} }"""
PROPOSE = """mutation ($input: ProposeEstimateInput!) { it: proposeEstimate(input: $input) {
  __typename ... on Estimate { version fromMonth allocated points expected decision } ... on Refusal { message }
} }"""
APPROVE = """mutation ($input: DecideEstimateInput!) { it: approveEstimate(input: $input) {
  __typename ... on Estimate { version decision decidedBy } ... on Refusal { message }
} }"""
FIGURES = {
    "program": "BEANS",
    "fromMonth": "2026-01",
    "allocated": "8676.00",
    "points": "10000.00",
    "expected": "9500.00",
    "reason": "the survey",
}


async def ask(api: Api, document: str, token: str, **variables: Any) -> Any:
    """The one field of the answer."""
    (found,) = (await api.ask(document, token, **variables)).data.values()
    return found


async def this_month(api: Api, server: Server) -> str:
    """The month of the server's clock, as the windows show it."""
    token = server.tokens.staff("auditor", Role.AUDITOR)
    opened = await ask(api, "{ windows { openedAt } }", token)
    return str(opened[0]["openedAt"])[:7]


async def test_a_month_with_its_revenue(api: Api, server: Server, network: Network) -> None:
    """Proposed by one, approved by another; whoever proposes cannot approve."""
    await network.enrol({"BEANS": 20_00})
    maker, checker = server.tokens.staff("lin.wei", Role.MAKER), server.tokens.staff("chen.yu", Role.CHECKER)
    both = server.tokens.staff("lin.wei", Role.CHECKER)
    proposed = await ask(api, PROPOSE, maker, input=FIGURES)
    assert proposed == {
        "__typename": "Estimate",
        "version": 1,
        "fromMonth": "2026-01",
        "allocated": "8676.00",
        "points": "10000.00",
        "expected": "9500.00",
        "decision": None,
    }
    decision = {"program": "BEANS", "version": 1, "reason": "checked"}
    assert (await ask(api, APPROVE, both, input=decision))["__typename"] == "SamePerson"
    approved = await ask(api, APPROVE, checker, input=decision)
    assert (approved["decision"], approved["decidedBy"]) == ("APPROVED", "chen.yu")
    month = await this_month(api, server)
    found = await ask(api, MONTH, maker, program="BEANS", month=month)
    assert (found["opening"], found["issued"], found["closing"], found["final"]) == ("0.00", "20.00", "20.00", False)
    assert found["revenue"] == {
        "revenue": "0.00",
        "recognisedToDate": "0.00",
        "liability": "8676.00",
        "breakage": "500.00",
        "redeemedToDate": "0.00",
        "estimate": {"version": 1, "decidedBy": "chen.yu"},
    }


async def test_refusals_are_told_apart(api: Api, server: Server, network: Network) -> None:
    """Each with its own type."""
    del network
    maker, checker = server.tokens.staff("lin.wei", Role.MAKER), server.tokens.staff("chen.yu", Role.CHECKER)
    for changed, expected in (
        ({"expected": "10000.01"}, "EstimateUnusable"),
        ({"expected": "1.234"}, "InvalidAmount"),
        ({"program": "NIX", "points": "2", "expected": "1"}, "UnknownProgram"),
        ({"reason": ""}, "ReasonMissing"),
    ):
        assert (await ask(api, PROPOSE, maker, input=FIGURES | changed))["__typename"] == expected
    missing = {"program": "BEANS", "version": 7, "reason": "checked"}
    assert (await ask(api, APPROVE, checker, input=missing))["__typename"] == "EstimateNotFound"
    assert (await ask(api, MONTH, maker, program="BEANS", month="9998-01"))["__typename"] == "MonthNotBegun"
    assert (await ask(api, MONTH, maker, program="NIX", month="2026-01"))["__typename"] == "UnknownProgram"
    refused = await api.ask(MONTH, maker, program="BEANS", month="January")
    assert refused.body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_brand_sees_its_own_programs_only(api: Api, server: Server, network: Network) -> None:
    """A place below the participant sees them as well."""
    month = await this_month(api, server)
    for brand, expected in (("coffee", None), ("coffee-corner", None), ("airline", "FORBIDDEN")):
        token = server.tokens.brand(network.brand_id(brand), {Scope.STATEMENTS_READ})
        answer = await api.ask(MONTH, token, program="BEANS", month=month)
        errors = answer.body.get("errors")
        assert (errors and errors[0]["extensions"]["code"]) == expected, brand
