"""Money through the graph: two persons for whatever moves it, and brands that see only their own."""

from typing import Any

from brands import Scope
from schema.scopes import Role
from tests.schema.test_settlement import Desk, desk
from tests.settlement.cash.bank import ACCOUNTS, Movement, camt

__all__ = ["desk"]

PROPOSALS = "{ proposals { id kind digest facts { name value } proposedBy reason verdict } }"
DECIDE = """mutation ($input: DecideInput!) { decideProposal(input: $input) {
  __typename ... on Proposal { verdict decidedBy } ... on Refusal { message } } }"""
ACCOUNT = """mutation ($input: BankAccountInput!) { proposeBankAccount(input: $input) {
  __typename ... on Proposal { id digest } ... on SettlementRefused { code message } } }"""
IMPORT = """mutation ($content: String!) { importBankStatements(content: $content) {
  __typename ... on StatementsImported { statements movements matched unexplained }
  ... on SettlementRefused { code message } } }"""
INSTRUCT = """mutation ($input: WindowStepInput!) { instructWindow(input: $input) {
  __typename ... on Window { status } ... on SettlementRefused { code message } } }"""
ABORT = """mutation ($input: WindowStepInput!) { abortWindow(input: $input) {
  __typename ... on Window { status } ... on Proposal { id kind digest } ... on Refusal { message } } }"""
DUE = "{ duePayments { participant incoming amount open reference age } deposits { held } paymentDisputes { open } }"
MODEL = """mutation ($toml: String!, $reason: String!) { proposeSettlementModel(toml: $toml, reason: $reason) {
  __typename ... on Proposal { id digest } ... on SettlementRefused { code message } } }"""
MODELS = (
    "{ settlementModels { code version netting pairs closesAt } stuckWindows { number } latePayers { participant } }"
)
WHAT_IF = """query ($id: ID!, $netting: Netting, $without: [String!]) {
  whatIf(windowId: $id, netting: $netting, without: $without) {
    __typename ... on WhatIf { total payments { payer payee amount } obligations { debtor creditor settled } }
    ... on SettlementRefused { code } } }"""
WITHDRAW = """mutation ($input: WithdrawalInput!) { proposeWithdrawal(input: $input) {
  __typename ... on Proposal { id digest kind } ... on SettlementRefused { code message } } }"""
OWN = """mutation ($input: OwnMovementInput!) { proposeOwnMovement(input: $input) {
  __typename ... on Proposal { id digest kind } ... on SettlementRefused { code message } } }"""
TOP_UP = """mutation ($input: TopUpInput!) { proposeTopUp(input: $input) {
  __typename ... on Proposal { id digest } ... on ProposalOpen { proposalId kind free }
  ... on SettlementRefused { code message } } }"""
DRAW = """mutation ($input: DrawInput!) { proposeDraw(input: $input) {
  __typename ... on Proposal { id } ... on SettlementRefused { code message } } }"""
PAY_BACK = """mutation ($id: ID!) { payBackDeposit(withdrawalId: $id) {
  __typename ... on DepositPaidBack { reference total } ... on SettlementRefused { code message } } }"""
HELD = """{ withdrawals { id participant amount open reference orderedAt } deposits { participant held }
  depositLines(participant: "hotel") { movement amount balance window reason } }"""
UNEXPLAINED = "{ unexplainedMovements { id left } }"
DUE_IDS = "{ duePayments { id incoming } }"


async def decided(desk: Desk, proposal: Any, token: str | None = None, **other: str) -> Any:
    """What became of a decision."""
    wanted = {"proposalId": proposal["id"], "verdict": "APPROVED", "digest": proposal["digest"], "reason": "seen"}
    answer = await desk.api.ask(DECIDE, token or desk.checker, input=wanted | other)
    return answer.data["decideProposal"]


async def registered(desk: Desk) -> None:
    """All bank accounts, agreed on by two persons."""
    for code, account in ACCOUNTS.items():
        named = {"holder": account.holder, "number": account.number, "bankCode": account.bank_code}
        answer = await desk.api.ask(ACCOUNT, desk.maker, input={"participant": code, "reason": "contract", **named})
        done = await decided(desk, answer.data["proposeBankAccount"])
        assert done == {"__typename": "Proposal", "verdict": "APPROVED", "decidedBy": "chen.yu"}


async def instructed(desk: Desk) -> str:
    """A window in which the hotel owes 150.00, as far as the bank's order."""
    window = await desk.until_submitted()
    await desk.approve(window, (await desk.look(window))["digest"])
    await desk.step("adviseWindow", window, desk.checker)
    answer = await desk.api.ask(INSTRUCT, desk.checker, input={"windowId": window, "reason": ""})
    assert answer.data["instructWindow"] == {"__typename": "Window", "status": "INSTRUCTED"}
    return window


async def test_a_window_is_settled_from_the_bank_s_statement(desk: Desk) -> None:
    await registered(desk)
    window = await instructed(desk)
    due = (await desk.api.ask(DUE, desk.maker)).data["duePayments"]
    signs = {True: 1, False: -1}
    movements = [Movement(signs[it["incoming"]] * int(it["amount"].replace(".", "")), it["reference"]) for it in due]
    answer = await desk.api.ask(IMPORT, desk.maker, content=camt("S1", 0, *movements).decode())
    assert answer.data["importBankStatements"] == {
        "__typename": "StatementsImported",
        "statements": 1,
        "movements": 2,
        "matched": 2,
        "unexplained": 0,
    }
    assert (await desk.look(window))["status"] == "SETTLED"
    assert (await desk.api.ask(DUE, desk.maker)).data["duePayments"] == []


async def test_a_brand_sees_what_is_its_own(desk: Desk) -> None:
    await registered(desk)
    await instructed(desk)
    for code, amounts in (("hotel", ["150.00"]), ("airline", ["148.50"]), ("coffee", [])):
        token = desk.tokens.brand(desk.network.brand_id(code), frozenset({Scope.STATEMENTS_READ}))
        found = (await desk.api.ask(DUE, token)).data["duePayments"]
        assert [it["amount"] for it in found] == amounts
        assert {it["participant"] for it in found} <= {code}
        refused = await desk.api.ask(PROPOSALS, token)
        assert refused.code == "FORBIDDEN"


async def test_nobody_decides_alone_or_on_something_else(desk: Desk) -> None:
    """Not the proposer in the checker's role, not with another digest, not without a reason."""
    answer = await desk.api.ask(
        ACCOUNT,
        desk.maker,
        input={"participant": "hotel", "holder": "H", "number": "622200000009", "bankCode": "1" * 12, "reason": "new"},
    )
    proposal = answer.data["proposeBankAccount"]
    both = desk.tokens.staff("LIN.WEI ", Role.MAKER, Role.CHECKER)
    assert (await decided(desk, proposal, both))["__typename"] == "OwnProposal"
    assert (await decided(desk, proposal, digest="0" * 64))["__typename"] == "ProposalChanged"
    assert (await decided(desk, proposal, reason=" "))["__typename"] == "ReasonMissing"
    (found,) = (await desk.api.ask(PROPOSALS, desk.checker)).data["proposals"]
    assert (found["verdict"], found["proposedBy"], found["kind"]) == (None, "lin.wei", "BANK_ACCOUNT")


async def test_what_was_approved_is_only_taken_back_by_two(desk: Desk) -> None:
    window = await desk.until_submitted()
    await desk.approve(window, (await desk.look(window))["digest"])
    wanted = {"windowId": window, "reason": "a wrong rate"}
    proposal = (await desk.api.ask(ABORT, desk.maker, input=wanted)).data["abortWindow"]
    assert proposal["kind"] == "ABORT"
    assert (await desk.look(window))["status"] == "APPROVED"
    await decided(desk, proposal)
    assert (await desk.look(window))["status"] == "ABORTED"


async def test_files_that_are_wrong_are_refused_by_name(desk: Desk) -> None:
    """A bomb, another account, a statement from the past: nothing is taken in."""
    await registered(desk)
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    first = camt("S1", 0, Movement(70_00, "a stranger")).decode()
    for content, code in (
        (bomb, "STATEMENT_UNREADABLE"),
        (first.replace('Ccy="CNY"', 'Ccy="USD"'), "STATEMENT_UNREADABLE"),
        (camt("S1", 0, account="999999").decode(), "STATEMENT_OF_OTHER_ACCOUNT"),
        (first, None),
        (first, None),
        (first.replace("a stranger", "somebody"), "STATEMENT_CHANGED"),
        (camt("S0", 0).decode(), "STATEMENT_GAP"),
    ):
        answer = (await desk.api.ask(IMPORT, desk.maker, content=content)).data["importBankStatements"]
        assert answer.get("code") == code


async def test_a_model_is_proposed_decided_and_seen(desk: Desk) -> None:
    toml = 'model = "air"\nnetting = "bilateral"\npairs = [["hotel", "airline"]]\n[schedule]\ncycle = "daily"'
    answer = await desk.api.ask(MODEL, desk.maker, toml=toml, reason="contract")
    await decided(desk, answer.data["proposeSettlementModel"])
    own, air = (await desk.api.ask(MODELS, desk.maker)).data["settlementModels"]
    assert (own["code"], own["version"], own["closesAt"]) == ("network", 0, None)
    assert (air["code"], air["netting"], air["pairs"]) == ("air", "BILATERAL", [["airline", "hotel"]])
    assert air["closesAt"] is not None
    wrong = await desk.api.ask(MODEL, desk.maker, toml="model = 3", reason="contract")
    assert wrong.data["proposeSettlementModel"]["code"] == "MODEL_REFUSED"


async def test_looking_at_other_terms_changes_nothing(desk: Desk) -> None:
    await desk.exchange()
    window = await desk.open_window()
    before = await desk.look(window)
    answer = await desk.api.ask(WHAT_IF, desk.maker, id=window, netting="GROSS", without=["coffee"])
    assert answer.data["whatIf"]["total"] == "298.50"
    assert (await desk.look(window))["positions"] == before["positions"]
    refused = await desk.api.ask(WHAT_IF, desk.maker, id=window, without=["nobody"])
    assert refused.data["whatIf"] == {"__typename": "SettlementRefused", "code": "UNKNOWN_PARTICIPANT"}


async def test_a_deposit_is_paid_back_and_its_lines_are_seen_by_its_own_brand(desk: Desk) -> None:
    """200.00 deposited of a receipt of 212.50, of which 12.50 are the operator's own; 80.00 go back."""
    await registered(desk)
    await desk.api.ask(IMPORT, desk.maker, content=camt("S1", 0, Movement(212_50, "deposit")).decode())
    (line,) = (await desk.api.ask(UNEXPLAINED, desk.maker)).data["unexplainedMovements"]
    wanted = {"movementId": line["id"], "participant": "hotel", "amount": "200.00", "reason": "deposit"}
    first = (await desk.api.ask(TOP_UP, desk.maker, input=wanted)).data["proposeTopUp"]
    second = (await desk.api.ask(TOP_UP, desk.maker, input=wanted)).data["proposeTopUp"]
    assert second == {"__typename": "ProposalOpen", "proposalId": first["id"], "kind": "TOP_UP", "free": "12.50"}
    await decided(desk, first)
    own = {"movementId": line["id"], "purpose": "FUNDS", "amount": "12.50", "reason": "ours"}
    await decided(desk, (await desk.api.ask(OWN, desk.maker, input=own)).data["proposeOwnMovement"])
    assert (await desk.api.ask(UNEXPLAINED, desk.maker)).data["unexplainedMovements"] == []
    back = {"participant": "hotel", "amount": "200.01", "reason": "asked for"}
    refused = (await desk.api.ask(WITHDRAW, desk.maker, input=back)).data["proposeWithdrawal"]
    assert refused["code"] == "AMOUNT_TOO_LARGE"
    made = (await desk.api.ask(WITHDRAW, desk.maker, input=back | {"amount": "80.00"})).data["proposeWithdrawal"]
    assert (await decided(desk, made, desk.tokens.staff("lin.wei", Role.CHECKER)))["__typename"] == "OwnProposal"
    await decided(desk, made)
    hotel = desk.tokens.brand(desk.network.brand_id("hotel"), frozenset({Scope.STATEMENTS_READ}))
    seen = (await desk.api.ask(HELD, hotel)).data
    assert seen["deposits"] == [{"participant": "hotel", "held": "120.00"}]
    assert [list(it.values()) for it in seen["depositLines"]] == [
        ["TOPPED_UP", "200.00", "200.00", None, "deposit"],
        ["PAID_BACK", "-80.00", "120.00", None, "asked for"],
    ]
    (waiting,) = seen["withdrawals"]
    assert (await desk.api.ask(PAY_BACK, desk.maker, id=waiting["id"])).code == "FORBIDDEN"
    told = (await desk.api.ask(PAY_BACK, desk.checker, id=waiting["id"])).data["payBackDeposit"]
    assert told == {"__typename": "DepositPaidBack", "reference": waiting["reference"], "total": "80.00"}
    coffee = desk.tokens.brand(desk.network.brand_id("coffee"), frozenset({Scope.STATEMENTS_READ}))
    assert (await desk.api.ask(HELD, coffee)).data == {"withdrawals": [], "deposits": [], "depositLines": []}


async def test_what_is_not_late_is_not_drawn(desk: Desk) -> None:
    await registered(desk)
    await instructed(desk)
    (due,) = [it for it in (await desk.api.ask(DUE_IDS, desk.maker)).data["duePayments"] if it["incoming"]]
    wanted = {"paymentId": due["id"], "amount": "150.00", "reason": "late"}
    assert (await desk.api.ask(DRAW, desk.maker, input=wanted)).data["proposeDraw"]["code"] == "NOT_LATE"
