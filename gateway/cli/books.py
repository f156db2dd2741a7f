"""`agio trial-balance` and `agio journal`: the books for accountants."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, BinaryIO, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console
from rich.progress import Progress

from core.amounts import format_amount
from core.database import Database
from core.settings import Settings
from gateway.cli.printing import AsJson, refuse, show
from gateway.cli.running import run_on_books
from settlement.files import appearing
from settlement.general_ledger import JOURNAL_FORMS, DayAhead, Exported, Extent, export_journal
from settlement.proof import InstantAhead, trial_balance_at


def instant(text: str) -> datetime:
    """An instant; without an offset it is UTC. Raises typer.BadParameter."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("an instant is written as 2026-01-31T16:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day(text: str) -> date:
    """A day. Raises typer.BadParameter."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("a day is written as 2026-01-31") from error


def zone(text: str) -> str:
    """A time zone that there is. Raises typer.BadParameter."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise typer.BadParameter("a time zone is written as Asia/Shanghai") from error
    return text


def journal_file(path: Path) -> Path:
    """A file whose ending names a form. Raises typer.BadParameter."""
    if path.suffix[1:] not in JOURNAL_FORMS:
        message = f"the file's name must end in {' or '.join(f'.{form}' for form in JOURNAL_FORMS)}"
        raise typer.BadParameter(message)
    return path


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("trial-balance", epilog="Example: agio trial-balance --at 2026-01-31T16:00:00Z")(show_trial_balance)
    app.command(epilog="Example: agio journal 2026-01.beancount --first-day 2026-01-01 --last-day 2026-01-31 --by-day")(
        journal
    )


def show_trial_balance(
    at: Annotated[datetime | None, typer.Option(parser=instant, help="As of this instant; now when left out.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what all accounts hold, by asset and purpose. For each asset the net adds up to zero."""
    found = run_on_books(lambda database, _: trial_balance_at(database, at))
    if isinstance(found, InstantAhead):
        refuse(found)
    rows = [
        {
            "asset": line.asset,
            "purpose": line.purpose,
            "accounts": line.accounts,
            "debits": format_amount(line.debits_posted, found.decimals[line.asset]),
            "credits": format_amount(line.credits_posted, found.decimals[line.asset]),
            "net_credit": format_amount(line.net_credit, found.decimals[line.asset]),
        }
        for line in found.lines
    ]
    show(rows, as_json=as_json, empty="Nothing had moved by then.")


def journal(
    file: Annotated[
        Path, typer.Argument(help="Where to write; .csv or .beancount.", dir_okay=False, callback=journal_file)
    ],
    first_day: Annotated[date | None, typer.Option(parser=day, help="From the beginning when left out.")] = None,
    last_day: Annotated[date | None, typer.Option(parser=day, help="Up to now when left out.")] = None,
    time_zone: Annotated[str, typer.Option(help="In which days begin and end.", callback=zone)] = "Asia/Shanghai",
    *,
    by_day: Annotated[bool, typer.Option("--by-day", help="Add up each day's transfers of one kind.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the journal for a general ledger: opening balances, entries, and the closing balances of the ledger itself.

    Nothing appears when opening and entries do not lead to the ledger's own balances.
    """
    try:
        extent = Extent(first_day, last_day, time_zone, by_day)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--last-day") from error

    async def work(database: Database, _: Settings) -> Exported | DayAhead:
        if (ahead := extent.ahead(database.clock)) is not None:
            return ahead
        with Progress(console=Console(stderr=True), transient=True) as bar, appearing(file) as opened:
            task = bar.add_task("Writing entries", total=None)
            return await export_journal(
                database,
                cast("BinaryIO", opened),
                file.suffix[1:],
                extent,
                progress=lambda count: bar.update(task, completed=count),
            )

    done = run_on_books(work)
    if isinstance(done, DayAhead):
        refuse(done)
    show([{"file": file, "entries": done.entries, "accounts": done.accounts}], as_json=as_json)
