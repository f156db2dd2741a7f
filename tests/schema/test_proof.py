"""From a statement's figure to the brand's own line in two queries; replays and trial balances."""

from decimal import Decimal
from typing import Any

import pytest

from brands import Scope
from schema.scopes import Role
from tests.network import Network
from tests.schema.test_settlement import Desk, desk  # noqa: F401 - a fixture
from tests.settlement.trade import to_approved, trade

LINES = """query ($input: StatementLinesInput!) { statementLines(input: $input) {
  endCursor lines { transferId kind counterparty detail debit credit reference }
} }"""
ORIGIN = """query ($id: ID!, $within: StatementInput) { lineOrigin(transferId: $id, within: $within) {
  detail exchangeId transfers { code asset amount debit credit reverses } brandLines { key } breaks { kind }
} }"""
REPLAY = "query ($id: ID!) { windowReplay(id: $id, statements: true) { agrees kept counted statements { format } } }"
TRIAL = "query ($at: DateTime) { trialBalance(at: $at) { asset purpose accounts netCredit } }"
WINDOWS = "{ windows { id number } }"


@pytest.fixture
async def window(desk: Desk) -> Network:  # noqa: F811
    """A network with one approved window of two exchanges."""
    network = desk.network
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "HOTEL", "MILES", 1_000))
    await to_approved(network.database)
    return network


async def window_id(desk: Desk) -> str:  # noqa: F811
    """The id of the first window."""
    found = (await desk.api.ask(WINDOWS, desk.maker)).data["windows"]
    return str(next(it["id"] for it in found if it["number"] == 1))


async def lines(desk: Desk, token: str, **wanted: Any) -> Any:  # noqa: F811
    """Some lines."""
    answer = await desk.api.ask(LINES, token, input={"windowId": await window_id(desk), **wanted})
    return answer.data["statementLines"]


@pytest.mark.usefixtures("window")
async def test_a_figure_leads_to_the_exchange_in_two_queries(desk: Desk) -> None:  # noqa: F811
    """Page by page; and every transfer of the line's exchange with its accounts."""
    first = await lines(desk, desk.maker, brand="airline", kind="POSITION_CREDIT", counterparty="hotel", first=1)
    second = await lines(desk, desk.maker, brand="airline", first=1, after=first["endCursor"])
    assert [it["lines"][0]["detail"] for it in (first, second)] == [
        "HOTEL 3000 for MILES 1980",
        "HOTEL 1000 for MILES 660",
    ]
    assert second["endCursor"] is None
    found = (await desk.api.ask(ORIGIN, desk.maker, id=first["lines"][0]["transferId"])).data["lineOrigin"]
    for who, told in (("airline", True), ("hotel", False), ("nobody", False)):
        within = {"windowId": await window_id(desk), "participant": who}
        answer = await desk.api.ask(ORIGIN, desk.maker, id=first["lines"][0]["transferId"], within=within)
        assert ("errors" not in answer.body) is told, who
    assert found["exchangeId"]
    assert (found["brandLines"], found["breaks"]) == ([], [])
    assert [(it["code"], it["amount"], it["debit"], it["credit"]) for it in found["transfers"]][:3] == [
        ("EXCHANGE_DEBIT", "3000", "member", "issued HOTEL"),
        ("POSITION_DEBIT", "150.000000", "position hotel", "exchange_clearing operator"),
        ("EXCHANGE_CREDIT", "1980", "issued MILES", "member"),
    ]


async def test_a_brand_sees_its_own_lines_only(desk: Desk, window: Network) -> None:  # noqa: F811
    """And what is behind them is for staff."""
    own = desk.tokens.brand(window.brand_id("airline"), {Scope.STATEMENTS_READ})
    assert len((await lines(desk, own))["lines"]) == 2
    wanted = {"windowId": await window_id(desk), "brand": "hotel"}
    refused = await desk.api.ask(LINES, own, input=wanted)
    assert refused.body["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await lines(desk, desk.maker, brand="hotel"))["lines"]


async def test_a_brand_sees_nothing_before_the_window_is_approved(desk: Desk) -> None:  # noqa: F811
    await desk.api.ask(WINDOWS, desk.maker)
    opened = await window_id(desk)
    await desk.step("closeWindow", opened)
    own = desk.tokens.brand(desk.network.brand_id("airline"), {Scope.STATEMENTS_READ})
    refused = await desk.api.ask(LINES, own, input={"windowId": opened})
    assert refused.body["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.usefixtures("window")
async def test_a_window_is_replayed(desk: Desk) -> None:  # noqa: F811
    found = (await desk.api.ask(REPLAY, desk.maker, id=await window_id(desk))).data["windowReplay"]
    assert found["agrees"]
    assert found["kept"] == found["counted"]
    assert found["statements"] == []


@pytest.mark.usefixtures("window")
async def test_the_trial_balance_adds_up_to_zero(desk: Desk) -> None:  # noqa: F811
    """For each asset; before anything moved there is none."""
    auditor = desk.tokens.staff("auditor", Role.AUDITOR)
    found = (await desk.api.ask(TRIAL, auditor)).data["trialBalance"]
    sums: dict[str, Decimal] = {}
    for line in found:
        sums[line["asset"]] = sums.get(line["asset"], Decimal(0)) + Decimal(line["netCredit"])
    assert set(sums) == {"CNY", "HOTEL", "MILES"}
    assert not any(sums.values())
    assert (await desk.api.ask(TRIAL, auditor, at="2001-01-01T00:00:00Z")).data["trialBalance"] == []
    ahead = await desk.api.ask(TRIAL, auditor, at="2999-01-01T00:00:00Z")
    assert ahead.body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.usefixtures("window")
async def test_what_cannot_be_read_is_said(desk: Desk) -> None:  # noqa: F811
    wanted = {"windowId": await window_id(desk), "brand": "hotel"}
    for changed, code in (
        ({"first": 501}, "BAD_USER_INPUT"),
        ({"after": "yesterday"}, "BAD_USER_INPUT"),
        ({"after": f"2026-01-01T00:00:00/{'0' * 32}"}, "BAD_USER_INPUT"),
        ({"brand": "nobody"}, "NOT_FOUND"),
    ):
        answer = await desk.api.ask(LINES, desk.maker, input=wanted | changed)
        assert answer.body["errors"][0]["extensions"]["code"] == code, changed
