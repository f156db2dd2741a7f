"""`agio reconcile`: a brand's statement file against our books."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

from adapters.brand_systems.registry import open_brand_systems
from brands import directory
from core.amounts import format_amount
from core.database import Database
from core.settings import Settings
from core.table_errors import ImportRefused
from gateway.cli.break_lines import Scales, amount_of, scales
from gateway.cli.persons import person
from gateway.cli.printing import AsJson, complain, refuse, say, show, show_json
from gateway.cli.running import Work, run_on_books
from settlement import Actor
from settlement.reconciliation.brand_api import reconcile_movements
from settlement.reconciliation.breaks import Break
from settlement.reconciliation.errors import NoStatementFile, UnknownBrand
from settlement.reconciliation.reconciling import Reconciled, reconcile_file

DAY = "%Y-%m-%d"
MICRO_DECIMALS = 6
SHOWN_MAX = 50

_Outcome = TypeVar("_Outcome")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: agio reconcile airline january.csv --as lin.wei --dry-run")(reconcile)


def reconcile(  # noqa: PLR0913 - one for each option
    brand: Annotated[str, typer.Argument(help="The brand's code.")],
    file: Annotated[
        Path | None, typer.Argument(readable=False, help="The statement file as the brand delivered it.")
    ] = None,
    program: Annotated[str | None, typer.Option(help="The program's code, when the brand has several.")] = None,
    who: Annotated[str, typer.Option("--as", callback=person, help="Who takes the file in.")] = "operator",
    first: Annotated[
        datetime | None, typer.Option("--from", formats=[DAY], help="Without a file: the first day.")
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=[DAY], help="Without a file: the last day.")] = None,
    *,
    correction: Annotated[bool, typer.Option(help="Replace the lines that have the same brand reference.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come of it, and keep nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare what a brand states, in a file or through its own system (--from, --to), with our books.

    Nothing is posted. Rows that cannot be used are listed with their line and the reason, and what differs as breaks;
    the command then ends with 1.
    """
    if (file is None) == (first is None or last is None):
        message = "Name a file, or the first and the last day that the brand's own system is asked for."
        raise typer.BadParameter(message, param_hint="FILE")
    actor = Actor(who)

    async def work(database: Database, settings: Settings) -> Reconciled | ImportRefused:
        if file is None and first and last:
            days = first.date(), last.date()
            return await _asked(database, settings, brand, program, days, actor, dry_run=dry_run)
        assert file is not None
        with counting() as told:
            return await reconcile_file(
                database,
                brand,
                file,
                actor,
                program_code=program,
                correcting=correction,
                dry_run=dry_run,
                progress=told,
            )

    outcome, decimals = run_on_books(_with_scales(work))
    if isinstance(outcome, ImportRefused):
        refuse(outcome)
    if as_json:
        show_json(_content(outcome, decimals))
    else:
        _describe(outcome, decimals)
    if not outcome.clean:
        raise typer.Exit(1)


def _with_scales(work: Work[_Outcome]) -> Work[tuple[_Outcome, Scales]]:
    """The same, and how many decimals points have."""

    async def both(database: Database, settings: Settings) -> tuple[_Outcome, Scales]:
        outcome = await work(database, settings)
        async with database.connection() as connection:
            return outcome, scales(await directory(connection))

    return both


async def _asked(
    database: Database,
    settings: Settings,
    brand: str,
    program: str | None,
    days: tuple[date, date],
    actor: Actor,
    *,
    dry_run: bool,
) -> Reconciled | ImportRefused:
    async with database.connection() as connection:
        known = await directory(connection)
    found = known.brand(brand)
    if found is None:
        return UnknownBrand(brand)
    wanted = [it for it in known.programs_of(found.id) if program in {None, it.code}]
    if len(wanted) != 1:
        return NoStatementFile(brand, tuple(it.code for it in wanted))
    async with open_brand_systems(database, settings.home) as systems:
        return await reconcile_movements(database, wanted[0], systems.of(wanted[0]), *days, actor, dry_run=dry_run)


@contextmanager
def counting() -> Iterator[Callable[[int, int], None]]:
    """Shows how many rows have been read, on the error stream, where that is a terminal."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rows", total=None)
        yield lambda read, of: bar.update(task, completed=read, total=of)


def _content(found: Reconciled, decimals: Scales) -> dict[str, object]:
    names = ("program", "file", "digest", "first_day", "last_day", "dry_run", "known", "rows", "accepted", "replaced")
    return {name: getattr(found, name) for name in names} | {
        "matched": {rule.value: count for rule, count in found.matched.items()},
        "events": {kind.value: count for kind, count in found.events.items()},
        "quarantined": found.quarantined,
        "quarantined_count": found.quarantined_count,
        "breaks_count": found.breaks_count,
        "tolerated_count": found.tolerated_count,
        "tolerated_cny": format_amount(found.tolerated_micro, MICRO_DECIMALS),
        "breaks": [_row(it, decimals) | {"id": it.id, "next_step": it.next_step} for it in found.breaks],
        "suggestions": found.suggestions,
        "hint": found.hint,
    }


def _describe(found: Reconciled, decimals: Scales) -> None:
    tried = "Dry run, nothing was kept. " if found.dry_run else ""
    tried += "This very file was taken in before: compared again. " if found.known else ""
    matched = ", ".join(f"{count:,} by {rule.lower().replace('_', ' ')}" for rule, count in found.matched.items())
    say(
        f"{tried}{found.program}, {found.first_day} to {found.last_day}: {found.rows:,} rows; {found.accepted:,} "
        f"accepted, {found.replaced:,} replaced, {found.quarantined_count:,} set aside. "
        f"Matched: {matched or 'nothing new'}. Open breaks: {found.breaks_count:,}."
    )
    if found.quarantined:
        complain("\nRows that were set aside:")
        show([asdict(row) for row in found.quarantined[:SHOWN_MAX]], as_json=False)
        complain(found.hint)
    if found.breaks:
        complain(f"\nBreaks, the largest value at risk first (at most {SHOWN_MAX}):")
        show([_row(it, decimals) for it in found.breaks[:SHOWN_MAX]], as_json=False)


def _row(it: Break, decimals: Scales) -> dict[str, object]:
    return {
        "kind": it.kind.value,
        "at_risk_cny": format_amount(abs(it.at_stake), MICRO_DECIMALS),
        "ours": ", ".join(f"{line.reference or line.key} {amount_of(line, decimals)}" for line in it.ours),
        "theirs": ", ".join(f"{each.line.key} {amount_of(each.line, decimals)}" for each in it.theirs),
        "owner": it.owner,
        "due_on": it.due_on,
    }
