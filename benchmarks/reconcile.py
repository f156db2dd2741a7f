"""`agio bench reconcile`: a brand's file of a month against as many lines of ours.

The whole command is measured: the file read and proved, its lines kept, matched and sorted into breaks, matches and
breaks written and committed (`lines_per_second`, `growth4`). Its reference is a plain COPY of both sides of the same
lines and a bare hash join on reference, asset and amount, which writes nothing (`vs_hash_join`). `match_vs_hash_join`
compares less: both sides laid out by COPY and matched by all rules, and nothing written either.
"""

import resource
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.machine import Machine, describe_machine, describe_server
from benchmarks.pace import Stopwatch
from benchmarks.registry import Options
from benchmarks.report import Goal, Report
from benchmarks.scratch import scratch_database
from benchmarks.statement import Sides, apply_programs, make_sides
from brands import Program, directory
from core.database import Connection, Database
from core.scratch import connect_as_owner
from settlement import Actor
from settlement.reconciliation.reconciling import Reconciled, reconcile_program
from settlement.reconciliation.set_matching import match_staged
from settlement.reconciliation.staging import OURS, THEIRS, open_staging

SIZE, SIZE_QUICK = 1_000_000, 80_000
GROWTH: Final = 4

GOALS = {"reconcile.vs_hash_join": Goal(least=0.2), "reconcile.growth4": Goal(most=4.5)}

_ACTOR: Final = Actor("benchmark")
_JOIN: Final = """
SELECT count(*) FROM bare_ours AS ours JOIN bare_theirs AS theirs USING (reference, asset, amount)
"""


async def run(options: Options) -> Report:
    """Make the lines, measure, compare."""
    size = SIZE_QUICK if options.quick else SIZE
    options.progress("starting a PostgreSQL of its own")
    with TemporaryDirectory(prefix="agio-bench-") as folder:
        async with scratch_database() as url:
            database, owner = await Database.connect(url), await connect_as_owner(url)
            try:
                return await _Bench(database, owner, Path(folder), options).run(size)
            finally:
                await owner.close()
                await database.close()


class _Bench:
    def __init__(self, database: Database, owner: Connection, folder: Path, options: Options) -> None:
        self._database, self._owner, self._folder, self._options = database, owner, folder, options
        self._faults: list[str] = []

    async def run(self, size: int) -> Report:
        await apply_programs(self._database, ["WARM", "SMALL", "LARGE"])
        self._options.progress("making lines")
        sizes = {"WARM": 2_000, "SMALL": size // GROWTH, "LARGE": size}
        sides = {code: await make_sides(self._owner, code, lines, self._folder) for code, lines in sizes.items()}
        await self._owner.execute("VACUUM ANALYZE")
        seconds = {code: await self._whole(it) for code, it in sides.items()}
        peak_mb = _peak_mb()
        for side in ("ours", "theirs"):
            query = f"SELECT * FROM {sides['LARGE'].tables}_{side}"
            await self._owner.copy_from_query(query, output=self._copied(side))
        joined = await self._timed("a bare hash join", partial(self._bare, sides["LARGE"]))
        matched = await self._timed("matching", partial(self._matching, sides["LARGE"]))
        figures = {
            "reconcile.lines_per_second": size / seconds["LARGE"],
            "reconcile.match_lines_per_second": size / matched,
            "reconcile.hash_join_lines_per_second": size / joined,
            "reconcile.peak_mb": peak_mb,
            "reconcile.lines": size,
        }
        ratios = {
            "reconcile.vs_hash_join": joined / seconds["LARGE"],
            "reconcile.match_vs_hash_join": joined / matched,
            "reconcile.growth4": seconds["LARGE"] / seconds["SMALL"],
        }
        return Report("reconcile", await self._machine(), figures, ratios, GOALS, self._faults)

    async def _timed(self, told: str, work: Callable[[], Awaitable[None]]) -> float:
        self._options.progress(told)
        await self._owner.execute("CHECKPOINT")
        with Stopwatch() as watch:
            await work()
        return watch.seconds

    async def _whole(self, sides: Sides) -> float:
        async def work() -> None:
            program = await self._program(sides)
            found = await reconcile_program(self._database, program, sides.file, _ACTOR, our_side=sides.lay_out)
            self._check(sides, found)

        return await self._timed(f"{sides.size:,} lines", work)

    def _check(self, sides: Sides, found: object) -> None:
        wrong = sides.size // 100
        if not isinstance(found, Reconciled):
            self._faults.append(f"The file of {sides.size:,} lines was refused: {found}.")
        elif (found.breaks_count, sum(found.matched.values())) != (wrong, sides.size - wrong):
            self._faults.append(f"{found.breaks_count:,} breaks in place of {wrong:,}: {found.matched}.")

    async def _bare(self, sides: Sides) -> None:
        """COPY from files, which are there already, and one join."""
        for side in ("ours", "theirs"):
            await self._owner.execute(f"CREATE TABLE bare_{side} (LIKE {sides.tables}_{side})")
            await self._owner.copy_to_table(f"bare_{side}", source=self._copied(side))
        await self._owner.fetchval(_JOIN)

    async def _matching(self, sides: Sides) -> None:
        del sides
        async with self._database.transaction() as connection:
            await open_staging(connection)
            for side, columns in (("ours", OURS), ("theirs", THEIRS)):
                await connection.copy_to_table(f"recon_{side}", columns=columns, source=self._copied(side))
            await match_staged(connection, {})

    async def _program(self, sides: Sides) -> Program:
        async with self._database.connection() as connection:
            found = (await directory(connection)).program(sides.code)
        assert found is not None
        return found

    def _copied(self, side: str) -> Path:
        return self._folder / f"{side}.copy"

    async def _machine(self) -> Machine:
        return describe_machine() | await describe_server(self._owner)


def _peak_mb() -> float:
    """The most memory that this process ever had, in MB; macOS counts in bytes, Linux in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
