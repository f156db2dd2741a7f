"""Runs of the conformance suite that are asked for in the graph: made by a worker, kept with their reports."""

import json
from typing import Any

from brands import Scope as BrandScope
from brands.certification_requests import TrialTerms, ask, claim, end, latest
from gateway.certifying_jobs import certify_one
from gateway.settings import GatewaySettings
from tests.network import Network
from tests.server import Api, Server

ASK = """mutation ($input: RequestCertificationInput!) { step: requestCertification(input: $input) {
    __typename ... on CertificationRequest { program askedBy begunAt } } }"""
SHOW = """query ($program: String!) { certificationRequest(program: $program) {
    endedAt failure certification { ready inForce reportDigest report } } }"""


async def shown(api: Api, token: str) -> Any:
    return (await api.ask(SHOW, token, program="HOTEL")).data["certificationRequest"]


async def test_a_run_is_asked_for_made_and_read(
    api: Api, server: Server, settings: GatewaySettings, network: Network
) -> None:
    """Once at a time; another brand's program does not exist; the report is read where it was asked for."""
    scopes = {BrandScope.SYSTEMS_WRITE, BrandScope.PROGRAMS_READ}
    hotel = server.tokens.brand(network.brand_id("hotel"), scopes)
    airline = server.tokens.brand(network.brand_id("airline"), scopes)
    ann = await network.enrol({"HOTEL": 5_000})
    wanted = {"program": "HOTEL", "member": ann.cards["HOTEL"].number}

    async def asked(token: str, **more: str) -> Any:
        return (await api.ask(ASK, token, input={**wanted, **more})).data["step"]["__typename"]

    assert await shown(api, hotel) is None
    assert await asked(airline) == "UnknownProgram"
    assert await asked(hotel, member="") == "TrialMemberUnusable"
    assert [await asked(hotel), await asked(hotel)] == ["CertificationRequest", "CertificationUnderWay"]
    assert (await shown(api, hotel))["endedAt"] is None
    assert await certify_one(settings, network.database) == 1
    assert await certify_one(settings, network.database) == 0
    found = await shown(api, hotel)
    assert (found["failure"], found["certification"]["ready"], found["certification"]["inForce"]) == (None, True, True)
    assert json.loads(found["certification"]["report"])["program"] == "HOTEL"
    assert await shown(api, airline) is None
    assert await asked(hotel) == "CertificationRequest"


async def test_one_worker_makes_a_run(network: Network) -> None:
    """It is claimed once, and ends with a reason when it cannot be made."""
    program, clock = network.program("MILES"), network.database.clock
    async with network.database.transaction() as connection:
        await ask(connection, program.id, TrialTerms("1"), "lin.wei", clock.pinned)
        first = await claim(connection, clock.pinned)
        assert first is not None
        assert await claim(connection, clock.pinned) is None
        await end(connection, first.id, clock.pinned, "no such member")
        kept = await latest(connection, program.id)
    assert kept is not None
    assert (kept.failure, kept.certification_id) == ("no such member", None)
