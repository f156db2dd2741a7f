"""How points are reached, in the graph: shown without secrets, tried, changed by two persons; a brand sees its own."""

import asyncio
import re
from typing import Any

import pytest

import brands
from brands import Scope as BrandScope
from core.database import Database
from schema.scopes import Role
from tests.brands.adapter_samples import GRAPHQL, REST, SIMULATOR
from tests.brands.samples import read
from tests.network import Network
from tests.server import Api, Server

REFUSED = "... on Refusal { message } ... on ConfigurationRefused { problems { path line message } }"
PROPOSAL = (
    "... on AdapterProposal { number program digest decision submittedBy decidedBy changes { path before after } }"
)
SUBMIT = f"""mutation ($input: SubmitAdapterInput!) {{ step: submitAdapter(input: $input) {{
    __typename {PROPOSAL} {REFUSED} ... on ConfigurationChecked {{ changes {{ path before after }} }} }} }}"""
APPROVE = f"""mutation ($input: ApproveAdapterInput!) {{ step: approveAdapter(input: $input) {{
    __typename {PROPOSAL} {REFUSED} }} }}"""
REJECT = f"""mutation ($input: RejectAdapterInput!) {{ step: rejectAdapter(input: $input) {{
    __typename {PROPOSAL} {REFUSED} }} }}"""
SET = """mutation ($input: SetAdapterSecretInput!) { step: setAdapterSecret(input: $input) {
    __typename ... on AdapterSecret { name keptSince } ... on Refusal { message } } }"""
REMOVE = """mutation ($input: RemoveAdapterSecretInput!) { step: removeAdapterSecret(input: $input) { __typename } }"""
SHOW = """query ($program: String!) { adapterConfiguration(program: $program) {
    kind bookOfRecord configuration secrets { name keptSince } waiting { number } } }"""
WAITING = "{ adapterProposals { number program } }"


class Desk:
    """Two persons, and the machines of two brands."""

    def __init__(self, api: Api, server: Server, rail: Any, hotel: Any) -> None:
        self.api = api
        self.maker = server.tokens.staff("lin.wei", Role.MAKER)
        self.checker = server.tokens.staff("chen.yu", Role.CHECKER)
        self.both = server.tokens.staff("lin.wei", Role.CHECKER)
        scopes = {BrandScope.SYSTEMS_WRITE, BrandScope.PROGRAMS_READ}
        self.rail, self.hotel = server.tokens.brand(rail, scopes), server.tokens.brand(hotel, scopes)

    async def step(self, document: str, token: str, **wanted: Any) -> Any:
        """What became of one step."""
        return (await self.api.ask(document, token, input=wanted)).data["step"]

    async def shown(self, token: str | None = None) -> Any:
        """RAIL's configuration."""
        return (await self.api.ask(SHOW, token or self.maker, program="RAIL")).data["adapterConfiguration"]

    async def approve(self, proposal: Any, token: str | None = None) -> Any:
        """What became of the approval."""
        wanted = {"number": proposal["number"], "digest": proposal["digest"], "reason": "agreed"}
        return await self.step(APPROVE, token or self.checker, **wanted)


@pytest.fixture
async def desk(api: Api, server: Server, network: Network) -> Desk:
    applied = await brands.apply(network.database, read(REST))
    assert isinstance(applied, brands.Applied), applied
    async with network.database.connection() as connection:
        rail = (await brands.directory(connection)).brand("rail")
    assert rail is not None
    return Desk(api, server, rail.id, network.brand_id("hotel"))


async def test_two_persons_change_how_points_are_reached(desk: Desk) -> None:
    """What is shown is sent back changed, tried, submitted by one, approved by another, and in force."""
    shown = await desk.shown()
    assert (shown["kind"], shown["bookOfRecord"], shown["waiting"]) == ("REST", "BRAND", None)
    text = shown["configuration"].replace("https://rail.example/v1", "https://rail.example/v2")
    change = [{"path": "url", "before": "https://rail.example/v1", "after": "https://rail.example/v2"}]
    tried = await desk.step(SUBMIT, desk.maker, program="RAIL", configuration=text, dryRun=True)
    assert tried == {"__typename": "ConfigurationChecked", "changes": change}
    assert (await desk.shown())["waiting"] is None
    proposal = await desk.step(SUBMIT, desk.maker, program="RAIL", configuration=text, reason="a new API")
    assert (proposal["changes"], proposal["decision"]) == (change, None)
    assert (await desk.shown())["configuration"] == shown["configuration"]
    assert (await desk.approve(proposal, desk.both))["__typename"] == "SamePerson"
    assert (await desk.approve({**proposal, "digest": "0"}))["__typename"] == "DigestDiffers"
    approved = await desk.approve(proposal)
    assert (approved["decision"], approved["submittedBy"], approved["decidedBy"]) == ("APPROVED", "lin.wei", "chen.yu")
    assert (await desk.shown())["configuration"] == text
    assert (await desk.approve(proposal))["decision"] == "APPROVED"
    again = await desk.step(SUBMIT, desk.maker, program="RAIL", configuration=text)
    assert again["__typename"] == "ConfigurationUnchanged"


async def test_the_same_submission_is_made_once(desk: Desk) -> None:
    """Sent again or at once it is the proposal that waits; another person, text or reason makes a new one."""
    text = re.sub(r"rail\.example/v\d", "rail.example/v3", (await desk.shown())["configuration"])
    wanted = {"program": "RAIL", "configuration": text, "reason": "a new API"}
    once = await asyncio.gather(*(desk.step(SUBMIT, desk.maker, **wanted) for _ in range(4)))
    again = await desk.step(SUBMIT, desk.maker, **{**wanted, "reason": " a new API "})
    numbers = [proposal["number"] for proposal in (*once, again)]
    assert set(numbers) == {numbers[0]}
    others = [
        await desk.step(SUBMIT, desk.rail, **wanted),
        await desk.step(SUBMIT, desk.maker, **wanted),
        await desk.step(SUBMIT, desk.maker, **{**wanted, "reason": "another one"}),
        await desk.step(SUBMIT, desk.maker, **{**wanted, "configuration": text.replace("/v3", "/v4")}),
    ]
    assert [proposal["number"] for proposal in others] == [numbers[0] + count for count in (1, 2, 3, 4)]
    assert (await desk.shown())["waiting"] == {"number": numbers[0] + 4}
    back = await desk.step(REJECT, desk.checker, number=numbers[0] + 4, reason="no")
    assert back["decision"] == "REJECTED"
    anew = await desk.step(SUBMIT, desk.maker, **{**wanted, "configuration": text.replace("/v3", "/v4")})
    assert anew["number"] == numbers[0] + 5
    await desk.step(REJECT, desk.checker, number=anew["number"], reason="no")


async def test_problems_have_place_line_and_reason(desk: Desk) -> None:
    """All of them at once, whether the headers are written in full or not; nothing is kept."""
    short = 'kind = "rest"\nurl = "ftp://x"\ncolour = 1\n[calls.debit]\npath = "/${member.numer"\n'
    found = await desk.step(SUBMIT, desk.maker, program="RAIL", configuration=short)
    places = [(problem["path"], problem["line"]) for problem in found["problems"]]
    at = "programs.RAIL.adapter"
    assert found["__typename"] == "ConfigurationRefused"
    assert {(f"{at}.url", 2), (f"{at}.colour", 3), (f"{at}.calls.debit.path", 5)} <= set(places)
    full = "[programs.RAIL.adapter]\nkind = 'platform'\n"
    found = await desk.step(SUBMIT, desk.maker, program="RAIL", configuration=full, dryRun=True)
    (problem,) = found["problems"]
    assert (problem["path"], problem["line"]) == (f"{at}.capabilities.book_of_record", 1)
    for text in ("kind =", "kind = 'rest'\nkind = 'rest'"):
        found = await desk.step(SUBMIT, desk.maker, program="RAIL", configuration=text)
        assert (found["__typename"], found["problems"][0]["path"]) == ("ConfigurationRefused", "")
    assert (await desk.shown())["waiting"] is None


async def test_a_brand_sees_and_changes_its_own(desk: Desk) -> None:
    """Another brand's program does not exist for it; it approves nothing; its proposals are its own to see."""
    text = (await desk.shown(desk.rail))["configuration"].replace("deadline_seconds = 2.5", "deadline_seconds = 2.0")
    proposal = await desk.step(SUBMIT, desk.rail, program="RAIL", configuration=text)
    assert proposal["submittedBy"].startswith("client:")
    assert await desk.shown(desk.hotel) is None
    for document, wanted in ((SUBMIT, {"configuration": text}), (SET, {"name": "api-key", "value": "x"})):
        assert (await desk.step(document, desk.hotel, program="RAIL", **wanted))["__typename"] == "UnknownProgram"
    assert (await desk.step(REMOVE, desk.hotel, program="RAIL", name="api-key"))["__typename"] == "UnknownProgram"
    own = [{"number": proposal["number"], "program": "RAIL"}]
    assert (await desk.api.ask(WAITING, desk.rail)).data["adapterProposals"] == own
    assert (await desk.api.ask(WAITING, desk.hotel)).data["adapterProposals"] == []
    refused = await desk.api.ask(APPROVE, desk.rail, input={"number": 1, "digest": "", "reason": "x"})
    assert refused.error["extensions"]["code"] == "FORBIDDEN"
    sent_back = await desk.step(REJECT, desk.checker, number=proposal["number"], reason="too fast")
    assert sent_back["decision"] == "REJECTED"
    assert (await desk.approve(proposal))["__typename"] == "ProposalDecided"


async def test_a_secret_goes_in_and_never_comes_out(desk: Desk, network: Network) -> None:
    """Only one that is named, in force or proposed; its name and its age are all that is ever shown."""
    assert (await desk.shown())["secrets"] == [
        {"name": "api-key", "keptSince": None},
        {"name": "hook", "keptSince": None},
    ]
    kept = await desk.step(SET, desk.rail, program="RAIL", name="api-key", value="s3cret-of-the-rail")
    assert (kept["__typename"], kept["name"]) == ("AdapterSecret", "api-key")
    shown = await desk.shown(desk.rail)
    assert shown["secrets"][0]["keptSince"] == kept["keptSince"]
    assert [secret["keptSince"] is None for secret in shown["secrets"]] == [False, True]
    assert "s3cret" not in str(shown)
    async with network.database.connection() as connection:
        assert b"s3cret" not in await connection.fetchval("SELECT sealed FROM brands_secret")
    assert (await desk.step(SET, desk.maker, program="RAIL", name="other", value="x"))["__typename"] == "SecretUnknown"
    for value in ("", "two\nlines", "x" * 4_097):
        found = await desk.step(SET, desk.maker, program="RAIL", name="api-key", value=value)
        assert found["__typename"] == "SecretUnusable"
    text = shown["configuration"].replace('secret = "api-key"', 'secret = "new-key"')
    await desk.step(SUBMIT, desk.maker, program="RAIL", configuration=text)
    assert (await desk.step(SET, desk.maker, program="RAIL", name="new-key", value="x"))[
        "__typename"
    ] == "AdapterSecret"
    assert (await desk.step(REMOVE, desk.maker, program="RAIL", name="api-key"))["__typename"] == "SecretRemoved"
    assert (await desk.step(REMOVE, desk.maker, program="RAIL", name="api-key"))["__typename"] == "SecretUnknown"


async def test_a_file_and_the_graph_do_not_undo_each_other(desk: Desk, network: Network) -> None:
    """The same file again leaves what was approved; a changed file counts, and voids what was to replace another."""
    approved = (await desk.shown())["configuration"].replace("concurrency_max = 4", "concurrency_max = 6")
    await desk.approve(await desk.step(SUBMIT, desk.maker, program="RAIL", configuration=approved))
    database: Database = network.database
    assert await brands.apply(database, read(REST)) == brands.Applied(())
    assert (await desk.shown())["configuration"] == approved
    late = approved.replace("concurrency_max = 6", "concurrency_max = 7")
    proposal = await desk.step(SUBMIT, desk.maker, program="RAIL", configuration=late)
    changed = read(REST.replace("deadline_seconds = 2.5", "deadline_seconds = 3"))
    assert isinstance(await brands.apply(database, changed), brands.Applied)
    text = (await desk.shown())["configuration"]
    assert ("deadline_seconds = 3.0" in text, "concurrency_max = 4" in text) == (True, True)
    assert (await desk.approve(proposal))["__typename"] == "ConfigurationMoved"
    assert (await desk.approve(proposal))["__typename"] == "ProposalDecided"
    assert (await desk.shown())["configuration"] == text


@pytest.mark.parametrize("sample", [GRAPHQL, SIMULATOR], ids=["graphql", "simulator"])
async def test_a_program_changes_its_kind(desk: Desk, sample: str) -> None:
    """Another API of the same books: the kind may change, the book of record never does."""
    start = sample.index("[programs.RAIL.adapter]")
    proposal = await desk.step(SUBMIT, desk.maker, program="RAIL", configuration=sample[start:])
    assert proposal["__typename"] == "AdapterProposal", proposal
    assert (await desk.approve(proposal))["decision"] == "APPROVED"
    assert (await desk.shown())["kind"] in {"GRAPHQL", "SIMULATOR"}
