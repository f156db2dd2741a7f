"""A window from open to advised, by two persons; and statements for those whose they are."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from brands import Scope
from core.database import Database
from gateway.settings import GatewaySettings
from schema.scopes import Role
from tests.network import Network, load_network
from tests.schema.test_exchanges import accepted, quoted
from tests.server import Api, Server, serving

WINDOWS = "{ windows { id number status cutOffAt } }"
NUMBERS = "{ windows(%s) { number } }"
WINDOW = """query ($id: ID!) { window(id: $id) {
  status digest
  positions { participant opening debits credits closing settled carried subtotals { kind lines } }
  payments { payer payee amount }
  steps { status actor reason }
} }"""
STATEMENT = """query ($id: ID!, $brand: String) { statement(windowId: $id, brand: $brand) {
  number status position { participant debits credits settled } payments { payer payee amount }
} }"""
STEP = """mutation ($input: WindowStepInput!) {
  step: %s(input: $input) { __typename ... on Window { status } ... on Refusal { message } }
}"""
APPROVE = """mutation ($input: ApproveWindowInput!) {
  approveWindow(input: $input) { __typename ... on Window { status } ... on Refusal { message } }
}"""


class Desk:
    """Finance at work on a network of its own."""

    def __init__(self, api: Api, server: Server, network: Network) -> None:
        self.api = api
        self.tokens = server.tokens
        self.network = network
        self.maker = server.tokens.staff("lin.wei", Role.MAKER)
        self.checker = server.tokens.staff("chen.yu", Role.CHECKER)

    async def open_window(self) -> str:
        """The id of the window that is open."""
        return str((await self.api.ask(WINDOWS, self.maker)).data["windows"][0]["id"])

    async def step(self, name: str, window: str, token: str | None = None) -> Any:
        """What became of one step."""
        wanted = {"windowId": window, "reason": "month end"}
        return (await self.api.ask(STEP % name, token or self.maker, input=wanted)).data["step"]

    async def approve(self, window: str, digest: str, token: str | None = None, reason: str = "checked") -> Any:
        """What became of the approval."""
        wanted = {"windowId": window, "digest": digest, "reason": reason}
        return (await self.api.ask(APPROVE, token or self.checker, input=wanted)).data["approveWindow"]

    async def look(self, window: str) -> Any:
        """The window."""
        return (await self.api.ask(WINDOW, self.maker, id=window)).data["window"]

    async def exchange(self) -> None:
        """3,000 HOTEL become 1,980 MILES: HOTEL pays 150.00, MILES is paid 148.50, the operator 1.50."""
        ann = await self.network.enrol({"HOTEL": 3_000, "MILES": 0})
        token = self.tokens.member(ann.id)
        await accepted(self.api, token, await quoted(self.api, token))

    async def until_submitted(self) -> str:
        """An exchange, and its window as far as a maker can bring it alone."""
        await self.exchange()
        window = await self.open_window()
        for name in ("closeWindow", "reconcileWindow", "netWindow", "submitWindow"):
            assert (await self.step(name, window))["__typename"] == "Window"
        return window


@pytest.fixture
async def desk(own_settings: GatewaySettings, database_url: str) -> AsyncIterator[Desk]:
    opened = await Database.connect(database_url, pool_size_max=4)
    network = await load_network(opened)
    with serving(own_settings) as server:
        async with Api.of(server) as api:
            yield Desk(api, server, network)
    await opened.close()


async def test_a_window_is_settled_by_two_persons(desk: Desk, own_settings: GatewaySettings) -> None:
    window = await desk.until_submitted()
    digest = (await desk.look(window))["digest"]
    assert await desk.approve(window, digest) == {"__typename": "Window", "status": "APPROVED"}
    assert await desk.step("adviseWindow", window, desk.checker) == {"__typename": "Window", "status": "ADVISED"}
    found = await desk.look(window)
    assert {
        position["participant"]: position["settled"]
        for position in found["positions"]
        if position["settled"] != "0.000000"
    } == {
        "hotel": "-150.000000",
        "airline": "148.500000",
        "operator": "1.500000",
    }
    assert sorted((payment["payer"], payment["payee"], payment["amount"]) for payment in found["payments"]) == [
        ("hotel", "operator", "150.00"),
        ("operator", "airline", "148.50"),
    ]
    assert [(step["status"], step["actor"]) for step in found["steps"]][-3:] == [
        ("SUBMITTED", "lin.wei"),
        ("APPROVED", "chen.yu"),
        ("ADVISED", "chen.yu"),
    ]
    files = sorted(path.name for path in (own_settings.core.home / "statements" / "window-000001").iterdir())
    assert {"hotel.csv", "hotel.json", "airline.csv", "airline.json"} <= set(files)


async def test_every_step_can_be_sent_again(desk: Desk) -> None:
    window = await desk.until_submitted()
    before = await desk.look(window)
    for name in ("closeWindow", "reconcileWindow", "netWindow", "submitWindow"):
        assert await desk.step(name, window) == {"__typename": "Window", "status": "SUBMITTED"}
    assert await desk.look(window) == before


async def test_closing_opens_the_next_window(desk: Desk) -> None:
    first = await desk.open_window()
    await desk.step("closeWindow", first)
    answer = await desk.api.ask(WINDOWS, desk.maker)
    assert [(found["number"], found["status"]) for found in answer.data["windows"]] == [(2, "OPEN"), (1, "CLOSED")]


async def test_windows_are_asked_for_by_numbers_that_windows_can_have(desk: Desk) -> None:
    """What cannot be is an error that names the argument, not an empty list."""
    for wish, argument in (
        ("first: -1", "first"),
        ("first: 0", "first"),
        ("first: 501", "first"),
        ("before: -5", "before"),
        ("first: 1, before: 0", "before"),
    ):
        answer = await desk.api.ask(NUMBERS % wish, desk.maker)
        assert (answer.code, answer.error["extensions"]["argument"]) == ("BAD_USER_INPUT", argument)
    for wish, numbers in (("first: 1", [1]), ("first: 500, before: 2", [1]), ("before: 1", []), ("before: null", [1])):
        answer = await desk.api.ask(NUMBERS % wish, desk.maker)
        assert [found["number"] for found in answer.data["windows"]] == numbers


async def test_whoever_submits_cannot_approve(desk: Desk) -> None:
    """Also not in another role, and not with another spelling of the name."""
    window = await desk.until_submitted()
    digest = (await desk.look(window))["digest"]
    for name in ("lin.wei", " LIN.Wei"):
        both = desk.tokens.staff(name, Role.MAKER, Role.CHECKER)
        assert (await desk.approve(window, digest, both))["__typename"] == "SamePerson"
    assert (await desk.look(window))["status"] == "SUBMITTED"


async def test_only_the_figures_that_were_seen_are_approved(desk: Desk) -> None:
    window = await desk.until_submitted()
    assert (await desk.approve(window, "0" * 64))["__typename"] == "FiguresChanged"
    assert (await desk.look(window))["status"] == "SUBMITTED"


async def test_an_approval_has_a_reason(desk: Desk) -> None:
    window = await desk.until_submitted()
    digest = (await desk.look(window))["digest"]
    assert (await desk.approve(window, digest, reason="  "))["__typename"] == "ReasonMissing"


async def test_steps_come_one_after_the_other(desk: Desk) -> None:
    window = await desk.open_window()
    for name in ("reconcileWindow", "netWindow", "submitWindow"):
        assert (await desk.step(name, window))["__typename"] == "WrongStep"
    assert (await desk.step("adviseWindow", window, desk.checker))["__typename"] == "WrongStep"
    assert (await desk.look(window))["status"] == "OPEN"


async def test_a_brand_sees_its_own_statement_once_it_is_approved(desk: Desk) -> None:
    window = await desk.until_submitted()
    hotel = desk.tokens.brand(desk.network.brand_id("hotel"), [Scope.STATEMENTS_READ])
    assert (await desk.api.ask(STATEMENT, hotel, id=window)).code == "NOT_FOUND"
    await desk.approve(window, (await desk.look(window))["digest"])
    assert (await desk.api.ask(STATEMENT, hotel, id=window)).data["statement"] == {
        "number": 1,
        "status": "APPROVED",
        "position": {
            "participant": "hotel",
            "debits": "150.000000",
            "credits": "0.000000",
            "settled": "-150.000000",
        },
        "payments": [{"payer": "hotel", "payee": "operator", "amount": "150.00"}],
    }
    assert (await desk.api.ask(STATEMENT, hotel, id=window, brand="airline")).code == "FORBIDDEN"


async def test_staff_sees_any_statement(desk: Desk) -> None:
    window = await desk.until_submitted()
    auditor = desk.tokens.staff("zhao", Role.AUDITOR)
    found = (await desk.api.ask(STATEMENT, auditor, id=window, brand="airline")).data["statement"]
    assert found["position"]["settled"] == "148.500000"
    for brand in ("nowhere", "hotel-lake", None):
        assert (await desk.api.ask(STATEMENT, auditor, id=window, brand=brand)).code == "NOT_FOUND"
