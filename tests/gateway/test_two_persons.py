"""Two persons: every mutation, command and job that moves a window or money is known here, with what guards it.

A new one fails these tests until somebody has decided what guards it; and every guard is tried.
"""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import typer

from core.database import Connection, Database
from gateway.cli import command_line
from gateway.worker import JOBS
from schema.build import public_schema
from schema.guards import scopes_of
from schema.scopes import ROLE_SCOPES, Role, Scope
from settlement import (
    SamePerson,
    Status,
    TwoPersonsNeeded,
    WrongStep,
    abort,
    advise,
    approve,
    close,
    current_window,
    net,
    propose_abort,
    reconcile,
    settle_due,
    submit,
)
from settlement.cash import Kind, OwnProposal, Proposal, Verdict, instruct
from settlement.deciding import decide
from settlement.effects import EFFECTS
from tests.gateway.shell import Shell
from tests.network import load_network
from tests.settlement.steps import STEPS
from tests.settlement.trade import CHECKER, MAKER, done, money, seen, to_approved, to_netted, trade


class Guard(StrEnum):
    """Why one person alone cannot move money, or a window past SUBMITTED, with it."""

    READS = "reads"
    BEFORE = "moves a window no further than SUBMITTED, or back"
    SECOND = "is the second person's own step: refused to the first"
    AFTER = "refused before two persons have approved the figures"
    PROPOSES = "keeps a proposal and posts nothing"
    TAKES_BACK = "closes a proposal that waits, and posts nothing"
    BANK = "posts what the bank's statement proves, and only to what was approved or to suspense"
    NOTES = "says something about a break and posts nothing"
    ESTIMATE = "is about revenue, not about money between participants; two persons as well"


MUTATIONS: Mapping[str, Guard] = {
    "closeWindow": Guard.BEFORE,
    "reconcileWindow": Guard.BEFORE,
    "netWindow": Guard.BEFORE,
    "submitWindow": Guard.BEFORE,
    "rejectWindow": Guard.BEFORE,
    "abortWindow": Guard.BEFORE,
    "approveWindow": Guard.SECOND,
    "decideProposal": Guard.SECOND,
    "adviseWindow": Guard.AFTER,
    "instructWindow": Guard.AFTER,
    "importBankStatements": Guard.BANK,
    "retractProposal": Guard.TAKES_BACK,
    "proposeAdjustment": Guard.PROPOSES,
    "proposeAllocation": Guard.PROPOSES,
    "proposeBankAccount": Guard.PROPOSES,
    "proposeDispute": Guard.PROPOSES,
    "proposeDisputeEnd": Guard.PROPOSES,
    "proposeReturned": Guard.PROPOSES,
    "proposeSettlementModel": Guard.PROPOSES,
    "proposeTolerance": Guard.PROPOSES,
    "proposeTopUp": Guard.PROPOSES,
    "proposeWithdrawal": Guard.PROPOSES,
    "proposeDraw": Guard.PROPOSES,
    "proposeOwnMovement": Guard.PROPOSES,
    "payBackDeposit": Guard.AFTER,
    "acceptBreakSuggestion": Guard.NOTES,
    "proposeBreakResolution": Guard.PROPOSES,
    "decideBreakResolution": Guard.SECOND,
    "annotateBreak": Guard.NOTES,
    "reconcileFile": Guard.NOTES,
    "assignBreak": Guard.NOTES,
    "waitForBreak": Guard.NOTES,
    "explainBreak": Guard.NOTES,
    "proposeEstimate": Guard.ESTIMATE,
    "approveEstimate": Guard.ESTIMATE,
    "rejectEstimate": Guard.ESTIMATE,
}

COMMANDS: Mapping[str, Guard] = {
    **dict.fromkeys(("list", "show", "what-if", "schedule", "due", "late", "unexplained", "deposits"), Guard.READS),
    **dict.fromkeys(("disputes", "accounts", "models", "proposals", "replay", "explain"), Guard.READS),
    **dict.fromkeys(("close", "reconcile", "net", "submit", "reject", "abort", "run"), Guard.BEFORE),
    **dict.fromkeys(("approve", "decide"), Guard.SECOND),
    **dict.fromkeys(("advise", "instruct", "pay-back"), Guard.AFTER),
    **dict.fromkeys(("withdrawals", "deposit-lines"), Guard.READS),
    **dict.fromkeys(("withdraw", "draw", "own"), Guard.PROPOSES),
    **dict.fromkeys(("model", "adjust", "account", "allocate", "top-up", "dispute"), Guard.PROPOSES),
    **dict.fromkeys(("end-dispute", "tolerate", "returned"), Guard.PROPOSES),
    "import": Guard.BANK,
    "retract": Guard.TAKES_BACK,
}

BREAK_COMMANDS: Mapping[str, Guard] = {
    **dict.fromkeys(("list", "show"), Guard.READS),
    **dict.fromkeys(("assign", "comment"), Guard.NOTES),
    "resolve": Guard.PROPOSES,
    "retract": Guard.TAKES_BACK,
    **dict.fromkeys(("approve", "reject"), Guard.SECOND),
}

ADAPTER_COMMANDS: Mapping[str, Guard] = {
    **dict.fromkeys(("list", "show"), Guard.READS),
    "submit": Guard.PROPOSES,
    **dict.fromkeys(("approve", "reject"), Guard.SECOND),
}

SETTLING_JOBS: Mapping[str, Guard] = {
    "settle": Guard.BEFORE,
    "close impossible proposals": Guard.TAKES_BACK,
    "compare brands' statements again": Guard.NOTES,
    "keep breaks of late successes": Guard.NOTES,
    "tell overdue breaks": Guard.NOTES,
}

OTHER_JOBS = frozenset(
    {
        *("open months", "seal", "time out pending transfers", "expire points", "expire rights"),
        *("forget old quotes", "forget old webhooks", "find lost exchanges", "watch caps", "watch the pace of caps"),
    }
)
"""Those that touch no window and no money between participants."""

_UNGUARDED = """
SELECT columns.table_name FROM information_schema.columns AS columns
WHERE column_name = 'proposal_id' AND table_name LIKE 'settlement\\_%' AND NOT EXISTS (
    SELECT FROM pg_trigger AS trigger JOIN pg_proc AS procedure ON procedure.oid = tgfoid
    WHERE tgrelid = columns.table_name::regclass AND proname = 'settlement_needs_approval' AND tgenabled = 'O'
)
"""

_TRANSFERS = "SELECT count(*) FROM ledger_transfer"


def settling_mutations() -> set[str]:
    """The mutations that need a scope of the settlement."""
    root = public_schema().mutation_type
    assert root is not None
    scopes = {name: {scope for found in scopes_of(field) for scope in found} for name, field in root.fields.items()}
    return {name for name, needed in scopes.items() if any(scope.startswith("settlement:") for scope in needed)}


def test_every_mutation_command_and_job_has_its_guard() -> None:
    group: Any = typer.main.get_command(command_line(()))
    assert settling_mutations() == MUTATIONS.keys()
    assert set(group.commands["settle"].commands) == set(COMMANDS)
    assert set(group.commands["breaks"].commands) == set(BREAK_COMMANDS)
    assert set(group.commands["brand"].commands["adapter"].commands) == set(ADAPTER_COMMANDS)
    assert {job.name for job in JOBS} - OTHER_JOBS == set(SETTLING_JOBS)


def test_every_kind_of_proposal_is_decided_in_one_place() -> None:
    assert set(EFFECTS) == set(Kind)


async def test_the_database_refuses_every_effect_that_nobody_approved(superuser: Connection) -> None:
    """Each table of settlement that names a proposal has the trigger that asks for its approval."""
    assert [row["table_name"] for row in await superuser.fetch(_UNGUARDED)] == []


async def test_one_person_with_every_role_comes_no_further_than_submitted(
    database: Database, superuser: Connection, tmp_path: Path
) -> None:
    """Every step, in order, again and again, by the submitter: the bank is not told and nothing is approved."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await current_window(database)
    done(await close(database, MAKER, window_id=window.id))
    done(await reconcile(database, window.id, MAKER))
    done(await net(database, window.id, MAKER))
    done(await submit(database, window.id, MAKER))
    digest = (await seen(database, window.id)).figures.digest
    before, transfers = await money(network), await superuser.fetchval(_TRANSFERS)
    for _ in range(2):
        answer = await approve(database, window.id, MAKER, digest=digest, reason="mine")
        assert answer == SamePerson(window.number, MAKER.subject)
        assert isinstance(await advise(database, window.id, MAKER, folder=tmp_path), WrongStep)
        assert isinstance(await instruct(database, window.id, MAKER, folder=tmp_path), WrongStep)
        await settle_due(database)
    assert (await seen(database, window.id)).window.status is Status.SUBMITTED
    assert (await money(network), await superuser.fetchval(_TRANSFERS)) == (before, transfers)
    assert not os.listdir(tmp_path)  # noqa: PTH208 - a path would block


@pytest.mark.parametrize("reached", [Status.NETTED, Status.SUBMITTED, Status.APPROVED, Status.ADVISED])
async def test_no_job_moves_a_window_that_waits_for_a_person(
    database: Database, superuser: Connection, tmp_path: Path, reached: Status
) -> None:
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await current_window(database)
    for status, step in STEPS.items():
        await step(database, window.id, tmp_path)
        if status is reached:
            break
    transfers = await superuser.fetchval(_TRANSFERS)
    for job in JOBS:
        if job.name in SETTLING_JOBS:
            await job.run(database)
    assert (await seen(database, window.id)).window.status is reached
    assert await superuser.fetchval(_TRANSFERS) == transfers


async def test_what_two_persons_approved_one_person_cannot_take_back(database: Database) -> None:
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await to_approved(database)
    for who in (MAKER, CHECKER):
        assert await abort(database, window.id, who, reason="mine") == TwoPersonsNeeded(window.number)
    proposed = await propose_abort(database, window.id, MAKER, reason="mine")
    assert isinstance(proposed, Proposal)
    own = await decide(database, proposed.id, MAKER, Verdict.APPROVED, digest=proposed.digest, reason="mine")
    assert own == OwnProposal(MAKER.subject)
    assert (await seen(database, window.id)).window.status is Status.APPROVED


async def test_figures_that_changed_after_they_were_submitted_void_the_submission(
    database: Database, superuser: Connection
) -> None:
    """Somebody with the keys of the database changes a figure: the approval fails and the maker is asked again."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await to_netted(database)
    done(await submit(database, window.id, MAKER))
    digest = (await seen(database, window.id)).figures.digest
    await superuser.execute("UPDATE settlement_subtotal SET debits = debits + 1 WHERE debits > 0")
    answer = await approve(database, window.id, CHECKER, digest=digest, reason="compared")
    assert type(answer).__name__ == "FiguresChanged"
    assert (await seen(database, window.id)).window.status is Status.NETTED


def test_the_command_line_knows_one_person_by_any_spelling(agio: Shell, network_files: list[Path]) -> None:
    """Submitted as lin.wei, approved as LIN.WEI: refused with 1; a proposal is the same."""
    agio("brand", "apply", *network_files)
    agio("settle", "list")
    for step in ("close", "reconcile", "net", "submit"):
        assert agio("settle", step, 1, "--as", "lin.wei").code == 0
    digest = agio("settle", "show", 1, "--json").json["digest"]
    ran = agio("settle", "approve", 1, "--as", " LIN.WEI", "--digest", digest, "--reason", "mine")
    assert (ran.code, agio("settle", "show", 1, "--json").json["status"]) == (1, "SUBMITTED")
    named = ("--holder", "Hotel", "--number", "622200000002", "--bank-code", "104100000004")
    made = agio("settle", "account", "hotel", *named, "--as", "lin.wei", "--reason", "contract", "--json").json
    wanted = ("settle", "decide", made["id"], "APPROVED", "--digest", made["digest"], "--reason", "seen")
    assert agio(*wanted, "--as", "Lin.Wei").code == 1
    assert agio("settle", "accounts").out.strip() == "No account is agreed on."
    assert agio(*wanted, "--as", "chen.yu").code == 0
    assert "**0002" in agio("settle", "accounts").out.replace("*" * 8, "**")


def test_roles_do_not_overlap() -> None:
    """No role both prepares and approves."""
    both = {Scope.SETTLEMENT_PREPARE, Scope.SETTLEMENT_APPROVE}
    assert not [role for role in Role if both <= ROLE_SCOPES[role]]
