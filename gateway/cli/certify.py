"""`agio brand certify`: whether a brand's system may go live, and what its engineers have to mend."""

import getpass
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

import brands
from adapters.certification import report as reports
from adapters.certification import suite
from adapters.certification.verdict import Outcome, Report, Result
from brands.certifications import Certification, certifications
from core.database import Database
from core.errors import Refusal
from core.settings import Settings
from gateway.certifying import Wanted, certified
from gateway.cli.persons import person
from gateway.cli.printing import AsJson, complain, refuse, say, show
from gateway.cli.running import run

CERTIFY_EXAMPLE = "Example: agio brand certify RAIL --member 10000001 --html rail.html"
LIST_EXAMPLE = "Example: agio brand certifications RAIL"


def certify(  # noqa: PLR0913 - one option a line
    program: Annotated[str, typer.Argument(help="The program's code.")],
    *,
    member: Annotated[str | None, typer.Option(help="Number of a test member. Simulator: 10000001.")] = None,
    name: Annotated[str | None, typer.Option(help="That member's name, where the brand compares names.")] = None,
    stranger: Annotated[str, typer.Option(help="A member number that does not exist.")] = "00000000",
    only: Annotated[list[str] | None, typer.Option(help="Only this check or group; may be repeated.")] = None,
    listen: Annotated[int | None, typer.Option(help="A port at which to wait for the brand's webhooks.")] = None,
    patience: Annotated[float, typer.Option(min=0, help="Seconds to wait for what is pending.")] = 60,
    nights: Annotated[
        bool, typer.Option("--nights", help="Kind file: write the next days' files now. For test installations.")
    ] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report as JSON.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write the report as a page.")] = None,
    who: Annotated[str, typer.Option("--as", callback=person, help="Who certifies.")] = getpass.getuser(),
) -> None:
    """Run the conformance suite against the configured system of a program; points move on the test member only.

    Ends with 0 when the brand is ready, and with 1 when something failed or is open. Whole runs are kept.
    """
    wanted = Wanted(program, member, name, stranger, tuple(only or ()), listen, patience, nights)
    if only and not suite.checks(only):
        message = f"no check or group is called {', '.join(only)}"
        raise typer.BadParameter(message)

    async def work(database: Database, settings: Settings) -> Report | Refusal:
        with _progress(wanted.only) as seen:
            return await certified(database, settings, wanted, who, seen=seen, listens=say)

    report = run(work)
    if isinstance(report, Refusal):
        refuse(report)
    _write(report, json_file, html_file)
    _conclude(report)


def certifications_of(
    program: Annotated[str | None, typer.Argument(help="The program's code; left out: all.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """The runs that were kept, latest first (in UTC). In force: ready, with exactly the configuration of today."""

    async def work(database: Database, _: Settings) -> list[dict[str, object]]:
        async with database.connection() as connection:
            directory = await brands.directory(connection)
            programs = {one.id: one for one in directory.programs.values() if program in {None, one.code}}
            runs = await certifications(connection, programs)
        return [_row(found, programs[found.program_id]) for found in runs]

    show(run(work), as_json=as_json, empty="Nothing was certified yet.")


@contextmanager
def _progress(only: Sequence[str]) -> Iterator[Callable[[Result], None]]:
    """A progress bar on the error stream; each result is said as soon as it is there."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    groups: set[str] = set()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("certifying", total=len(suite.checks(only)))

        def seen(result: Result) -> None:
            if result.group not in groups:
                groups.add(result.group)
                say(f"\n{result.group}")
            say(_line(result))
            bar.advance(task)

        yield seen


def _line(result: Result) -> str:
    """A result as a person reads it."""
    lines = [f"  {reports.mark(result.outcome)} {result.title}"]
    if result.outcome is Outcome.SKIPPED:
        return f"{lines[0]} (skipped: {result.found})"
    lines += [f"      {text}" for text in (result.found, result.mend) if text]
    return "\n".join(lines)


def _write(report: Report, json_file: Path | None, html_file: Path | None) -> None:
    if json_file:
        json_file.write_bytes(orjson.dumps(reports.as_json(report), option=orjson.OPT_INDENT_2))
    if html_file:
        html_file.write_text(reports.as_html(report), "utf-8")
    for file in (json_file, html_file):
        if file:
            say(f"\nWritten: {file}")


def _conclude(report: Report) -> None:
    counted = ", ".join(f"{report.count(outcome)} {outcome.value}" for outcome in Outcome)
    told = f"\n{report.program} is {report.verdict}: {counted}."
    if skipped := [result.code for result in report.results if result.outcome is Outcome.SKIPPED]:
        told += f"\nNot checked: {', '.join(skipped)}."
    if not report.good:
        complain(told)
        raise typer.Exit(1)
    say(told + (" A part certifies nothing, and is not kept." if report.only else ""))


def _row(found: Certification, program: brands.Program) -> dict[str, object]:
    return {
        "program": program.code,
        "day": found.finished_at.strftime("%Y-%m-%d %H:%M"),
        "by": found.certified_by,
        "passed": found.passed,
        "failed": found.failed,
        "skipped": found.skipped,
        "open": found.undecided,
        "in_force": found.holds_for(program.adapter),
        "report": found.report_digest.hex()[:12],
    }
