"""`agio members`: bringing members over."""

from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.database import Database
from core.secrets import root_secret
from core.settings import Settings
from gateway.cli.printing import AsJson, complain, refuse, say, show, show_json
from gateway.cli.running import run_on_books
from members import MemberKeys
from members.errors import ImportRefused
from members.importing import import_file
from members.report import ImportReport
from webhooks import WebhookOutbox

EXAMPLE = "Example: agio members import aurora examples/network/aurora-members.csv"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Members and their cards.", no_args_is_help=True, epilog=EXAMPLE)
    group.command("import", epilog=EXAMPLE)(import_members)
    group.callback()(_group)
    app.add_typer(group, name="members")


def _group() -> None:
    """Members and their cards."""


def import_members(
    brand: Annotated[str, typer.Argument(help="The brand's code.")],
    file: Annotated[Path, typer.Argument(readable=False, help="The file as the brand delivered it.")],
    program: Annotated[str | None, typer.Option(help="The program's code, when the brand has several.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Load a brand's member file: cards, people and opening balances. The same file again changes nothing.

    Broken rows are listed with their line and the reason, and the good ones are loaded; balances that differ from what
    was brought over before are listed, and nothing is posted. After either the command ends with 1.
    """

    async def work(database: Database, settings: Settings) -> ImportReport | ImportRefused:
        return await load_file(database, MemberKeys.from_root(root_secret(settings.home)), brand, file, program)

    outcome = run_on_books(work)
    if isinstance(outcome, ImportRefused):
        refuse(outcome)
    _report(outcome, as_json=as_json)


async def load_file(
    database: Database, keys: MemberKeys, brand: str, file: Path, program: str | None = None
) -> ImportReport | ImportRefused:
    """Import the file under a progress bar on the error stream."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(file.name, total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return await import_file(
            database, keys, brand, file, program_code=program, progress=progress, outbox=WebhookOutbox(database.clock)
        )


def _report(report: ImportReport, *, as_json: bool) -> None:
    if as_json:
        show_json(asdict(report))
    else:
        _describe(report)
    if report.broken or report.differing:
        raise typer.Exit(1)


def _describe(report: ImportReport) -> None:
    if not report.rows:
        say(f"{report.program}: the file has headers and no rows; nothing was imported.")
        return
    say(
        f"{report.program}: {report.rows:,} rows; {report.imported:,} imported with {Decimal(report.points):,} points, "
        f"{report.updated:,} updated, {report.unchanged:,} unchanged, {report.duplicates:,} duplicates, "
        f"{len(report.broken):,} broken."
    )
    if report.differing:
        say("\nBalances that differ from what was brought over before; nothing was posted:")
        show([asdict(difference) for difference in report.differing], as_json=False)
    if report.broken:
        complain("\nBroken rows, not imported:")
        show([asdict(row) for row in report.broken], as_json=False)
