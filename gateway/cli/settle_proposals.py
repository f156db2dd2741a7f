"""`agio settle model`, `adjust` and everything else that one person proposes and another decides."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

import settlement
from core.database import Database
from core.errors import Refusal
from core.settings import Settings
from gateway.cli.persons import Who
from gateway.cli.printing import AsJson, refuse, show
from gateway.cli.running import run_on_books
from gateway.cli.settle_rows import (
    Because,
    Number,
    content_in_words,
    fen,
    micro,
    on_window,
    proposal_row,
    show_proposal,
)
from settlement import cash
from webhooks import WebhookOutbox

Movement = Annotated[UUID, typer.Argument(help="The movement's id: `agio settle unexplained`.")]
Payment = Annotated[UUID, typer.Argument(help="The payment's id: `agio settle due`.")]
Amount = Annotated[int, typer.Argument(parser=fen, metavar="CNY", help="An amount such as 150.00.")]
MicroAmount = Annotated[int, typer.Argument(parser=micro, metavar="CNY", help="An amount such as 12.345678.")]
Participant = Annotated[str, typer.Argument(help="The participant's code.")]

Proposing = Callable[[Database, settlement.Actor], Awaitable[cash.Proposal | Refusal]]


def add_to(group: typer.Typer) -> None:
    """Add the commands."""
    example = "Example: agio settle"
    group.command(epilog=f"{example} models --json")(models)
    group.command(epilog=f"{example} model air.toml --as lin.wei --reason 'contract of May'")(model)
    group.command(epilog=f"{example} adjust 3 hotel airline 12.50 --as lin.wei --reason 'a wrong rate'")(adjust)
    group.command(
        epilog=f"{example} account hotel --holder Hotel --number 6222… --bank-code 1041… --as lin.wei --reason new"
    )(account)
    group.command(epilog=f"{example} allocate 0199… 0199… 150.00 --as lin.wei --reason 'called them'")(allocate)
    group.command("top-up", epilog=f"{example} top-up 0199… hotel 5000.00 --as lin.wei --reason deposit")(top_up)
    group.command(epilog=f"{example} dispute 0199… 50.00 --as lin.wei --reason 'nights not stayed'")(dispute)
    group.command("end-dispute", epilog=f"{example} end-dispute 0199… WRITTEN_OFF 20.00 --as lin.wei --reason agreed")(
        end_dispute
    )
    group.command(epilog=f"{example} tolerate 0199… 1.00 --as lin.wei --reason 'the bank kept a fee'")(tolerate)
    group.command(epilog=f"{example} returned 0199… 0199… 70.00 --as lin.wei --reason 'not ours'")(returned)
    group.command(epilog=f"{example} proposals --json")(proposals)
    group.command(epilog=f"{example} retract 0199… --as lin.wei --reason 'the wrong payment'")(retract)
    group.command(epilog=f"{example} decide 0199… APPROVED --digest 3f9a… --as chen.yu --reason compared")(decide)


def models(*, as_json: AsJson = False) -> None:
    """List the settlement models, their terms and who is in them."""

    async def work(database: Database, _: Settings) -> list[settlement.AgreedModel]:
        return await settlement.agreed_models(database)

    rows = [
        {
            "model": it.code,
            "version": it.version,
            "netting": it.terms.netting.value + (" with loops set off" if it.terms.set_off_loops else ""),
            "funding": it.terms.funding.value,
            "cycle": it.terms.schedule.cycle.value,
            "members": ", ".join(it.members) or ("everybody else" if it.code == "network" else ""),
            "pairs": "; ".join(" and ".join(pair) for pair in it.pairs),
        }
        for it in run_on_books(work)
    ]
    show(rows, as_json=as_json)


def model(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="TOML: see docs/settlement-models.md.")],
    who: Who,
    reason: Because,
    *,
    as_json: AsJson = False,
) -> None:
    """Propose a settlement model, or a new version of one."""
    found = settlement.read_model(file.read_bytes())
    if isinstance(found, settlement.ModelRefused):
        refuse(found)
    propose(who, lambda db, actor: settlement.propose_model(db, found, actor, reason=reason), as_json=as_json)


def adjust(
    number: Number,
    payer: Participant,
    payee: Participant,
    amount: MicroAmount,
    who: Who,
    reason: Because,
    *,
    as_json: AsJson = False,
) -> None:
    """Propose that PAYER owe PAYEE more because of a closed window; it is settled with the one that is open."""

    async def correct(database: Database, actor: settlement.Actor) -> cash.Proposal | Refusal:
        async def on(database: Database, window: settlement.Window) -> cash.Proposal | Refusal:
            parties = (payer, payee, amount)
            return await settlement.propose_adjustment(database, window.id, *parties, actor, reason=reason)

        return await on_window(database, number, on)

    propose(who, correct, as_json=as_json)


def account(
    participant: Participant,
    holder: Annotated[str, typer.Option(help="The name the account is held under.")],
    number: Annotated[str, typer.Option(help="Digits and capital letters.")],
    bank_code: Annotated[str, typer.Option(help="Twelve digits.")],
    who: Who,
    reason: Because,
    *,
    as_json: AsJson = False,
) -> None:
    """Propose to which bank account a participant is paid; `operator` is the clearing house itself."""
    try:
        found = cash.BankAccount(holder, number, bank_code)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    propose(
        who,
        lambda db, actor: cash.propose_bank_account(db, participant, found, actor, reason=reason),
        as_json=as_json,
    )


def allocate(
    movement: Movement, payment: Payment, amount: Amount, who: Who, reason: Because, *, as_json: AsJson = False
) -> None:
    """Propose that so much of a movement at the bank pay a payment."""
    propose(
        who,
        lambda db, actor: cash.propose_allocation(db, movement, payment, amount, actor, reason=reason),
        as_json=as_json,
    )


def top_up(
    movement: Movement,
    participant: Participant,
    amount: Amount,
    who: Who,
    reason: Because,
    model: Annotated[str, typer.Option(help="The settlement model that it is deposited in.")] = "network",
    *,
    as_json: AsJson = False,
) -> None:
    """Propose that so much of a receipt be a participant's deposit: its cap is wider by as much."""
    propose(
        who,
        lambda db, actor: cash.propose_top_up(db, movement, participant, model, amount, actor, reason=reason),
        as_json=as_json,
    )


def dispute(payment: Payment, amount: Amount, who: Who, reason: Because, *, as_json: AsJson = False) -> None:
    """Propose that so much of what is due be put among the disputed amounts."""
    propose(who, lambda db, it: cash.propose_dispute(db, payment, amount, it, reason=reason), as_json=as_json)


def end_dispute(
    dispute: Annotated[UUID, typer.Argument(help="The dispute's id: `agio settle disputes`.")],
    outcome: cash.Outcome,
    amount: Amount,
    who: Who,
    reason: Because,
    movement: Annotated[UUID | None, typer.Option(help="The receipt, when it was paid.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Propose what became of a dispute: PAID with a receipt, or WRITTEN_OFF."""
    propose(
        who,
        lambda db, actor: cash.propose_end(db, dispute, outcome, amount, actor, reason=reason, cash_id=movement),
        as_json=as_json,
    )


def tolerate(payment: Payment, amount: Amount, who: Who, reason: Because, *, as_json: AsJson = False) -> None:
    """Propose that a small difference of a payment be given up: at most CNY 10.00 and one per cent."""
    propose(who, lambda db, it: cash.propose_tolerance(db, payment, amount, it, reason=reason), as_json=as_json)


def returned(
    incoming: Movement, outgoing: Movement, amount: Amount, who: Who, reason: Because, *, as_json: AsJson = False
) -> None:
    """Propose that a receipt went back with a payment out: both explain each other."""
    propose(
        who, lambda db, it: cash.propose_returned(db, incoming, outgoing, amount, it, reason=reason), as_json=as_json
    )


def proposals(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Decided ones as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what waits for a second person, the newest first."""

    async def work(database: Database, _: Settings) -> list[cash.Proposal]:
        return await cash.proposals(database, open_only=not everything)

    rows: list[dict[str, Any]] = [proposal_row(it) for it in run_on_books(work)]
    if not as_json:
        told = ("verdict", "decided_by", "decided_reason") if everything else ()
        keys = ("id", "kind", "proposed_by", "proposed_reason", *told, "content", "digest")
        rows = [{key: row[key] for key in keys} | {"content": content_in_words(row["content"])} for row in rows]
    show(rows, as_json=as_json, empty="Nothing waits.")


def decide(
    proposal: Annotated[UUID, typer.Argument(help="The proposal's id: `agio settle proposals`.")],
    verdict: cash.Choice,
    digest: Annotated[str, typer.Option(help="Of the proposal seen: `agio settle proposals`.")],
    who: Who,
    reason: Because,
    *,
    as_json: AsJson = False,
) -> None:
    """Approve exactly the proposal with this digest, as another person than the proposer, or reject it."""
    propose(
        who,
        lambda db, actor: settlement.decide(
            db, proposal, actor, verdict.decision, digest=digest, reason=reason, outbox=WebhookOutbox(db.clock)
        ),
        as_json=as_json,
    )


def retract(
    proposal: Annotated[UUID, typer.Argument(help="The proposal's id: `agio settle proposals`.")],
    who: Who,
    reason: Because,
    *,
    as_json: AsJson = False,
) -> None:
    """Take a proposal of one's own back, of whatever kind, before anybody has decided on it."""
    propose(who, lambda db, actor: cash.retract(db, proposal, actor, reason=reason), as_json=as_json)


def propose(who: str, proposing: Proposing, *, as_json: bool) -> None:
    """Run it, and show the proposal or why there is none."""
    outcome = run_on_books(lambda database, _: proposing(database, settlement.Actor(who)))
    if not isinstance(outcome, cash.Proposal):
        refuse(outcome)
    show_proposal(outcome, as_json=as_json)
