"""`agio bench ledger`: posting in batches against one transaction each and against COPY, in one run on one database.

Every figure is in transfers per second, unless its name says otherwise. Figures that a ratio compares are measured in
turns, several rounds each; ids and transfers are made before the clock runs.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from benchmarks.crowd import FUNDS, Crowd, Spread
from benchmarks.machine import Machine, describe_machine, describe_server
from benchmarks.pace import Contestant, Rates, Stopwatch, in_turns, middle, ratio
from benchmarks.plain import COPY_ROWS, CopySource, Crew, prepare, transfer_one_by_one
from benchmarks.posting import Posters, post_in_batches, post_singly
from benchmarks.registry import Options
from benchmarks.report import Goal, Report
from benchmarks.scratch import scratch_database
from core.database import Database
from core.garbage import keep_what_is_there
from core.scratch import connect_as_owner
from ledger import Transfer

MEMBERS, MEMBERS_QUICK = 10_000, 2_000
SIZES = (1, 32, 1_000, 8_000)
CALLERS = 256
CONNECTIONS = 16

QUICK_SECONDS = 36
_ROUNDS, _ROUNDS_QUICK = 15, 7

GOALS = {
    "zipf1000_vs_single": Goal(least=10),
    "zipf1000_vs_copy": Goal(least=0.1),
    "hot_vs_uniform": Goal(least=0.9),
    "hot2_vs_hot1": Goal(least=0.9),
    "one_vs_plain": Goal(least=0.8),
    "lots_vs_none": Goal(least=0.5),
    "singles256_vs_batch1000": Goal(least=0.4),
}


@dataclass(frozen=True, slots=True)
class _Stage:
    """What is set up before anything is measured."""

    database: Database
    members: Crowd
    holders: Crowd
    """The same with lots."""
    singles: Crew
    posters: Posters
    source: CopySource
    machine: Machine


async def run(options: Options) -> Report:
    """Measure everything."""
    async with AsyncExitStack() as stack:
        with Stopwatch() as watch:
            stage = await _set_up(stack, options)
            keep_what_is_there()  # as a server does
        # A quick run shares out what is left of its time; half of it goes into making transfers.
        left = (QUICK_SECONDS - watch.seconds) / 2
        seconds = max(left / _slices(stage), 0.05) if options.quick else 0.7
        compared = await _compared(stage, options, seconds)
        figures = await _grid(stage, options, seconds) | middle(compared)
    return Report("ledger", stage.machine, figures, _ratios(compared), GOALS)


async def _set_up(stack: AsyncExitStack, options: Options) -> _Stage:
    options.progress("starting a PostgreSQL of its own")
    url = await stack.enter_async_context(scratch_database())
    database = await Database.connect(url)
    stack.push_async_callback(database.close)
    options.progress("opening accounts")
    size = MEMBERS_QUICK if options.quick else MEMBERS
    members, holders = Crowd(size), Crowd(size, lots=True)
    await members.open(database)
    await holders.open(database)
    await post_in_batches(database, members.transfers(Spread.UNIFORM, COPY_ROWS), SIZES[-1])
    singles = await Crew.connect(url, CONNECTIONS)
    stack.push_async_callback(singles.close)
    posters = await Posters.start(url, 2, [str(member.id) for member in members.members])
    stack.push_async_callback(posters.stop)
    machine = await _prepare_references(url, members)
    return _Stage(database, members, holders, singles, posters, CopySource(url), machine)


async def _prepare_references(url: str, members: Crowd) -> Machine:
    connection = await connect_as_owner(url)
    try:
        await prepare(connection, members.members, FUNDS)
        await connection.execute("vacuum analyze")
        return describe_machine() | await describe_server(connection)
    finally:
        await connection.close()


def _slices(stage: _Stage) -> int:
    """How many rounds a quick run consists of; finding out how much one of them can do counts as one more."""
    compared = sum(len(contestants) for contestants in _contests(stage).values())
    return (_ROUNDS_QUICK + 1) * compared + 2 * 2 * len(SIZES) * len(Spread)


async def _compared(stage: _Stage, options: Options, seconds: float) -> Rates:
    """The rates that the ratios are made of, in groups that are measured in turns."""
    rates: dict[str, Sequence[float]] = {}
    for title, contestants in _contests(stage).items():
        options.progress(title)
        rounds = _ROUNDS_QUICK if options.quick else _ROUNDS
        rates |= await in_turns(contestants, seconds=seconds, rounds=rounds)
    return rates


def _contests(stage: _Stage) -> dict[str, dict[str, Contestant]]:
    zipf = partial(stage.members.transfers, Spread.ZIPF)
    return {
        # While both histories are equally long: those of batches grow by a thousandfold.
        "a batch of one against a plain transaction": {
            "uniform.1": _batches(stage, partial(stage.members.transfers, Spread.UNIFORM), 1),
            "single.1_connection": _by(
                partial(transfer_one_by_one, stage.database), partial(stage.members.transfers, Spread.UNIFORM)
            ),
        },
        "batches of 1,000 against one transaction each, COPY and single calls": {
            "zipf.1000": _batches(stage, zipf, 1_000),
            "single.16_connections": _by(stage.singles.do, zipf),
            "copy": Contestant(stage.source.copy, COPY_ROWS),
            "singles.256_callers": _by(partial(post_singly, stage.database, callers=CALLERS), zipf),
        },
        "one hot account against many": {
            "uniform.1000": _batches(stage, partial(stage.members.transfers, Spread.UNIFORM), 1_000),
            "hot.1000": _batches(stage, partial(stage.members.transfers, Spread.HOT), 1_000),
        },
        "two processes on the same hot account against one": {
            "hot.1000.1_process": Contestant(partial(stage.posters.post, size=1_000, among=1), 1_000),
            "hot.1000.2_processes": Contestant(partial(stage.posters.post, size=1_000, among=2), 2_000),
        },
        "with lots against without": {
            "lots.1000": _batches(stage, stage.holders.comings_and_goings, 1_000),
            "no_lots.1000": _batches(stage, stage.members.comings_and_goings, 1_000),
        },
    }


def _batches(stage: _Stage, make: Callable[[int], Sequence[Transfer]], size: int, in_flight: int = 1) -> Contestant:
    work = partial(post_in_batches, stage.database, size=size, in_flight=in_flight)
    return _by(work, make, size * in_flight)


def _by(
    work: Callable[[Sequence[Transfer]], Awaitable[float]], make: Callable[[int], Sequence[Transfer]], size_min: int = 1
) -> Contestant:
    async def measured(count: int) -> float:
        return await work(make(count))

    return Contestant(measured, size_min)


async def _grid(stage: _Stage, options: Options, seconds: float) -> dict[str, float]:
    """Every spread, size of batch and number of batches in flight, as far as not measured already."""
    rounds = 1 if options.quick else 3
    figures: dict[str, float] = {}
    for spread in Spread:
        options.progress(f"batches of {', '.join(map(str, SIZES))}, {spread.value}")
        make = partial(stage.members.transfers, spread)
        contestants = {
            f"{spread.value}.{size}" + (".2_in_flight" if in_flight > 1 else ""): _batches(stage, make, size, in_flight)
            for size in SIZES
            for in_flight in (1, 2)
        }
        figures = middle(await in_turns(contestants, seconds=seconds, rounds=rounds)) | figures
    return figures


def _ratios(rates: Rates) -> dict[str, float]:
    return {name: ratio(rates, over, under) for name, (over, under) in _COMPARED.items()}


_COMPARED = {
    "zipf1000_vs_single": ("zipf.1000", "single.16_connections"),
    "zipf1000_vs_copy": ("zipf.1000", "copy"),
    "hot_vs_uniform": ("hot.1000", "uniform.1000"),
    "hot2_vs_hot1": ("hot.1000.2_processes", "hot.1000.1_process"),
    "one_vs_plain": ("uniform.1", "single.1_connection"),
    "lots_vs_none": ("lots.1000", "no_lots.1000"),
    "singles256_vs_batch1000": ("singles.256_callers", "zipf.1000"),
}
"""What is divided by what."""
