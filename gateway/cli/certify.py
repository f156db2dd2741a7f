"""`agio brand certify`: whether a brand's system may go live, and what its engineers have to mend."""

import asyncio
import getpass
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

import brands
from adapters.brand_systems.registry import open_brand_systems
from adapters.brand_systems.secrets import variable
from adapters.certification import report as reports
from adapters.certification import suite
from adapters.certification.inbox import listening
from adapters.certification.line import Line, open_line
from adapters.certification.nights import Nights
from adapters.certification.trial import Trial
from adapters.certification.verdict import Outcome, Report, Result
from adapters.drop.jobs import folders_of
from brands.certifications import Certification, adapter_digest, certifications, record
from core.clock import SettableClock
from core.database import Database
from core.errors import Refusal
from core.ids import new_id
from core.settings import Settings
from exchange.brand_system import BrandSystems, MemberReference
from gateway.cli.persons import person
from gateway.cli.printing import AsJson, complain, refuse, say, show
from gateway.cli.running import run

CERTIFY_EXAMPLE = "Example: agio brand certify RAIL --member 10000001 --html rail.html"
LIST_EXAMPLE = "Example: agio brand certifications RAIL"
_MEMBERS = {brands.AdapterKind.SIMULATOR: "10000001"}
"""Whom a run is tried with when nobody is named."""


@dataclass(frozen=True, slots=True)
class UnknownProgram(Refusal):
    """There is no such program."""


@dataclass(frozen=True, slots=True)
class MemberNeeded(Refusal):
    """A test member of the brand is needed: --member NUMBER. Points are moved on it, and given back."""


@dataclass(frozen=True, slots=True)
class NoNights(Refusal):
    """Only programs of the kind file have nights: leave --nights out."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line."""

    program: str
    member: str | None
    name: str | None
    stranger: str
    only: tuple[str, ...]
    listen: int | None
    patience_seconds: float
    nights: bool


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
        return await certified(database, settings, wanted, who)

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


async def certified(database: Database, settings: Settings, wanted: Wanted, who: str) -> Report | Refusal:
    """Run the suite and keep the result."""
    async with database.connection() as connection:
        program = (await brands.directory(connection)).program(wanted.program)
    if program is None:
        return UnknownProgram()
    kind = program.adapter.kind
    if wanted.nights and kind is not brands.AdapterKind.FILE:
        return NoNights()
    number, real = wanted.member or _MEMBERS.get(kind), database.clock
    if number is None:
        return MemberNeeded()
    async with _ready(database, settings, wanted, program, number) as (trial, systems):
        results = _as_addressed(await _run(trial, systems, wanted.only), trial.line, program)
    report = Report(program.code, kind, number, trial.started_at, real.now(), results, wanted.only)
    if not wanted.only:
        async with database.transaction() as connection:
            await record(connection, _kept(report, program, who))
    return report


def _as_addressed(results: tuple[Result, ...], line: Line | None, program: brands.Program) -> tuple[Result, ...]:
    """The messages as they would be without the line between."""
    if line is None:
        return results
    address = _address(program) or ""
    return tuple(
        replace(
            result,
            messages=tuple(replace(one, request=one.request.replace(line.url, address)) for one in result.messages),
        )
        for result in results
    )


async def _sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)


def _address(program: brands.Program) -> str | None:
    """Where the system is called; nothing for those that are not called over HTTP."""
    return os.environ.get(variable(program.code, "url")) or program.adapter.url


@asynccontextmanager
async def _ready(
    database: Database, settings: Settings, wanted: Wanted, program: brands.Program, number: str
) -> AsyncIterator[tuple[Trial, BrandSystems]]:
    """The system, behind a line that can be disturbed where it is called over HTTP; an inbox where one is wanted."""
    async with AsyncExitStack() as stack:
        address = _address(program)
        line = await stack.enter_async_context(open_line(address.rstrip("/"))) if address else None
        environment = {**os.environ, variable(program.code, "url"): line.url} if line else os.environ
        systems = await stack.enter_async_context(open_brand_systems(database, settings.home, environment))
        posts = None
        pause: Callable[[float], Awaitable[None]] = _sleep
        if wanted.nights:
            database.clock = clock = SettableClock(database.clock.now())
            folders = folders_of(program, settings.home, os.environ)
            pause = Nights(database, program, folders, clock, wanted.patience_seconds).pass_one
        if wanted.listen is not None:
            inbox, url = await stack.enter_async_context(listening("127.0.0.1", wanted.listen, wanted.patience_seconds))
            posts = inbox.first
            say(f"Waiting for webhooks at {url}")
        yield (
            Trial(
                system=systems.of(program),
                member=MemberReference(number, wanted.name),
                clock=database.clock,
                scale=program.scale,
                stranger=wanted.stranger,
                tiers=frozenset(tier.code for tier in program.tiers),
                line=line,
                posts=posts,
                patience_seconds=wanted.patience_seconds,
                pause=pause,
            ),
            systems,
        )


async def _run(trial: Trial, systems: BrandSystems, only: Sequence[str]) -> tuple[Result, ...]:
    """The suite under a progress bar on the error stream; each result is said as soon as it is there."""
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

        return await suite.run(trial, systems, only=only, seen=seen)


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
    if not report.good:
        complain(told)
        raise typer.Exit(1)
    say(told + (" A part certifies nothing, and is not kept." if report.only else ""))


def _kept(report: Report, program: brands.Program, who: str) -> Certification:
    return Certification(
        id=new_id(),
        program_id=program.id,
        certified_by=who,
        started_at=report.started_at,
        finished_at=report.finished_at,
        passed=report.count(Outcome.PASSED),
        failed=report.count(Outcome.FAILED),
        skipped=report.count(Outcome.SKIPPED),
        undecided=report.count(Outcome.OPEN),
        report_digest=bytes.fromhex(reports.digest(report)),
        adapter_digest=adapter_digest(program.adapter),
    )


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
