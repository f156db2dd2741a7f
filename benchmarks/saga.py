"""`agio bench saga`: exchanges between two brands with systems of their own, one worker and two.

Both brands are simulators without faults, reached over HTTP in a process beside. Exchanges are accepted before, and
their jobs are held back until all workers stand ready, so that nobody's start is measured; then it counts how fast
nine tenths are carried from HELD to COMPLETED, by the instants of their histories (the last ones wait for each other):
two calls over HTTP and three durable commits each, which many exchanges share. One worker and two take turns, and the
median of the rounds' ratios counts.

The brands act half a second after they are called, as systems do that stand behind a gateway and a host of their own;
nothing else differs between one worker and two. The same is measured with brands that act at once, where only
processors count: the workers', and PostgreSQL's and the brands' own, which share the machine with them.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

import brands
import exchange
from adapters.simulator.books import Member
from adapters.simulator.brand import BrandSimulator
from adapters.simulator.faults import Fault, FaultKind
from adapters.simulator.terms import Terms
from benchmarks.machine import describe_machine, describe_server
from benchmarks.processors import cpu_seconds, postgres_seconds
from benchmarks.registry import Options
from benchmarks.report import Goal, Report
from benchmarks.scratch import scratch_home
from core.database import Connection, Database
from core.errors import AgioError, Refusal
from core.migrate import migrate
from core.postgres import private_postgres
from core.secrets import root_secret
from members import ImportReport, MemberKeys, import_file, memberships_by_number

PROGRAMS: Final = ("RAIL", "FERRY")
KEY: Final = "bench"
MEMBERS: Final = 50
AMOUNT: Final = 100
ROUNDS: Final = 3
LATENCY_SECONDS: Final = 0.5
START_SECONDS_MAX: Final = 60.0
SETTLE_SECONDS: Final = 1.0
"""From a worker's first sign of life until it asks for jobs."""
_NAMES: Final = {"": ("one_worker", "two_workers"), "_at_once": ("one_at_once", "two_at_once")}
"""By what a ratio's name ends in, the figures that it divides."""
RATIO: Final = "saga.two_workers_vs_one"

_BRAND: Final = """
[brands.{brand}]
name = "{brand}"
kind = "brand"
participant = true
net_debit_cap = "1000000000.00"

[programs.{program}]
name = "{program}"
brand = "{brand}"
scale = 0
time_zone = "Asia/Shanghai"
opening_value = "0.04"
tiers.base = {{ name = "Base", level = 1 }}
expiry.never = true
rate = {{ sell = "0.05", buy = "0.06", fee_bp = 100 }}
limits = {{ min = 1, max = 1000000, step = 1, member_day = 100000000 }}

[programs.{program}.member_file.columns]
number = "number"
tier = "tier"
balance = "balance"
enrolled_on = "enrolled on"
phone = "phone"

[programs.{program}.adapter]
kind = "simulator"
url = "http://127.0.0.1:1"
authentication = {{ kind = "header", header = "Authorization", prefix = "Bearer ", secret = "api-key" }}

[programs.{program}.adapter.capabilities]
book_of_record = "brand"
timing = "realtime"
longest_delay_hours = 24
inquiry = true
not_found_final_after_seconds = 60
reversal = true
partial_reversal = true
concurrency_max = 1000
deadline_seconds = 10
"""

_COMPLETED: Final = """
SELECT count(*) AS done, percentile_disc(0.9) WITHIN GROUP (ORDER BY recorded_at) AS last
FROM exchange_history WHERE state = 'COMPLETED' AND exchange_id = ANY($1::uuid[])
"""

# What a worker writes before it takes its first job.
_READY: Final = "SELECT count(DISTINCT worker_id) FROM exchange_guard WHERE reported_at > $1"

_HOLD: Final = "LOCK TABLE pgqueuer IN SHARE MODE"

_WAITING: Final = "SELECT count(*) FROM exchange_errand WHERE due_at IS NOT NULL"

_CALLS: Final = """
SELECT coalesce(avg(extract(epoch FROM answered_at - called_at) * 1000), 0)::float8
FROM exchange_call AS call JOIN exchange_answer AS answer ON answer.call_id = call.id
JOIN exchange_errand AS errand ON errand.id = call.errand_id WHERE errand.exchange_id = ANY($1::uuid[])
"""


class Unprepared(AgioError):
    """What is to be measured could not be made ready."""


@dataclass(frozen=True, slots=True)
class _Stage:
    database: Database
    url: str
    environment: Mapping[str, str]
    simulators: Sequence[BrandSimulator]
    members: Sequence[UUID]

    def delay(self, seconds: float) -> None:
        """Let the brands act so long after they are called."""
        latency = (Fault(kind=FaultKind.LATENCY, seconds=seconds),) if seconds else ()
        for simulator in self.simulators:
            simulator.faults.set(latency)


async def run(options: Options) -> Report:
    """Accept, carry on with one worker, accept, carry on with two, round after round."""
    count, turns = (1_600, 1) if options.quick else (4_000, ROUNDS)
    with scratch_home() as home, private_postgres(home) as url:
        await migrate(url)
        async with _staged(url, home) as stage:
            rounds: list[dict[str, float]] = []
            for turn in range(1, turns + 1):
                options.progress(f"round {turn} of {turns}, {count} exchanges by one worker, then by two")
                rounds.append(await _round(stage, count))
            async with stage.database.connection() as connection:
                machine = {**describe_machine(), **await describe_server(connection)}
    figures = {name: median(found[name] for found in rounds) for name in rounds[0]}
    ratios = {f"{RATIO}{kind}": median(_ratio(found, kind) for found in rounds) for kind in _NAMES}
    return Report("saga", machine, figures, ratios, {RATIO: Goal(least=1.5)})


def _ratio(found: Mapping[str, float], kind: str) -> float:
    one, two = _NAMES[kind]
    return found[f"{two}.exchanges"] / found[f"{one}.exchanges"]


async def _round(stage: _Stage, count: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for names, seconds in zip(_NAMES.values(), (LATENCY_SECONDS, 0.0), strict=True):
        stage.delay(seconds)
        for workers, name in enumerate(names, 1):
            # Slow brands need more: 400 exchanges begin together, and only later ones are spread evenly.
            measures = await _measured(stage, count if seconds else count // 2, workers)
            found |= {f"{name}.{measure}": value for measure, value in measures.items()}
    return found


async def _measured(stage: _Stage, count: int, workers: int) -> dict[str, float]:
    ids = await _accepted(stage, count)
    hired: list[asyncio.subprocess.Process] = []
    try:
        released_at = await _all_ready(stage, hired, workers)
        async with stage.database.connection() as connection:
            busy = -sum(cpu_seconds(worker.pid) for worker in hired)
            server, simulators = -await postgres_seconds(connection), -time.process_time()
            while await connection.fetchval(_WAITING):  # noqa: ASYNC110 - the workers are other processes
                await asyncio.sleep(0.2)
            busy += sum(cpu_seconds(worker.pid) for worker in hired)
            server, simulators = server + await postgres_seconds(connection), simulators + time.process_time()
            found = await connection.fetchrow(_COMPLETED, ids)
            if found is None or found["done"] < count:
                raise Unprepared("not all exchanges were completed")
            call_ms = await connection.fetchval(_CALLS, ids)
    finally:
        for worker in hired:
            worker.send_signal(signal.SIGINT)
            await worker.wait()
    seconds = (found["last"] - released_at).total_seconds()
    used = {"worker": busy, "postgres": server, "simulators": simulators}
    return {
        "exchanges": 0.9 * count / seconds,
        "call_ms": call_ms,
        **{f"{name}_cpu_ms": 1_000 * spent / count for name, spent in used.items()},
    }


async def _all_ready(stage: _Stage, hired: list[asyncio.subprocess.Process], workers: int) -> datetime:
    """Hire workers, and let none take a job before all could; when they all might. Raises Unprepared."""
    end = time.monotonic() + START_SECONDS_MAX
    async with stage.database.transaction() as connection:
        await connection.execute(_HOLD)
        since = await connection.fetchval("SELECT clock_timestamp()")
        hired.extend([await _hire(stage) for _ in range(workers)])
        while await connection.fetchval(_READY, since) < workers:
            if time.monotonic() > end:
                raise Unprepared("the workers did not start")
            await asyncio.sleep(0.1)
        await asyncio.sleep(SETTLE_SECONDS)
        released_at: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return released_at


async def _hire(stage: _Stage) -> asyncio.subprocess.Process:
    command = "from gateway.cli import main; main()"
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", command, "worker", env=dict(stage.environment), stdout=asyncio.subprocess.DEVNULL
    )


async def _accepted(stage: _Stage, count: int) -> list[UUID]:
    made: list[UUID] = []
    while len(made) < count:
        size = min(count - len(made), 500)
        askers = [stage.members[number % len(stage.members)] for number in range(size)]
        offers = await exchange.quote_many(
            stage.database, [exchange.QuoteRequest(asker, *PROGRAMS, AMOUNT) for asker in askers]
        )
        orders = [
            exchange.Acceptance(offer.id, offer.member_id, f"{offer.id}")
            for offer in offers
            if isinstance(offer, exchange.Quote)
        ]
        found = await exchange.accept_many(stage.database, orders)
        accepted = [one.id for one in found if isinstance(one, exchange.Exchange)]
        if len(accepted) < size:
            refused = {str(it) for it in (*offers, *found) if isinstance(it, Refusal)}
            message = f"{size - len(accepted)} of {size} exchanges were refused: {sorted(refused)[:3]}"
            raise Unprepared(message)
        made += accepted
    return made


@asynccontextmanager
async def _staged(url: str, home: Path) -> AsyncIterator[_Stage]:
    database = await Database.connect(url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        environment = {**os.environ, "DATABASE_URL": url, "AGIO_HOME": str(home)}
        simulators = [BrandSimulator(Terms(program=program, key=KEY, magic_amounts=False)) for program in PROGRAMS]
        for program, simulator in zip(PROGRAMS, simulators, strict=True):
            environment[f"AGIO_BRAND_{program}_URL"] = await stack.enter_async_context(simulator.serving())
            environment[f"AGIO_BRAND_{program}_API_KEY"] = KEY
        members = await _members(database, home, simulators)
        yield _Stage(database, url, environment, simulators, members)


async def _members(database: Database, home: Path, simulators: Sequence[BrandSimulator]) -> list[UUID]:
    parsed = [brands.parse_network(_BRAND.format(brand=it.lower(), program=it).encode()) for it in PROGRAMS]
    applied = await brands.apply_all(database, [it for it in parsed if isinstance(it, brands.BrandConfig)])
    if not isinstance(applied, brands.Applied):
        raise Unprepared("the network is not put into force")
    keys = MemberKeys.from_root(root_secret(home))
    numbers = [f"M{number:05}" for number in range(MEMBERS)]
    for program, simulator in zip(PROGRAMS, simulators, strict=True):
        simulator.open_members(*(Member(number, 1_000_000_000) for number in numbers))
        path = home / f"{program}.csv"
        # The same phone at both brands is the same person.
        rows = (f"{number},base,0,2024-01-01,1380013{place:04}" for place, number in enumerate(numbers))
        path.write_text("\n".join(("number,tier,balance,enrolled on,phone", *rows)))
        report = await import_file(database, keys, program.lower(), path)
        if not isinstance(report, ImportReport):
            message = f"{path.name}: {report}"
            raise Unprepared(message)
    async with database.connection() as connection:
        return await _joined(connection, numbers)


async def _joined(connection: Connection, numbers: Sequence[str]) -> list[UUID]:
    """The members behind the cards."""
    program = (await brands.directory(connection)).program(PROGRAMS[0])
    assert program is not None, "it was just put into force"
    cards = await memberships_by_number(connection, [(program.id, number) for number in numbers])
    return [card.member_id for card in cards.values()]
