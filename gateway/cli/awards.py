"""`agio awards`: points that brands give and take, by the file."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.database import Database
from core.errors import Refusal
from core.settings import Settings
from core.table_errors import FileUnreadable
from exchange import Batch, RowResult, batch_results
from exchange.movement_file import (
    Direction,
    FileWish,
    FormRefused,
    MovementFile,
    MovementImport,
    import_movements,
    read_form,
)
from gateway.cli.printing import AsJson, complain, refuse, say, show, show_json
from gateway.cli.running import run_on_books
from webhooks import WebhookOutbox

EXAMPLE = "Example: agio awards import AURORA january.csv --form aurora-awards.toml"
CLIENT = "agio-cli"
REFUSED_MAX = 1_000
"""Refused rows that are shown; the graph pages through all of them."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Points that brands give and take, by the file.", no_args_is_help=True, epilog=EXAMPLE)
    group.command("import", epilog=EXAMPLE)(import_awards)
    group.callback()(_group)
    app.add_typer(group, name="awards")


def _group() -> None:
    """Points that brands give and take, by the file."""


def import_awards(
    program: Annotated[str, typer.Argument(help="The program's code.")],
    file: Annotated[Path, typer.Argument(readable=False, help="A text with headers: key, number, amount.")],
    form: Annotated[Path | None, typer.Option(readable=False, help="How it is written: TOML, as member files.")] = None,
    brand: Annotated[str | None, typer.Option(help="The brand that acts. Default: the program's own.")] = None,
    batch: Annotated[str | None, typer.Option(help="The batch's name. Default: made from the file's content.")] = None,
    direction: Annotated[Direction, typer.Option(help="What rows are that do not say it.")] = Direction.AWARD,
    *,
    as_json: AsJson = False,
) -> None:
    """Record a file of awards and burns, a thousand rows in a commit. The same file again does nothing twice.

    Whatever stops it, run it again: it goes on where it stopped. Refused rows are listed with the reason and judged
    anew when the file is imported again; after any the command ends with 1.
    """
    described = _form(form) if form else MovementFile()
    if isinstance(described, Refusal):
        refuse(described)
    wish = FileWish(program, file, brand, CLIENT, batch, direction)

    async def work(database: Database, _: Settings) -> tuple[MovementImport, list[RowResult]]:
        outcome = await _imported(database, wish, described)
        if not isinstance(outcome, Batch):
            return outcome, []
        async with database.connection() as connection:
            refused = await batch_results(connection, outcome.id, count=REFUSED_MAX, refused_only=True)
        return outcome, list(refused)

    outcome, refused = run_on_books(work)
    if isinstance(outcome, Refusal):
        refuse(outcome)
    _report(outcome, refused, as_json=as_json)


def _form(path: Path) -> MovementFile | FormRefused | FileUnreadable:
    try:
        return read_form(path.read_bytes())
    except OSError as error:
        return FileUnreadable(f"{path}: {error.strerror}")


async def _imported(database: Database, wish: FileWish, form: MovementFile) -> MovementImport:
    """Import the file under a progress bar on the error stream."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(wish.path.name, total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return await import_movements(database, wish, form, outbox=WebhookOutbox(database.clock), progress=progress)


def _report(batch: Batch, refused: list[RowResult], *, as_json: bool) -> None:
    if as_json:
        show_json(asdict(batch) | {"refused_rows": [asdict(row) for row in refused]})
    else:
        say(f"Batch {batch.key}: {batch.row_count:,} rows, {batch.moved:,} recorded, {batch.refused:,} refused.")
        if refused:
            complain("\nRefused rows; nothing was recorded for them:")
            show([{"row": row.number, "key": row.key, "reason": row.message} for row in refused], as_json=False)
    if batch.refused:
        raise typer.Exit(1)
