"""`agio reconcile`: a brand's statement file against our books."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.amounts import format_amount
from core.database import Database
from core.settings import Settings
from core.table_errors import ImportRefused
from gateway.cli.persons import person
from gateway.cli.printing import AsJson, complain, refuse, say, show, show_json
from gateway.cli.running import run_on_books
from settlement import Actor
from settlement.reconciliation.breaks import Break
from settlement.reconciliation.reconciling import Reconciled, reconcile_file

MICRO_DECIMALS = 6
SHOWN_MAX = 50


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: agio reconcile airline january.csv --as lin.wei --dry-run")(reconcile)


def reconcile(
    brand: Annotated[str, typer.Argument(help="The brand's code.")],
    file: Annotated[Path, typer.Argument(help="The statement file as the brand delivered it.")],
    program: Annotated[str | None, typer.Option(help="The program's code, when the brand has several.")] = None,
    who: Annotated[str, typer.Option("--as", callback=person, help="Who takes the file in.")] = "operator",
    *,
    correction: Annotated[bool, typer.Option(help="Replace the lines that have the same brand reference.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come of it, and keep nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare what a brand states with our books. Nothing is posted.

    Rows that cannot be used are listed with their line and the reason, and what differs as breaks; the command then
    ends with 1.
    """

    async def work(database: Database, _: Settings) -> Reconciled | ImportRefused:
        actor = Actor(who)
        return await reconcile_file(
            database, brand, file, actor, program_code=program, correcting=correction, dry_run=dry_run
        )

    outcome = run_on_books(work)
    if isinstance(outcome, ImportRefused):
        refuse(outcome)
    if as_json:
        show_json(_content(outcome))
    else:
        _describe(outcome)
    if not outcome.clean:
        raise typer.Exit(1)


def _content(found: Reconciled) -> dict[str, object]:
    names = ("program", "file", "digest", "first_day", "last_day", "dry_run", "known", "rows", "accepted", "replaced")
    return {name: getattr(found, name) for name in names} | {
        "matched": {rule.value: count for rule, count in found.matched.items()},
        "events": {kind.value: count for kind, count in found.events.items()},
        "quarantined": found.quarantined,
        "quarantined_count": found.quarantined_count,
        "breaks_count": found.breaks_count,
        "breaks": [_row(it) | {"id": it.id, "next_step": it.next_step} for it in found.breaks],
        "suggestions": found.suggestions,
    }


def _describe(found: Reconciled) -> None:
    tried = "Dry run, nothing was kept. " if found.dry_run else ""
    matched = ", ".join(f"{count:,} by {rule.lower().replace('_', ' ')}" for rule, count in found.matched.items())
    say(
        f"{tried}{found.program}, {found.first_day} to {found.last_day}: {found.rows:,} rows; {found.accepted:,} "
        f"accepted, {found.replaced:,} replaced, {found.quarantined_count:,} set aside. "
        f"Matched: {matched or 'nothing new'}. Open breaks: {found.breaks_count:,}."
    )
    if found.quarantined:
        complain("\nRows that were set aside:")
        show([asdict(row) for row in found.quarantined[:SHOWN_MAX]], as_json=False)
    if found.breaks:
        complain(f"\nBreaks, the largest value at risk first (at most {SHOWN_MAX}):")
        show([_row(it) for it in found.breaks[:SHOWN_MAX]], as_json=False)


def _row(it: Break) -> dict[str, object]:
    return {
        "kind": it.kind.value,
        "at_risk_cny": format_amount(abs(it.at_stake), MICRO_DECIMALS),
        "ours": ", ".join(f"{line.reference or line.key} {line.amount}" for line in it.ours),
        "theirs": ", ".join(f"{stated.line.key} {stated.line.amount}" for stated in it.theirs),
        "owner": it.owner,
        "due_on": it.due_on,
    }
