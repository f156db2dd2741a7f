"""Putting a program's own system on trial and keeping what came of it, for the command and for the graph."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import orjson

import brands
from adapters.brand_systems.registry import open_brand_systems, unmapped_calls
from adapters.brand_systems.secrets import variable
from adapters.certification import report as reports
from adapters.certification import suite
from adapters.certification.inbox import listening
from adapters.certification.line import Line, open_line
from adapters.certification.nights import Nights
from adapters.certification.trial import Trial
from adapters.certification.verdict import Outcome, Report, Result
from adapters.drop.jobs import folders_of
from brands.certifications import Certification, adapter_digest, record
from core.clock import SettableClock
from core.database import Database
from core.errors import Refusal
from core.ids import new_id
from core.settings import Settings
from exchange.brand_system import BrandSystems, MemberReference

Seen = Callable[[Result], None]
Told = Callable[[str], None]
_MEMBERS = {brands.AdapterKind.SIMULATOR: "10000001"}
"""Whom a run is tried with when nobody is named."""
_CONNECT_SECONDS = 10
_PORTS = {"http": 80, "https": 443}


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
class NobodyAnswers(Refusal):
    """Nothing takes connections where the brand's system should be."""

    address: str

    @property
    def message(self) -> str:
        """With the address."""
        return f"Nothing takes connections at {self.address}: mend the address, or start the system."


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


def _nobody(result: Result) -> None:
    del result


def _unheard(sentence: str) -> None:
    del sentence


async def certified(
    database: Database, settings: Settings, wanted: Wanted, who: str, *, seen: Seen = _nobody, listens: Told = _unheard
) -> Report | Refusal:
    """Run the suite and keep the result; `seen` hears of each check, `listens` where webhooks are waited for."""
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
    address = _address(program)
    if address and not await _answers(address):
        return NobodyAnswers(address)
    async with _ready(database, settings, wanted, program, number, listens) as (trial, systems):
        results = _as_addressed(await suite.run(trial, systems, only=wanted.only, seen=seen), trial.line, program)
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


async def _answers(address: str) -> bool:
    """Whether something takes connections there at all; what it says is for the suite to find out."""
    place = urlsplit(address)
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(place.hostname, place.port or _PORTS.get(place.scheme))
    except OSError:  # a time-out is one
        return False
    writer.close()
    return True


@asynccontextmanager
async def _ready(
    database: Database, settings: Settings, wanted: Wanted, program: brands.Program, number: str, listens: Told
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
            listens(f"Waiting for webhooks at {url}")
        yield (
            Trial(
                system=systems.of(program),
                member=MemberReference(number, wanted.name),
                clock=database.clock,
                scale=program.scale,
                stranger=wanted.stranger,
                tiers=frozenset(tier.code for tier in program.tiers),
                unmapped=unmapped_calls(program),
                line=line,
                posts=posts,
                patience_seconds=wanted.patience_seconds,
                pause=pause,
            ),
            systems,
        )


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
        report=orjson.dumps(reports.as_json(report)).decode(),
    )
