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

BREAKS = """{ breaks {
  id program kind state atRisk atStake owner age dueOn nextStep disputed
  ours { key } theirs { key amount booked } events { kind actor text } suggestions { id }
} }"""
NOTE = """mutation ($input: BreakNoteInput!) { annotateBreak(input: $input) {
  __typename ... on Break { events { kind actor } } ... on Refusal { message }
} }"""
PROPOSE = """mutation ($input: ProposeBreakResolutionInput!) { proposeBreakResolution(input: $input) {
  __typename ... on BreakProposal { id kind verdict } ... on Refusal { message } ... on NothingAtStake { atStake }
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
    (found,) = (await api.ask(BREAKS, token)).data["breaks"]
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
    assert (await api.ask(BREAKS, hotel)).data == {"breaks": []}
    note = {"breakId": found["id"], "text": "receipt 7 in the portal", "evidence": True}
    refused = await api.ask(NOTE, hotel, input=note)
    assert refused.body["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    told = (await api.ask(NOTE, airline, input=note)).data["annotateBreak"]
    assert [it["kind"] for it in told["events"]] == ["OPENED", "ATTACHED"]


async def test_two_persons_write_off(desk: tuple[Api, Server]) -> None:
    """Too much is refused with what there is; the proposer cannot approve; the checker can."""
    api, server = desk
    maker, checker = server.tokens.staff("lin.wei", Role.MAKER), server.tokens.staff("chen.yu", Role.CHECKER)
    found = await open_break(api, maker)
    wish = {"breakIds": [found["id"]], "resolution": "WRITE_OFF", "amount": "8.00", "reason": "small"}
    refused = (await api.ask(PROPOSE, maker, input=wish)).data["proposeBreakResolution"]
    assert (refused["__typename"], refused["atStake"]) == ("NothingAtStake", "7.500000")
    proposed = (await api.ask(PROPOSE, maker, input=wish | {"amount": "7.50"})).data["proposeBreakResolution"]
    decision = {"proposalId": proposed["id"], "approve": True, "reason": "checked"}
    both = server.tokens.staff("lin.wei", Role.CHECKER)
    own = (await api.ask(DECIDE, both, input=decision)).data["decideBreakResolution"]
    assert own["__typename"] == "SamePerson"
    done = (await api.ask(DECIDE, checker, input=decision)).data["decideBreakResolution"]
    assert done == {"__typename": "BreakProposal", "verdict": "APPROVED"}
    assert (await api.ask(BREAKS, maker)).data == {"breaks": []}
