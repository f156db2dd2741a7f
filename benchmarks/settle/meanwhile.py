"""How long exchanges take while windows are closed, and in between.

By turns: a close, then as long a stretch without one. So each side has as many exchanges, and a checkpoint, another
program or a machine that grows warm falls on both alike.
"""

import asyncio
import gc
import sys
import time
from asyncio.subprocess import PIPE, Process
from bisect import bisect_right
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from operator import itemgetter
from typing import Final, TypeAlias

from benchmarks.settle.trading import Taken, Traders
from core.errors import AgioError
from exchange.offers import Quote

WARM_SECONDS: Final = 0.5
"""Until everything has been done once."""

PAUSE_SECONDS: Final = 0.04
"""After a stretch, until what was under way has been answered."""

TURN_SECONDS: Final = 0.14
"""Most turns take less."""

FIRST_SECONDS: Final = 8.0
"""The first close counts all that was traded before."""

QUOTES_PER_SECOND: Final = 1_600
"""How many are made ready for each second that exchanges are measured."""

_Stretch: TypeAlias = tuple[float, float]


class NotAnswered(AgioError):
    """No exchange was answered while it was measured, or no window closed."""


async def p99(url: str, traders: Traders, closes: int) -> dict[str, float]:
    """Of exchanges by many callers, `before` and while windows are `closing`, by a process of its own; seconds.

    The first of the windows holds all that was traded before.
    """
    quotes = await traders.quotes(int((FIRST_SECONDS + closes * TURN_SECONDS) * QUOTES_PER_SECOND))
    gc.collect()
    gc.freeze()  # as the server does: what lives on is not looked at again and again
    try:
        async with _closer(url) as closer:
            return await _measured(closer, traders, quotes, closes)
    finally:
        gc.unfreeze()


async def _measured(closer: Process, traders: Traders, quotes: Sequence[Quote], count: int) -> dict[str, float]:
    until = asyncio.Event()
    measuring = asyncio.create_task(traders.latencies(quotes, until))
    await asyncio.wait({measuring}, timeout=WARM_SECONDS)
    closes, calms = list[_Stretch](), list[_Stretch]()
    for _ in range(count):
        begun, ended = await _close(closer)
        closes.append((begun, ended))
        await asyncio.wait({measuring}, timeout=PAUSE_SECONDS)
        calm_from = time.perf_counter()
        await asyncio.wait({measuring}, timeout=ended - begun)
        calms.append((calm_from, time.perf_counter()))
        await asyncio.wait({measuring}, timeout=PAUSE_SECONDS)
    if measuring.done():
        raise NotAnswered("the quotes did not last until the last close")
    until.set()
    return _percentiles(await measuring, closes, calms)


def _percentiles(found: Sequence[Taken], closes: Sequence[_Stretch], calms: Sequence[_Stretch]) -> dict[str, float]:
    closing = [taken for taken in found if _meets(taken, closes)]
    before = [taken for taken in found if _meets(taken, calms) and not _meets(taken, closes)]
    return {"before": _percentile(before), "closing": _percentile(closing)}


def _meets(taken: Taken, stretches: Sequence[_Stretch]) -> bool:
    """Whether it was under way during one of the stretches, which are in order and apart."""
    place = bisect_right(stretches, taken.answered, key=itemgetter(0))
    return place > 0 and taken.overlaps(*stretches[place - 1])


@asynccontextmanager
async def _closer(url: str) -> AsyncIterator[Process]:
    command = (sys.executable, "-m", "benchmarks.settle.closing", url)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None, "it was asked for"
    assert process.stdout is not None, "it was asked for"
    await process.stdout.readline()
    try:
        yield process
    finally:
        process.stdin.close()
        await process.wait()


async def _close(closer: Process) -> tuple[float, float]:
    assert closer.stdin is not None, "it was asked for"
    assert closer.stdout is not None, "it was asked for"
    begun = time.perf_counter()
    closer.stdin.write(b"close\n")
    if not await closer.stdout.readline():
        raise NotAnswered("the process that closes windows has ended")
    return begun, time.perf_counter()


def _percentile(taken: Sequence[Taken]) -> float:
    if not taken:
        raise NotAnswered("no exchange was answered while it was measured")
    return sorted(it.seconds for it in taken)[int(len(taken) * 0.99)]
