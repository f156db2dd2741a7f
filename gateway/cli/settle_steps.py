"""`agio settle abort`, `instruct`, `what-if`, `schedule` and `run`: the rest of a window's life."""

from pathlib import Path
from typing import Annotated

import typer

import settlement
from core.amounts import format_amount
from core.database import Database
from core.errors import Refusal
from core.settings import Settings
from gateway.cli.persons import Who
from gateway.cli.printing import AsJson, refuse, say, show, show_json
from gateway.cli.running import run_on_books
from gateway.cli.settle_rows import FEN_DECIMALS, MICRO_DECIMALS, Because, Number, on_window, show_proposal, working
from settlement import cash
from settlement.lapsing import lapse_impossible
from webhooks import WebhookOutbox


def add_to(group: typer.Typer) -> None:
    """Add the commands."""
    group.command(epilog="Example: agio settle abort 3 --as lin.wei --reason 'a wrong rate'")(abort)
    group.command(epilog="Example: agio settle instruct 3 --as lin.wei --folder orders")(instruct)
    group.command("what-if", epilog="Example: agio settle what-if 3 --netting bilateral --without kopi")(what_if)
    group.command(epilog="Example: agio settle schedule")(schedule)
    group.command(epilog="Example: agio settle run")(run)


def abort(number: Number, who: Who, reason: Because, *, as_json: AsJson = False) -> None:
    """Give a window up before any cash has moved; what two persons approved is only proposed, for two to decide."""

    async def work(database: Database, window: settlement.Window) -> settlement.Window | cash.Proposal | Refusal:
        actor = settlement.Actor(who)
        outcome = await settlement.abort(database, window.id, actor, reason=reason)
        if isinstance(outcome, settlement.TwoPersonsNeeded):
            return await settlement.propose_abort(database, window.id, actor, reason=reason)
        return outcome

    outcome = run_on_books(lambda database, _: on_window(database, number, work))
    if isinstance(outcome, cash.Proposal):
        show_proposal(outcome, as_json=as_json)
    elif isinstance(outcome, settlement.Window):
        show([{"number": outcome.number, "status": outcome.status.value}], as_json=as_json)
    else:
        refuse(outcome)


def instruct(
    number: Number,
    who: Who,
    folder: Annotated[Path, typer.Option(help="Where to write.")] = Path("orders"),
    reason: Annotated[str, typer.Option(help="For the window's history.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Write the bank's payment order (pain.001.001.09) of an advised window, and take what deposits pay."""

    async def work(database: Database, window: settlement.Window) -> cash.Instructed | Refusal:
        actor, outbox = settlement.Actor(who), WebhookOutbox(database.clock)
        return await cash.instruct(database, window.id, actor, folder=folder, reason=reason, outbox=outbox)

    outcome = run_on_books(lambda database, _: on_window(database, number, work))
    if not isinstance(outcome, cash.Instructed):
        refuse(outcome)
    window = outcome.window
    total = format_amount(outcome.total_fen, FEN_DECIMALS)
    row = {"number": window.number, "status": window.status.value, "file": outcome.path, "total": total}
    show([row], as_json=as_json)


def what_if(
    number: Number,
    netting: Annotated[settlement.Netting | None, typer.Option(help="Instead of the window's own.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="Leave this participant out; may be repeated.")] = None,
    *,
    set_off_loops: Annotated[bool, typer.Option(help="Set off closed loops; with bilateral netting.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a window would pay under other terms, or without some participants. Changes nothing."""
    try:
        asked = netting or settlement.Netting.BILATERAL
        terms = settlement.Terms(asked, set_off_loops) if netting or set_off_loops else None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error

    async def work(database: Database, window: settlement.Window) -> tuple[settlement.WhatIf, dict[str, str]] | Refusal:
        with working("Reading the lines"):
            found = await settlement.what_if(database, window.id, terms=terms, without=without or [])
        if not isinstance(found, settlement.WhatIf):
            return found
        async with database.connection() as connection:
            return found, {str(who): code for who, code in (await settlement.participant_codes(connection)).items()}

    outcome = run_on_books(lambda database, _: on_window(database, number, work))
    if isinstance(outcome, Refusal):
        refuse(outcome)
    _show_what_if(*outcome, as_json=as_json)


def _show_what_if(found: settlement.WhatIf, called: dict[str, str], *, as_json: bool) -> None:
    positions = [
        {
            "participant": called[str(it.participant_id)],
            "closing": format_amount(it.closing, MICRO_DECIMALS),
            "pays": format_amount(it.due, MICRO_DECIMALS),
            "is_paid": format_amount(it.owed, MICRO_DECIMALS),
            "carried": format_amount(it.carried, MICRO_DECIMALS),
        }
        for it in found.positions
    ]
    owing = [
        {
            "debtor": called[str(it.debtor_id)],
            "creditor": called[str(it.creditor_id)],
            "opening": format_amount(it.opening, MICRO_DECIMALS),
            "lines": format_amount(it.lines, MICRO_DECIMALS),
            "set_off": format_amount(it.set_off, MICRO_DECIMALS),
            "settled": format_amount(it.settled, MICRO_DECIMALS),
        }
        for it in found.obligations
    ]
    total = format_amount(found.total_fen, FEN_DECIMALS)
    if as_json:
        show_json({"payments": len(found.payments), "total": total, "positions": positions, "obligations": owing})
        return
    left_out = f" without {', '.join(found.left_out)}" if found.left_out else ""
    payments = f"{len(found.payments)} payments, CNY {total}"
    say(f"Window {found.window.number}, {found.terms.netting}{left_out}: {payments}.\n")
    show(positions, as_json=False)
    say("\nWhat each owes each other:")
    show(owing, as_json=False, empty="No line stands between two participants.")


def schedule(*, as_json: AsJson = False) -> None:
    """Show when windows close by themselves, and which do not go on and why."""

    async def work(database: Database, _: Settings) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        cut_offs = await settlement.next_cut_offs(database)
        models: list[dict[str, object]] = [
            {"model": it.code, "cycle": it.terms.schedule.cycle.value, "closes_at": cut_offs.get(it.code)}
            for it in await settlement.agreed_models(database)
        ]
        held_up: list[dict[str, object]] = [
            {"window": it.number, "step": it.step, "attempts": it.attempts, "retry_at": it.retry_at, "why": it.problem}
            for it in await settlement.stuck(database)
        ]
        return models, held_up

    models, held_up = run_on_books(work)
    if as_json:
        show_json({"models": models, "stuck": held_up})
        return
    show(models, as_json=False)
    say("")
    show(held_up, as_json=False, empty="No window is stuck.")


def run(*, as_json: AsJson = False) -> None:
    """Do now what the worker does every minute: close what is due, reconcile and net it; persons do the rest.

    Proposals that can no longer be done are closed as well.
    """

    async def work(database: Database, _: Settings) -> int:
        with working("Settling what is due"):
            taken = await settlement.settle_due(database)
            await lapse_impossible(database)
            return taken

    show([{"steps": run_on_books(work)}], as_json=as_json)
