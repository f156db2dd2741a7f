"""`agio settle`: settlement windows, step by step."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

import settlement
from core.database import Database
from core.errors import Refusal
from core.settings import Settings
from gateway.cli import settle_cash, settle_deposits, settle_proof, settle_proposals, settle_steps
from gateway.cli.persons import Who
from gateway.cli.printing import AsJson, complain, refuse, show
from gateway.cli.running import run_on_books
from gateway.cli.settle_rows import Number, working
from gateway.cli.settle_shown import accounts_missing_in_words, show_overview, window_row
from webhooks import WebhookOutbox

Reason = Annotated[str, typer.Option(help="For the window's history.")]

Step: TypeAlias = Callable[[Database, settlement.Window, settlement.Actor], Awaitable[settlement.Window | Refusal]]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Settlement windows, step by step.", no_args_is_help=True, epilog="Example: agio settle list"
    )
    group.command("list", epilog="Example: agio settle list --json")(list_windows)
    group.command("show", epilog="Example: agio settle show 1")(show_window)
    group.command(epilog="Example: agio settle close 1 --as lin.wei")(close)
    group.command(epilog="Example: agio settle reconcile 1 --as lin.wei")(reconcile)
    group.command(epilog="Example: agio settle net 1 --as lin.wei")(net)
    group.command(epilog="Example: agio settle submit 1 --as lin.wei")(submit)
    group.command(epilog="Example: agio settle approve 1 --as chen.yu --digest 3f9a… --reason checked")(approve)
    group.command(epilog="Example: agio settle reject 1 --as chen.yu --reason 'a file came late'")(reject)
    group.command(epilog="Example: agio settle advise 1 --as chen.yu --folder statements")(advise)
    for further in (settle_steps, settle_cash, settle_proposals, settle_deposits, settle_proof):
        further.add_to(group)
    app.add_typer(group, name="settle")


def list_windows(*, as_json: AsJson = False) -> None:
    """List the latest windows, newest first."""

    async def work(database: Database, _: Settings) -> list[settlement.Window]:
        await settlement.current_window(database)
        return await settlement.windows(database)

    show([window_row(window) for window in run_on_books(work)], as_json=as_json)


def show_window(number: Number, *, as_json: AsJson = False) -> None:
    """Show a window's positions, payments and history, and the command that comes next."""

    async def work(database: Database, _: Settings) -> settlement.Overview | settlement.WindowNotFound:
        window = await settlement.window_numbered(database, number)
        if isinstance(window, settlement.WindowNotFound):
            return window
        return await settlement.overview(database, window.id)

    found = run_on_books(work)
    if isinstance(found, settlement.WindowNotFound):
        refuse(found)
    show_overview(found, as_json=as_json)


def close(number: Number, who: Who, reason: Reason = "", *, as_json: AsJson = False) -> None:
    """Fix the cut-off, open the next window and count the figures."""
    _take(number, who, lambda db, w, actor: settlement.close(db, actor, window_id=w.id, reason=reason), as_json=as_json)


def reconcile(number: Number, who: Who, reason: Reason = "", *, as_json: AsJson = False) -> None:
    """Compare every line with the exchange or right it stands for."""
    _take(number, who, lambda db, w, actor: settlement.reconcile(db, w.id, actor, reason=reason), as_json=as_json)


def net(number: Number, who: Who, reason: Reason = "", *, as_json: AsJson = False) -> None:
    """Turn every position into one amount due or owed, and name the payments."""
    _take(number, who, lambda db, w, actor: settlement.net(db, w.id, actor, reason=reason), as_json=as_json)


def submit(number: Number, who: Who, reason: Reason = "", *, as_json: AsJson = False) -> None:
    """Put the figures before a second person."""
    _take(number, who, lambda db, w, actor: settlement.submit(db, w.id, actor, reason=reason), as_json=as_json)


def approve(
    number: Number,
    who: Who,
    reason: Reason,
    digest: Annotated[str, typer.Option(help="Of the figures seen: `agio settle show`.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Approve exactly the figures with this digest."""
    _take(
        number,
        who,
        lambda db, w, actor: settlement.approve(db, w.id, actor, digest=digest, reason=reason),
        as_json=as_json,
    )


def reject(number: Number, who: Who, reason: Reason, *, as_json: AsJson = False) -> None:
    """Send the figures back to whoever submitted them."""
    _take(number, who, lambda db, w, actor: settlement.reject(db, w.id, actor, reason=reason), as_json=as_json)


def advise(
    number: Number,
    who: Who,
    folder: Annotated[Path, typer.Option(help="Where to write.")] = Path("statements"),
    reason: Reason = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Write every participant's statement of an approved window, as CSV, JSON, XLSX and PDF."""

    async def work(database: Database, _: Settings) -> settlement.Advice | Refusal:
        window = await settlement.window_numbered(database, number)
        if isinstance(window, settlement.WindowNotFound):
            return window
        actor, outbox = settlement.Actor(who), WebhookOutbox(database.clock)
        return await settlement.advise(database, window.id, actor, folder=folder, reason=reason, outbox=outbox)

    outcome = run_on_books(work)
    if isinstance(outcome, Refusal):
        refuse(outcome)
    show(
        [{"participant": file.participant, "file": file.path, "sha256": file.sha256} for file in outcome.files],
        as_json=as_json,
    )
    if outcome.accounts_missing:
        complain(accounts_missing_in_words(outcome.accounts_missing))


def _take(number: int, who: str, step: Step, *, as_json: bool) -> None:
    async def work(database: Database, _: Settings) -> settlement.Window | Refusal:
        window = await settlement.window_numbered(database, number)
        if isinstance(window, settlement.WindowNotFound):
            return window
        with working(f"Window {number}"):
            return await step(database, window, settlement.Actor(who))

    outcome = run_on_books(work)
    if isinstance(outcome, Refusal):
        refuse(outcome)
    show([window_row(outcome)], as_json=as_json)
