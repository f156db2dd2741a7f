"""Who may do what: every root field against every kind of token."""

from collections.abc import Iterable
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
)

from brands import Scope as BrandScope
from schema.build import public_schema
from schema.scopes import Role, Scope
from tests.network import Network
from tests.server import Api, Server

OPEN: frozenset[str] = frozenset()

NEEDED: dict[str, frozenset[str]] = {
    "adapterConfiguration": frozenset({BrandScope.PROGRAMS_READ, Scope.SYSTEMS_READ}),
    "adapterProposals": frozenset({BrandScope.PROGRAMS_READ, Scope.SYSTEMS_READ}),
    "certificationRequest": frozenset({BrandScope.PROGRAMS_READ, Scope.SYSTEMS_READ}),
    "requestCertification": frozenset({BrandScope.SYSTEMS_WRITE, Scope.SYSTEMS_PREPARE}),
    "submitAdapter": frozenset({BrandScope.SYSTEMS_WRITE, Scope.SYSTEMS_PREPARE}),
    "approveAdapter": frozenset({Scope.SYSTEMS_APPROVE}),
    "rejectAdapter": frozenset({Scope.SYSTEMS_APPROVE}),
    "setAdapterSecret": frozenset({BrandScope.SYSTEMS_WRITE, Scope.SYSTEMS_PREPARE}),
    "removeAdapterSecret": frozenset({BrandScope.SYSTEMS_WRITE, Scope.SYSTEMS_PREPARE}),
    "brand": OPEN,
    "caps": frozenset({BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ}),
    "certifications": frozenset({BrandScope.PROGRAMS_READ, Scope.SETTLEMENT_READ}),
    "exchange": frozenset({Scope.WALLET_READ, Scope.CASES_READ, BrandScope.EXCHANGES_READ}),
    "exchangeCase": frozenset({Scope.CASES_READ}),
    "exchangeCases": frozenset({Scope.CASES_READ}),
    "reverseExchange": frozenset({BrandScope.EXCHANGES_REVERSE}),
    "proposeReversal": frozenset({Scope.CASES_PREPARE}),
    "approveReversal": frozenset({Scope.CASES_APPROVE}),
    "rejectReversal": frozenset({Scope.CASES_APPROVE, Scope.CASES_PREPARE}),
    "proposeCaseAction": frozenset({Scope.CASES_PREPARE}),
    "approveCaseAction": frozenset({Scope.CASES_APPROVE}),
    "rejectCaseAction": frozenset({Scope.CASES_APPROVE, Scope.CASES_PREPARE}),
    "assignCase": frozenset({Scope.CASES_PREPARE}),
    "estimates": frozenset({Scope.SETTLEMENT_READ}),
    "lineOrigin": frozenset({Scope.SETTLEMENT_READ}),
    "me": frozenset({Scope.WALLET_READ}),
    "monthEnd": frozenset({BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ}),
    "node": OPEN,
    "programs": OPEN,
    "quotes": frozenset({Scope.EXCHANGES_WRITE}),
    "rights": OPEN,
    "statement": frozenset({BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ}),
    "movementBatch": frozenset({BrandScope.AWARDS_WRITE}),
    "webhookEndpoints": frozenset({BrandScope.WEBHOOKS_READ}),
    "statementLines": frozenset({BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ}),
    "trialBalance": frozenset({Scope.SETTLEMENT_READ}),
    "latePayers": frozenset({Scope.SETTLEMENT_READ}),
    "proposals": frozenset({Scope.SETTLEMENT_READ}),
    "settlementModels": frozenset({Scope.SETTLEMENT_READ}),
    "stuckWindows": frozenset({Scope.SETTLEMENT_READ}),
    "unexplainedMovements": frozenset({Scope.SETTLEMENT_READ}),
    "whatIf": frozenset({Scope.SETTLEMENT_READ}),
    "deposits": frozenset({BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ}),
    "duePayments": frozenset({BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ}),
    "paymentDisputes": frozenset({BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ}),
    "depositLines": frozenset({BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ}),
    "withdrawals": frozenset({BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ}),
    "abortWindow": frozenset({Scope.SETTLEMENT_PREPARE}),
    "importBankStatements": frozenset({Scope.SETTLEMENT_PREPARE}),
    "retractProposal": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeAdjustment": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeAllocation": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeBankAccount": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeDispute": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeDisputeEnd": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeReturned": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeSettlementModel": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeTolerance": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeTopUp": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeWithdrawal": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeDraw": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeOwnMovement": frozenset({Scope.SETTLEMENT_PREPARE}),
    "payBackDeposit": frozenset({Scope.SETTLEMENT_APPROVE}),
    "decideProposal": frozenset({Scope.SETTLEMENT_APPROVE}),
    "instructWindow": frozenset({Scope.SETTLEMENT_APPROVE}),
    "rejectWindow": frozenset({Scope.SETTLEMENT_APPROVE}),
    "window": frozenset({Scope.SETTLEMENT_READ}),
    "windowReplay": frozenset({Scope.SETTLEMENT_READ}),
    "windows": frozenset({Scope.SETTLEMENT_READ}),
    "breaks": frozenset({BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ}),
    "oneBreak": frozenset({BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ}),
    "acceptBreakSuggestion": frozenset({Scope.SETTLEMENT_PREPARE}),
    "annotateBreak": frozenset({BrandScope.BREAKS_WRITE, Scope.SETTLEMENT_PREPARE}),
    "reconcileFile": frozenset({BrandScope.BREAKS_WRITE, Scope.SETTLEMENT_PREPARE}),
    "assignBreak": frozenset({Scope.SETTLEMENT_PREPARE}),
    "decideBreakResolution": frozenset({Scope.SETTLEMENT_APPROVE}),
    "explainBreak": frozenset({Scope.SETTLEMENT_PREPARE}),
    "proposeBreakResolution": frozenset({Scope.SETTLEMENT_PREPARE}),
    "waitForBreak": frozenset({Scope.SETTLEMENT_PREPARE}),
    "acceptQuote": frozenset({Scope.EXCHANGES_WRITE}),
    "adviseWindow": frozenset({Scope.SETTLEMENT_APPROVE}),
    "approveEstimate": frozenset({Scope.SETTLEMENT_APPROVE}),
    "approveWindow": frozenset({Scope.SETTLEMENT_APPROVE}),
    "awardPoints": frozenset({BrandScope.AWARDS_WRITE}),
    "burnPoints": frozenset({BrandScope.AWARDS_WRITE}),
    "claimRight": frozenset({Scope.RIGHTS_WRITE}),
    "linkCard": frozenset({Scope.CARDS_WRITE}),
    "unlinkCard": frozenset({Scope.CARDS_WRITE}),
    "closeWindow": frozenset({Scope.SETTLEMENT_PREPARE}),
    "createQuote": frozenset({Scope.EXCHANGES_WRITE}),
    "netWindow": frozenset({Scope.SETTLEMENT_PREPARE}),
    "ping": OPEN,
    "proposeEstimate": frozenset({Scope.SETTLEMENT_PREPARE}),
    "reconcileWindow": frozenset({Scope.SETTLEMENT_PREPARE}),
    "approveRate": frozenset({Scope.RATES_APPROVE}),
    "endPairRate": frozenset({BrandScope.RATES_SUBMIT, Scope.RATES_PREPARE}),
    "pausePair": frozenset({BrandScope.RATES_SUBMIT, Scope.RATES_PREPARE}),
    "rateHistory": frozenset({BrandScope.PROGRAMS_READ, Scope.RATES_READ}),
    "rateProposals": frozenset({Scope.RATES_READ}),
    "rates": frozenset({BrandScope.PROGRAMS_READ, Scope.RATES_READ}),
    "rejectRate": frozenset({Scope.RATES_APPROVE}),
    "resumePair": frozenset({Scope.RATES_PREPARE}),
    "submitRate": frozenset({BrandScope.RATES_SUBMIT, Scope.RATES_PREPARE}),
    "redeemRight": frozenset({BrandScope.RIGHTS_REDEEM}),
    "refresh": OPEN,
    "rejectEstimate": frozenset({Scope.SETTLEMENT_APPROVE}),
    "rightCode": frozenset({Scope.RIGHTS_WRITE}),
    "signIn": OPEN,
    "submitWindow": frozenset({Scope.SETTLEMENT_PREPARE}),
    "memberCode": frozenset({Scope.RIGHTS_WRITE}),
    "movePoints": frozenset({BrandScope.AWARDS_WRITE}),
    "reverseMovement": frozenset({BrandScope.AWARDS_WRITE}),
    "createWebhookEndpoint": frozenset({BrandScope.WEBHOOKS_WRITE}),
    "disableWebhookEndpoint": frozenset({BrandScope.WEBHOOKS_WRITE}),
    "enableWebhookEndpoint": frozenset({BrandScope.WEBHOOKS_WRITE}),
    "removeWebhookEndpoint": frozenset({BrandScope.WEBHOOKS_WRITE}),
    "replayWebhooks": frozenset({BrandScope.WEBHOOKS_WRITE}),
    "rotateWebhookSecret": frozenset({BrandScope.WEBHOOKS_WRITE}),
    "testWebhook": frozenset({BrandScope.WEBHOOKS_WRITE}),
}
"""The scopes of which one is enough. Written down once more, by hand, so that a change is a decision."""

HOLDERS: dict[str, frozenset[str]] = {
    "nobody": frozenset(),
    "member": frozenset({Scope.WALLET_READ, Scope.EXCHANGES_WRITE, Scope.RIGHTS_WRITE, Scope.CARDS_WRITE}),
    "member who may only look": frozenset({Scope.WALLET_READ}),
    "brand with every scope": frozenset(BrandScope),
    "brand without scopes": frozenset(),
    "till": frozenset({BrandScope.AWARDS_WRITE, BrandScope.RIGHTS_REDEEM}),
    "maker": frozenset(
        {Scope.SETTLEMENT_READ, Scope.SETTLEMENT_PREPARE, Scope.RATES_READ, Scope.RATES_PREPARE}
        | {Scope.CASES_READ, Scope.CASES_PREPARE, Scope.SYSTEMS_READ, Scope.SYSTEMS_PREPARE}
    ),
    "checker": frozenset(
        {Scope.SETTLEMENT_READ, Scope.SETTLEMENT_APPROVE, Scope.RATES_READ, Scope.RATES_APPROVE}
        | {Scope.CASES_READ, Scope.CASES_APPROVE, Scope.SYSTEMS_READ, Scope.SYSTEMS_APPROVE}
    ),
    "auditor": frozenset({Scope.SETTLEMENT_READ, Scope.RATES_READ, Scope.CASES_READ, Scope.SYSTEMS_READ}),
    "operator": frozenset(
        {Scope.SETTLEMENT_READ, Scope.RATES_READ, Scope.CASES_READ, Scope.CASES_PREPARE}
        | {Scope.SYSTEMS_READ, Scope.SYSTEMS_PREPARE}
    ),
}
"""The kinds of token, and what they carry."""


def root_fields() -> dict[str, tuple[str, GraphQLField]]:
    schema = public_schema()
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    roots = {"query": schema.query_type, "mutation": schema.mutation_type}
    return {name: (kind, field) for kind, root in roots.items() for name, field in root.fields.items()}


def operation(name: str) -> str:
    """The shortest operation that asks for the field: required arguments only, filled with anything."""
    kind, field = root_fields()[name]
    arguments = ", ".join(f"{key}: {anything(value.type)}" for key, value in required(field.args.items()))
    selection = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
    return f"{kind} {{ {name}{f'({arguments})' if arguments else ''}{selection} }}"


def required(
    items: Iterable[tuple[str, GraphQLArgument | GraphQLInputField]],
) -> Iterable[tuple[str, GraphQLArgument | GraphQLInputField]]:
    return ((key, value) for key, value in items if isinstance(value.type, GraphQLNonNull))


def anything(wanted: Any) -> str:
    if isinstance(wanted, GraphQLNonNull):
        return anything(wanted.of_type)
    if isinstance(wanted, GraphQLList):
        return "[]"
    if isinstance(wanted, GraphQLInputObjectType):
        return "{" + ", ".join(f"{key}: {anything(value.type)}" for key, value in required(wanted.fields.items())) + "}"
    if isinstance(wanted, GraphQLEnumType):
        return str(next(iter(wanted.values)))
    return {"Int": "1", "Boolean": "true", "Date": '"2026-01-31"'}.get(str(wanted.name), '"1"')


async def token_of(holder: str, server: Server, network: Network) -> str | None:
    if holder == "nobody":
        return None
    if holder.startswith("member"):
        return server.tokens.member((await network.enrol({"HOTEL": 0})).id, HOLDERS[holder])
    if holder in set(Role):
        return server.tokens.staff(holder, Role(holder))
    return server.tokens.brand(network.brand_id("hotel"), HOLDERS[holder])


def test_the_table_knows_every_root_field() -> None:
    assert set(NEEDED) == set(root_fields())


@pytest.mark.parametrize("holder", HOLDERS)
async def test_a_token_does_what_its_scopes_allow_and_nothing_else(
    api: Api, server: Server, network: Network, holder: str
) -> None:
    """A refusal names the scopes that are needed; what is allowed gets as far as its own arguments."""
    token = await token_of(holder, server, network)
    for field, needed in NEEDED.items():
        answer = await api.ask(operation(field), token)
        errors = answer.body.get("errors", [])
        refused = [
            error["extensions"] for error in errors if error["extensions"]["code"] in {"UNAUTHENTICATED", "FORBIDDEN"}
        ]
        if needed == OPEN or needed & HOLDERS[holder]:
            assert refused == [], field
            assert all(error["extensions"]["code"] != "INTERNAL" for error in errors), (field, errors)
        else:
            (facts,) = refused
            assert facts["code"] == ("UNAUTHENTICATED" if token is None else "FORBIDDEN"), field
            assert {scope for alternative in facts["requiredScopes"] for scope in alternative} == needed, field
