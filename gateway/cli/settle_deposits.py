"""`agio settle withdraw`, `pay-back`, `draw`, `own` and what shows them: deposits, and the operator's own movements."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

import settlement
from core.database import Database
from core.errors import Refusal
from core.settings import Settings
from gateway.cli.persons import Who
from gateway.cli.printing import AsJson, refuse, show
from gateway.cli.running import run_on_books
from gateway.cli.settle_proposals import Amount, Movement, Participant, Payment, propose
from gateway.cli.settle_rows import Because, cny
from settlement import cash

Model = Annotated[str, typer.Option(help="The settlement model that it is deposited in.")]


def add_to(group: typer.Typer) -> None:
    """Add the commands."""
    example = "Example: agio settle"
    group.command(epilog=f"{example} withdraw hotel 500.00 --as lin.wei --reason 'it asked for it'")(withdraw)
    group.command(epilog=f"{example} draw 0199… 150.00 --as lin.wei --reason 'a week late'")(draw)
    group.command(epilog=f"{example} own 0199… BANK_CHARGE 12.50 --as lin.wei --reason 'fee of June'")(own)
    group.command("pay-back", epilog=f"{example} pay-back 0199… --as lin.wei --folder orders")(pay_back)
    group.command(epilog=f"{example} withdrawals --all")(withdrawals)
    group.command("deposit-lines", epilog=f"{example} deposit-lines hotel")(deposit_lines)


def withdraw(
    participant: Participant,
    amount: Amount,
    who: Who,
    reason: Because,
    model: Model = "network",
    *,
    as_json: AsJson = False,
) -> None:
    """Propose that so much of a participant's deposit be paid back; then `agio settle pay-back` tells the bank."""
    propose(
        who,
        lambda db, it: cash.propose_withdrawal(db, participant, model, amount, it, reason=reason),
        as_json=as_json,
    )


def draw(
    payment: Payment, amount: Amount, who: Who, reason: Because, model: Model = "network", *, as_json: AsJson = False
) -> None:
    """Propose that so much of a payment that is late be taken from its payer's deposit."""
    propose(who, lambda db, it: cash.propose_draw(db, payment, model, amount, it, reason=reason), as_json=as_json)


def own(
    movement: Movement, purpose: cash.Purpose, amount: Amount, who: Who, reason: Because, *, as_json: AsJson = False
) -> None:
    """Propose that so much of a movement at the bank be the operator's own: its charges, interest, money."""
    propose(who, lambda db, it: cash.propose_own(db, movement, purpose, amount, it, reason=reason), as_json=as_json)


def pay_back(
    withdrawal: Annotated[UUID, typer.Argument(help="Its id: `agio settle withdrawals`.")],
    who: Who,
    folder: Annotated[Path, typer.Option(help="Where to write.")] = Path("orders"),
    *,
    as_json: AsJson = False,
) -> None:
    """Write the bank's payment order (pain.001.001.09) for a deposit that two persons decided to pay back."""

    async def work(database: Database, _: Settings) -> cash.PaidBack | Refusal:
        return await cash.pay_back(database, withdrawal, settlement.Actor(who), folder=folder)

    outcome = run_on_books(work)
    if not isinstance(outcome, cash.PaidBack):
        refuse(outcome)
    show(
        [{"file": outcome.path, "reference": outcome.reference, "total": cny(outcome.total_fen)}],
        as_json=as_json,
    )


def withdrawals(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that are paid as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is to be paid back of deposits, the oldest first."""

    async def work(database: Database, _: Settings) -> list[cash.Withdrawal]:
        return await cash.withdrawals(database, open_only=not everything)

    rows = [
        {
            "id": it.id,
            "participant": it.participant,
            "model": it.model,
            "amount": cny(it.amount_fen),
            "open": cny(it.open_fen),
            "reference": it.reference,
            "ordered_at": it.ordered_at,
        }
        for it in run_on_books(work)
    ]
    show(rows, as_json=as_json, empty="Nothing is to be paid back.")


def deposit_lines(participant: Participant, model: Model = "network", *, as_json: AsJson = False) -> None:
    """List everything that moved a participant's deposit, the oldest first."""

    async def work(database: Database, _: Settings) -> list[cash.DepositMove] | Refusal:
        return await cash.deposit_lines(database, participant, model)

    found = run_on_books(work)
    if isinstance(found, Refusal):
        refuse(found)
    rows = [
        {
            "recorded_at": it.recorded_at,
            "movement": it.movement.value,
            "amount": cny(it.amount_fen),
            "balance": cny(it.balance_fen),
            "window": it.window,
            "reason": it.reason,
        }
        for it in found
    ]
    show(rows, as_json=as_json, empty="Nothing was ever deposited.")
