"""Quotes in the graph."""

import pytest

from tests.network import Network, Person
from tests.server import Answer, Api, Server

QUOTES = """query ($source: String!, $amount: Amount!) {
  quotes(source: $source, amount: $amount) {
    __typename
    ... on Offers {
      quotes { source { amount } target { amount program { code } } fee }
      unavailable { program whyNot { __typename message } }
    }
    ... on Refusal { message }
    ... on AmountBelowMinimum { needed }
    ... on AmountAboveMaximum { allowed }
    ... on AmountOutOfStep { step }
    ... on InsufficientPoints { needed available }
  }
}"""

CREATE = """mutation ($input: CreateQuoteInput!) {
  createQuote(input: $input) {
    __typename
    ... on Quote { id source { amount } target { amount program { code } } fee expiresAt }
    ... on Refusal { message }
  }
}"""


@pytest.fixture
async def ann(network: Network) -> Person:
    return await network.enrol({"HOTEL": 5_000, "MILES": 0, "BEANS": 0})


async def ask(api: Api, server: Server, person: Person, source: str, amount: object) -> Answer:
    return await api.ask(QUOTES, server.tokens.member(person.id), source=source, amount=amount)


async def test_all_that_points_can_become_best_value_first(api: Api, server: Server, ann: Person) -> None:
    """3,000 HOTEL are worth 150.00 CNY, less 1.50: 1,980 MILES exactly, or 1,485.00 BEANS exactly."""
    answer = await ask(api, server, ann, "HOTEL", "3000")
    offers = answer.data["quotes"]
    assert {found["target"]["program"]["code"]: found["target"]["amount"] for found in offers["quotes"]} == {
        "MILES": "1980",
        "BEANS": "1485.00",
    }
    assert {found["fee"] for found in offers["quotes"]} == {"1.500000"}
    assert offers["unavailable"] == []


async def test_a_program_without_a_card_is_named_with_the_reason(api: Api, server: Server, network: Network) -> None:
    ann = await network.enrol({"HOTEL": 5_000, "MILES": 0})
    answer = await ask(api, server, ann, "HOTEL", "3000")
    assert [(found["program"], found["whyNot"]["__typename"]) for found in answer.data["quotes"]["unavailable"]] == [
        ("BEANS", "NotAMember")
    ]


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        ("-3000", {"__typename": "AmountNotPositive"}),
        ("0", {"__typename": "AmountNotPositive"}),
        ("900", {"__typename": "AmountBelowMinimum", "needed": "1000"}),
        ("200100", {"__typename": "AmountAboveMaximum", "allowed": "200000"}),
        ("1050", {"__typename": "AmountOutOfStep", "step": "100"}),
        ("6000", {"__typename": "InsufficientPoints", "needed": "6000", "available": "5000"}),
        ("1000.5", {"__typename": "InvalidAmount"}),
        ("9" * 30, {"__typename": "InvalidAmount"}),
        ("9223372036854775808", {"__typename": "InvalidAmount"}),
        ("1e3", {"__typename": "InvalidAmount"}),
        ("three", {"__typename": "InvalidAmount"}),
        ("", {"__typename": "InvalidAmount"}),
        ("１０００", {"__typename": "InvalidAmount"}),
        (" 1000", {"__typename": "InvalidAmount"}),
    ],
)
async def test_an_amount_that_cannot_be_exchanged_is_refused(
    api: Api, server: Server, ann: Person, amount: str, refusal: dict[str, str]
) -> None:
    answer = await ask(api, server, ann, "HOTEL", amount)
    found = answer.data["quotes"]
    assert found.pop("message")
    assert found == refusal


@pytest.mark.parametrize("amount", [1000, 1000.0, True, None, ["1000"], "1" * 41])
async def test_an_amount_that_is_not_a_short_text_is_an_error(
    api: Api, server: Server, ann: Person, amount: object
) -> None:
    answer = await ask(api, server, ann, "HOTEL", amount)
    assert (answer.code, "data" in answer.body) == ("BAD_USER_INPUT", False)


async def test_an_unknown_program_is_refused(api: Api, server: Server, ann: Person) -> None:
    answer = await ask(api, server, ann, "NOWHERE", "3000")
    assert answer.data["quotes"] == {"__typename": "UnknownProgram", "message": "There is no such program."}


async def test_one_price(api: Api, server: Server, ann: Person) -> None:
    wanted = {"source": "HOTEL", "target": "MILES", "amount": "3000"}
    answer = await api.ask(CREATE, server.tokens.member(ann.id), input=wanted)
    quote = answer.data["createQuote"]
    assert (quote["__typename"], quote["target"]) == ("Quote", {"amount": "1980", "program": {"code": "MILES"}})


@pytest.mark.parametrize(
    ("target", "refusal"), [("HOTEL", "SameProgram"), ("NOWHERE", "UnknownProgram"), ("", "UnknownProgram")]
)
async def test_a_target_that_cannot_be_had(api: Api, server: Server, ann: Person, target: str, refusal: str) -> None:
    wanted = {"source": "HOTEL", "target": target, "amount": "3000"}
    answer = await api.ask(CREATE, server.tokens.member(ann.id), input=wanted)
    assert answer.data["createQuote"]["__typename"] == refusal
