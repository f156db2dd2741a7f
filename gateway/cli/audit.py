"""`agio audit`: whether the books prove themselves."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

import brands.checks
import exchange.checks
import ledger
import members.checks
import rights.checks
import settlement
from core.database import Database
from gateway import drop_audit
from gateway.cli.printing import AsJson, complain, say, show_json
from gateway.cli.running import run_on_books

_CONFIGURED = (*brands.checks.CHECKS, *members.checks.CHECKS)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: agio audit --json")(audit)


def audit(
    *,
    statements: Annotated[
        bool, typer.Option("--statements", help="Write every statement again as well, and compare each byte.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Recompute the books from the transfers. Ends with 1 and names the first differing row when they are not whole."""
    report = run_on_books(lambda database, _: recomputed(database, statements=statements))
    if as_json:
        show_json({**asdict(report), "whole": report.whole})
    else:
        describe(report)
    if not report.whole:
        raise typer.Exit(1)


async def recomputed(database: Database, *, statements: bool = False) -> ledger.AuditReport:
    """The audit of the ledger and of everything that stands on it, under a progress bar on the error stream."""
    own = (*settlement.AUDIT_CHECKS, settlement.STATEMENTS_CHECK) if statements else settlement.AUDIT_CHECKS
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Recomputing", total=None)
        return await ledger.audit(
            database,
            checks=(*_CONFIGURED, *exchange.checks.CHECKS, *rights.checks.CHECKS, *drop_audit.CHECKS, *own),
            progress=lambda done: bar.update(task, completed=done.done, total=done.total),
        )


def describe(report: ledger.AuditReport) -> None:
    """Say what was looked at, and what is wrong."""
    looked_at = ", ".join(
        f"{count:,} {name.removeprefix('ledger_').replace('_', ' ')}s" for name, count in report.counts.items() if count
    )
    if report.whole:
        say(f"The books are whole: {looked_at}.")
        return
    complain(f"The books are NOT whole. First: {report.findings[0]}")
    for finding in report.findings[1:]:
        complain(str(finding))
    say(f"Looked at {looked_at}.")
