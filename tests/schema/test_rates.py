"""Prices in the graph: two persons change them, brands see and submit their own, members see none of it."""

from typing import Any

import pytest

from brands import Scope as BrandScope
from schema.scopes import Role
from tests.network import Network
from tests.server import Api, Server

PROPOSAL = "... on RateProposal { number digest movedBasisPoints pauses decision submittedBy decidedBy }"
REFUSED = "... on Refusal { message } ... on CircleProfits { programs gain }"
SUBMIT = (
    f"mutation ($input: SubmitRateInput!) {{ step: submitRate(input: $input) {{ __typename {PROPOSAL} {REFUSED} }} }}"
)
APPROVE = (
    f"mutation ($input: ApproveRateInput!) {{ step: approveRate(input: $input) {{ __typename {PROPOSAL} {REFUSED} }} }}"
)
PAUSE = (
    "mutation ($input: PausePairInput!) { step: pausePair(input: $input) { ... on RatePause { id source target } } }"
)
RESUME = (
    f"mutation ($input: ResumePairInput!) {{ step: resumePair(input: $input) {{ __typename {PROPOSAL} {REFUSED} }} }}"
)
BOOK = """query ($program: String!) { rates(program: $program) {
  rates { version source target terms { sell buy spread fees { tier basisPoints fixed } } validTo }
  pauses { source target } proposals { number }
} }"""
HISTORY = 'query ($at: DateTime) { rateHistory(program: "HOTEL", at: $at) { version terms { sell } } }'


class Desk:
    """Two persons and a brand's machine."""

    def __init__(self, api: Api, server: Server, network: Network) -> None:
        self.api = api
        self.maker = server.tokens.staff("lin.wei", Role.MAKER)
        self.checker = server.tokens.staff("chen.yu", Role.CHECKER)
        self.both = server.tokens.staff("lin.wei", Role.CHECKER)
        scopes = {BrandScope.RATES_SUBMIT, BrandScope.PROGRAMS_READ}
        self.brand = server.tokens.brand(network.brand_id("airline"), scopes)

    async def step(self, document: str, token: str, **wanted: Any) -> Any:
        """What became of one step."""
        return (await self.api.ask(document, token, input=wanted)).data["step"]

    async def approve(self, proposal: Any, token: str | None = None) -> Any:
        """What became of the approval."""
        wanted = {"number": proposal["number"], "digest": proposal["digest"], "reason": "agreed"}
        return await self.step(APPROVE, token or self.checker, **wanted)


@pytest.fixture
def desk(api: Api, server: Server, network: Network) -> Desk:
    return Desk(api, server, network)


NEW = {"program": "HOTEL", "sell": "0.0505", "buy": "0.06", "feeBasisPoints": 100}


async def test_two_persons_change_a_price(desk: Desk) -> None:
    """Submitted by one, refused to the same one, approved by another, and read back with its tiers' fees."""
    fees = [{"tier": "gold", "basisPoints": 50, "fixed": "0.30"}]
    proposal = await desk.step(SUBMIT, desk.maker, **NEW, tierFees=fees)
    assert (proposal["movedBasisPoints"], proposal["pauses"], proposal["decision"]) == (100, False, None)
    assert (await desk.approve(proposal, desk.both))["__typename"] == "SamePerson"
    approved = await desk.approve(proposal)
    assert (approved["decision"], approved["submittedBy"], approved["decidedBy"]) == ("APPROVED", "lin.wei", "chen.yu")
    book = (await desk.api.ask(BOOK, desk.maker, program="HOTEL")).data["rates"]
    (rate,) = book["rates"]
    assert rate["terms"] == {
        "sell": "0.050500",
        "buy": "0.060000",
        "spread": "0.009500",
        "fees": [
            {"tier": None, "basisPoints": 100, "fixed": "0.000000"},
            {"tier": "gold", "basisPoints": 50, "fixed": "0.300000"},
        ],
    }
    history = (await desk.api.ask(HISTORY, desk.maker)).data["rateHistory"]
    assert [(found["version"], found["terms"]["sell"]) for found in history] == [(2, "0.050500"), (1, "0.050000")]
    assert (await desk.api.ask(HISTORY, desk.maker, at="2000-01-01T00:00:00Z")).data["rateHistory"] == []


async def test_refusals_carry_their_facts(desk: Desk) -> None:
    """A circle with its programs and its gain; amounts that are none; prices that are in force already."""
    for pair in (("MILES", "BEANS"),):
        there = {"program": pair[0], "target": pair[1], "sell": "0.07", "buy": "0.1", "feeBasisPoints": 0}
        assert (await desk.approve(await desk.step(SUBMIT, desk.maker, **there)))["decision"] == "APPROVED"
    back = {"program": "BEANS", "target": "MILES", "sell": "0.11", "buy": "0.075", "feeBasisPoints": 0}
    found = await desk.step(SUBMIT, desk.maker, **back)
    assert (found["__typename"], found["programs"], found["gain"]) == (
        "CircleProfits",
        ["MILES", "BEANS", "MILES"],
        "0.026667",
    )
    assert (await desk.step(SUBMIT, desk.maker, **{**NEW, "sell": "x"}))["__typename"] == "InvalidAmount"
    assert (await desk.step(SUBMIT, desk.maker, **{**NEW, "program": "?"}))["__typename"] == "UnknownProgram"
    assert (await desk.step(SUBMIT, desk.maker, **{**NEW, "sell": "1"}))["__typename"] == "TermsUnfit"


async def test_a_brand_sees_and_submits_its_own(desk: Desk) -> None:
    """Another brand's programs do not exist for it; it approves nothing."""
    own = {"program": "MILES", "sell": "0.061", "buy": "0.075", "feeBasisPoints": 150}
    proposal = await desk.step(SUBMIT, desk.brand, **own)
    assert proposal["submittedBy"].startswith("client:")
    assert (await desk.step(SUBMIT, desk.brand, **NEW))["__typename"] == "UnknownProgram"
    assert (await desk.api.ask(BOOK, desk.brand, program="MILES")).data["rates"]["proposals"] == [
        {"number": proposal["number"]}
    ]
    assert (await desk.api.ask(BOOK, desk.brand, program="HOTEL")).data == {"rates": None}


async def test_pausing_and_resuming(desk: Desk) -> None:
    """One person stops a pair, two let it go on."""
    paused = await desk.step(PAUSE, desk.maker, source="BEANS", target="HOTEL", reason="a doubt")
    assert (paused["source"], paused["target"]) == ("BEANS", "HOTEL")
    proposal = await desk.step(RESUME, desk.maker, pauseId=paused["id"], reason="cleared")
    assert (await desk.approve(proposal))["decision"] == "APPROVED"
    book = (await desk.api.ask(BOOK, desk.maker, program="BEANS")).data["rates"]
    assert book["pauses"] == []
    again = await desk.step(RESUME, desk.maker, pauseId=paused["id"], reason="cleared")
    assert again["__typename"] == "PauseNotFound"


async def test_caps(desk: Desk, api: Api, server: Server, network: Network) -> None:
    """Staff see all of them, a brand its own."""
    ask = "query ($brand: String) { caps(brand: $brand) { participant limit left usedPercent pace runsOutAt } }"
    seen = (await api.ask(ask, desk.maker)).data["caps"]
    assert {row["participant"] for row in seen} == {"airline", "coffee", "hotel", "hotel-franchise"}
    own = server.tokens.brand(network.brand_id("airline"), {BrandScope.STATEMENTS_READ})
    (row,) = (await api.ask(ask, own)).data["caps"]
    assert (row["participant"], row["limit"], row["runsOutAt"]) == ("airline", "100000.000000", None)
    refused = await api.ask(ask, own, brand="hotel")
    assert refused.body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


PAIR_HISTORY = """query ($program: String!, $target: String!) {
  rateHistory(program: $program, target: $target) { source target terms { sell } }
}"""


async def test_both_brands_of_a_pair_see_its_price(desk: Desk, server: Server, network: Network) -> None:
    """The source's and the target's; a third brand, and the source's own prices, stay closed."""
    pair = {"program": "MILES", "target": "BEANS", "sell": "0.069", "buy": "0.1", "feeBasisPoints": 0}
    assert (await desk.approve(await desk.step(SUBMIT, desk.maker, **pair)))["decision"] == "APPROVED"
    asked = {"program": "MILES", "target": "BEANS"}
    expected = {"source": "MILES", "target": "BEANS", "terms": {"sell": "0.069000"}}
    seen = {}
    for brand in ("airline", "coffee", "hotel"):
        token = server.tokens.brand(network.brand_id(brand), {BrandScope.PROGRAMS_READ})
        seen[brand] = (await desk.api.ask(PAIR_HISTORY, token, **asked)).data["rateHistory"][:1]
    assert seen == {"airline": [expected], "coffee": [expected], "hotel": []}
    coffee = server.tokens.brand(network.brand_id("coffee"), {BrandScope.PROGRAMS_READ})
    book = (await desk.api.ask(BOOK, coffee, program="BEANS")).data["rates"]
    shown = [(rate["source"], rate["target"], rate["terms"]["sell"]) for rate in book["rates"]]
    assert shown[0][:2] == ("BEANS", None)
    assert shown[-1] == ("MILES", "BEANS", "0.069000")
    own = 'query { rateHistory(program: "MILES") { version } }'
    assert (await desk.api.ask(own, coffee)).data["rateHistory"] == []


async def test_no_price_begins_in_the_past(desk: Desk) -> None:
    """A past instant is refused with a sentence that says what to do."""
    found = await desk.step(SUBMIT, desk.maker, **NEW, validFrom="2020-01-01T00:00:00Z")
    assert (found["__typename"], found["message"]) == (
        "TermsUnfit",
        "A price is never retroactive: name an instant to come, or none, to begin when it is approved.",
    )
