"""`agio bench settle`: a window of a million exchanges among fifty brands, from open to stated; exchanges meanwhile.

The rows are those of real exchanges, written in bulk (`filling`). A process of its own settles: its memory is its own.
"""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.machine import describe_machine, describe_server
from benchmarks.registry import Options
from benchmarks.report import Goal, Report
from benchmarks.scratch import scratch_home
from benchmarks.settle.filling import fill
from benchmarks.settle.meanwhile import p99
from benchmarks.settle.network import BRANDS, bring_over, load_network
from benchmarks.settle.trading import Traders
from core.database import Database
from core.errors import AgioError
from core.migrate import migrate
from core.postgres import private_postgres
from core.scratch import connect_as_owner
from exchange.offers import Quote

EXCHANGES, EXCHANGES_QUICK = 1_000_000, 4_000
CLOSES, CLOSES_QUICK = 400, 150
"""How many windows are closed while exchanges are measured: with few, p99 is the worst batch of a handful."""

PEAK_MB_MAX: Final = 300
GOALS = {"settle.growth4": Goal(most=4.5), "settle.close_p99": Goal(most=1.5)}


class NotSettled(AgioError):
    """The process that settles has failed."""


@dataclass(frozen=True, slots=True)
class _Settled:
    """What the process that settles has told."""

    seconds: Mapping[str, float]
    lines: int
    peak_mb: float

    @property
    def total_seconds(self) -> float:
        """From open to stated."""
        return sum(self.seconds.values())


@dataclass(frozen=True, slots=True)
class _Stage:
    url: str
    home: Path
    database: Database
    traders: Traders
    quotes: Sequence[Quote]
    """One for everything that anybody wishes to exchange."""
    options: Options

    async def trade(self, count: int) -> None:
        """As many exchanges into the open window; then what autovacuum would have done meanwhile."""
        told = self.options.progress
        await fill(self.database, self.quotes, count, lambda done: told(f"{done:,} of {count:,} exchanges"))
        connection = await connect_as_owner(self.url)
        try:
            await connection.execute("vacuum analyze")
            await connection.execute("checkpoint")
        finally:
            await connection.close()

    async def settle(self, name: str) -> _Settled:
        """The open window, settled by a process of its own. Raises NotSettled."""
        self.options.progress(f"settling {name}")
        command = (sys.executable, "-m", "benchmarks.settle.settling", self.url, str(self.home / name))
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        printed, _ = await process.communicate()
        if process.returncode:
            message = f"{name} ended with {process.returncode}"
            raise NotSettled(message)
        return _Settled(**json.loads(printed))


async def run(options: Options) -> Report:
    """Measure a window, one of a quarter of its size, and exchanges while a third one is closed."""
    count = EXCHANGES_QUICK if options.quick else EXCHANGES
    with scratch_home() as home, private_postgres(home) as url:
        await migrate(url)
        database = await Database.connect(url)
        try:
            stage = await _begin(url, home, database, options)
            await stage.trade(count // 4)
            small = await stage.settle("a quarter")
            await stage.trade(count)
            large = await stage.settle("all")
            await stage.trade(count // 4)
            options.progress("exchanging while windows are closed")
            p99s = await p99(url, stage.traders, CLOSES_QUICK if options.quick else CLOSES)
            async with database.connection() as connection:
                machine = describe_machine() | await describe_server(connection)
        finally:
            await database.close()
    figures = _figures(count, small, large) | {f"settle.p99_{name}_ms": it * 1_000 for name, it in p99s.items()}
    ratios = {
        "settle.growth4": large.total_seconds / small.total_seconds,
        "settle.close_p99": p99s["closing"] / p99s["before"],
    }
    return Report("settle", machine, figures, ratios, GOALS, _faults(large))


async def _begin(url: str, home: Path, database: Database, options: Options) -> _Stage:
    options.progress(f"bringing over the members of {BRANDS} brands")
    await load_network(database)
    wishes = await bring_over(database, home)
    traders = Traders(database, wishes)
    return _Stage(url, home, database, traders, await traders.quotes(len(wishes)), options)


def _figures(count: int, small: _Settled, large: _Settled) -> dict[str, float]:
    return {
        "settle.exchanges": count,
        "settle.lines": large.lines,
        "settle.lines_per_second": large.lines / large.total_seconds,
        "settle.peak_mb": large.peak_mb,
        "settle.peak_mb_quarter": small.peak_mb,
        **{f"settle.{step}_seconds": taken for step, taken in large.seconds.items()},
        "settle.seconds": large.total_seconds,
        "settle.seconds_quarter": small.total_seconds,
    }


def _faults(large: _Settled) -> list[str]:
    return [f"{large.peak_mb:.0f} MB of memory, more than {PEAK_MB_MAX}"] if large.peak_mb > PEAK_MB_MAX else []
