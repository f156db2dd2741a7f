"""Breaks in the graph: a brand sees its own and may add to them; finance works on them; two persons give up money."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from brands import Scope
from core.database import Database
from gateway.settings import GatewaySettings
from schema.scopes import Role
from tests.network import Network
from tests.server import Api, Server, serving
from tests.settlement.reconciliation.statements import Stated, network_of, taken, written

BREAKS = """query ($filter: BreakFilter, $first: Int! = 50, $after: String) {
  breaks(filter: $filter, first: $first, after: $after) { nodes {
    id program kind state atRisk atStake owner age dueOn nextStep disputed disputedSince exchangeId exchangeCaseId
    ours { key } theirs { key amount booked } events { kind actor text } suggestions { id }
  } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount atRisk }
}"""
NOTE = """mutation ($input: BreakNoteInput!) { annotateBreak(input: $input) {
  __typename ... on Break { events { kind actor } } ... on Refusal { message }
} }"""
PROPOSE = """mutation ($input: ProposeBreakResolutionInput!) { proposeBreakResolution(input: $input) {
  __typename ... on BreakProposal { id kind verdict digest amount } ... on Refusal { message }
  ... on NothingAtStake { atStake }
  ... on BreakProposalOpen { proposalId kind proposedBy }
} }"""
DECIDE = """mutation ($input: DecideBreakResolutionInput!) { decideBreakResolution(input: $input) {
  __typename ... on BreakProposal { verdict } ... on Refusal { message }
} }"""


@pytest.fixture
async def network(database_url: str, tmp_path: Path) -> AsyncIterator[Network]:
    """With one break: 100 miles that the airline states for yesterday, and nobody knows."""
    database = await Database.connect(database_url, pool_size_max=4)
    loaded = await network_of(database)
    day = str((database.clock.now() - timedelta(days=2)).date())
    await taken(loaded, tmp_path, written([Stated("A-1", "100", day=day)], period=(day, day)))
    yield loaded
    await database.close()


@pytest.fixture
async def desk(network: Network, own_settings: GatewaySettings) -> AsyncIterator[tuple[Api, Server]]:
    """A gateway on that network."""
    del network
    with serving(own_settings) as server:
        async with Api.of(server) as api:
            yield api, server


async def open_break(api: Api, token: str) -> Any:
    """The only one."""
    (found,) = (await api.ask(BREAKS, token)).data["breaks"]["nodes"]
    return found


async def test_a_brand_sees_its_own_and_adds_to_them(desk: tuple[Api, Server], network: Network) -> None:
    """The airline comments and gives evidence; the hotel sees nothing, not even by id."""
    api, server = desk
    scopes = frozenset({Scope.STATEMENTS_READ, Scope.BREAKS_WRITE})
    airline, hotel = (server.tokens.brand(network.brand_id(code), scopes) for code in ("airline", "hotel"))
    found = await open_break(api, airline)
    assert (found["kind"], found["atRisk"], found["theirs"]) == (
        "MISSING_HERE", "7.500000", [{"key": "A-1", "amount": "100", "booked": True}],
    )  # fmt: skip
    assert (await api.ask(BREAKS, hotel)).data["breaks"]["nodes"] == []
    note = {"breakId": found["id"], "text": "receipt 7 in the portal", "evidence": True}
    refused = await api.ask(NOTE, hotel, input=note)
    assert refused.body["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    told = (await api.ask(NOTE, airline, input=note)).data["annotateBreak"]
    assert [it["kind"] for it in told["events"]] == ["OPENED", "ATTACHED"]


async def test_pages_and_filters(desk: tuple[Api, Server], network: Network, tmp_path: Path) -> None:
    """The largest at risk first; cursors lead on; a brand finds nothing of another's; nonsense is refused."""
    api, server = desk
    maker = server.tokens.staff("lin.wei", Role.MAKER)
    day = str((network.database.clock.now() - timedelta(days=1)).date())
    rows = [Stated(f"B-{number}", str(amount), day=day) for number, amount in enumerate((300, 50, 200))]
    await taken(network, tmp_path, written(rows, period=(day, day)))

    async def page(token: str = maker, **variables: object) -> Any:
        return (await api.ask(BREAKS, token, **variables)).data["breaks"]

    first = await page(first=2)
    assert [it["atRisk"] for it in first["nodes"]] == ["22.500000", "15.000000"]
    assert (first["totalCount"], first["atRisk"]) == (4, "48.750000")
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert [edge["cursor"] for edge in first["edges"]][-1] == first["pageInfo"]["endCursor"]
    second = await page(first=2, after=first["pageInfo"]["endCursor"])
    assert [it["atRisk"] for it in second["nodes"]] == ["7.500000", "3.750000"]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
    for some in ({"brand": "airline"}, {"kind": "MISSING_HERE"}, {"age": "UP_TO_7_DAYS"}, {"owner": "operator"}):
        assert (await page(filter=some))["totalCount"] == 4, some
    for none in ({"brand": "hotel"}, {"kind": "AMOUNT"}, {"age": "OVER_90_DAYS"}, {"owner": "x"}, {"disputed": True}):
        assert (await page(filter=none))["nodes"] == [], none
    hotel = server.tokens.brand(network.brand_id("hotel"), frozenset({Scope.STATEMENTS_READ}))
    assert (await page(hotel, filter={"brand": "airline"}))["totalCount"] == 0
    for wrong in ({"after": "????"}, {"after": "eA"}, {"first": 0}, {"first": 201}):
        refused = (await api.ask(BREAKS, maker, **wrong)).body["errors"][0]["extensions"]["code"]
        assert refused == "BAD_USER_INPUT", wrong


WAITING = """query { breaks { nodes { proposal { id kind amount digest proposedBy reason }
  proposals { id verdict decidedBy decidedReason } } } }"""
RETRACT = """mutation ($input: RetractInput!) { retractProposal(input: $input) {
  __typename ... on Proposal { kind verdict decidedReason } ... on Refusal { message } ... on NotProposer { proposedBy }
} }"""


async def test_its_proposer_takes_a_proposal_back(desk: tuple[Api, Server], network: Network) -> None:
    """It is shown with the break while it waits, to finance alone, and afterwards with what became of it."""
    api, server = desk
    maker, other = server.tokens.staff("lin.wei", Role.MAKER), server.tokens.staff("su.an", Role.MAKER)
    found = await open_break(api, maker)
    wish = {"breakIds": [found["id"]], "resolution": "DISPUTE", "amount": "7.50", "reason": "it objects"}
    proposed = (await api.ask(PROPOSE, maker, input=wish)).data["proposeBreakResolution"]
    (node,) = (await api.ask(WAITING, other)).data["breaks"]["nodes"]
    assert node["proposal"] == {
        "id": proposed["id"], "kind": "BREAK_DISPUTE", "amount": "7.500000", "digest": proposed["digest"],
        "proposedBy": "lin.wei", "reason": "it objects",
    }  # fmt: skip
    airline = server.tokens.brand(network.brand_id("airline"), frozenset({Scope.STATEMENTS_READ}))
    (seen,) = (await api.ask(WAITING, airline)).data["breaks"]["nodes"]
    assert seen == {"proposal": None, "proposals": []}
    back = {"proposalId": proposed["id"], "reason": "the brand gave way"}
    refused = (await api.ask(RETRACT, other, input=back)).data["retractProposal"]
    assert (refused["__typename"], refused["proposedBy"]) == ("NotProposer", "lin.wei")
    told = (await api.ask(RETRACT, maker, input=back)).data["retractProposal"]
    assert told == {
        "__typename": "Proposal", "kind": "BREAK_DISPUTE", "verdict": "RETRACTED",
        "decidedReason": "the brand gave way",
    }  # fmt: skip
    (node,) = (await api.ask(WAITING, maker)).data["breaks"]["nodes"]
    assert (node["proposal"], [it["verdict"] for it in node["proposals"]]) == (None, ["RETRACTED"])


async def test_two_persons_write_off(desk: tuple[Api, Server]) -> None:
    """Too much is refused with what there is; the proposer cannot approve; the checker can."""
    api, server = desk
    maker, checker = server.tokens.staff("lin.wei", Role.MAKER), server.tokens.staff("chen.yu", Role.CHECKER)
    found = await open_break(api, maker)
    wish = {"breakIds": [found["id"]], "resolution": "WRITE_OFF", "amount": "8.00", "reason": "small"}
    refused = (await api.ask(PROPOSE, maker, input=wish)).data["proposeBreakResolution"]
    assert (refused["__typename"], refused["atStake"]) == ("NothingAtStake", "7.500000")
    proposed = (await api.ask(PROPOSE, maker, input=wish | {"amount": "7.50"})).data["proposeBreakResolution"]
    assert (proposed["kind"], proposed["amount"]) == ("WRITE_OFF", "7.500000")
    second = (await api.ask(PROPOSE, maker, input=wish | {"amount": "1.00"})).data["proposeBreakResolution"]
    assert (second["__typename"], second["proposalId"]) == ("BreakProposalOpen", proposed["id"])
    decision = {"proposalId": proposed["id"], "approve": True, "digest": proposed["digest"], "reason": "checked"}
    other = (await api.ask(DECIDE, checker, input=decision | {"digest": "0" * 64})).data["decideBreakResolution"]
    assert other["__typename"] == "ProposalChanged"
    both = server.tokens.staff("lin.wei", Role.CHECKER)
    own = (await api.ask(DECIDE, both, input=decision)).data["decideBreakResolution"]
    assert own["__typename"] == "SamePerson"
    done = (await api.ask(DECIDE, checker, input=decision)).data["decideBreakResolution"]
    assert done == {"__typename": "BreakProposal", "verdict": "APPROVED"}
    assert (await api.ask(BREAKS, maker)).data["breaks"] == {
        "nodes": [], "edges": [], "totalCount": 0, "atRisk": "0.000000",
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }  # fmt: skip
