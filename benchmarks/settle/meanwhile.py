"""How long exchanges take before and while windows are closed."""

import asyncio
import gc
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from benchmarks.settle.trading import Taken, Traders
from core.errors import AgioError
from exchange.offers import Quote

CLOSES: Final = 40
"""How many windows are closed, the first one with all that was traded before; a close or two would be luck."""

PAUSE_SECONDS: Final = 0.05
"""Between two closes."""

QUOTES_PER_SECOND: Final = 1_500
"""How many are made ready for each second that exchanges are measured."""


class NotAnswered(AgioError):
    """No exchange was answered while it was measured, or no window closed."""


async def p99(url: str, traders: Traders, calm_seconds: float) -> dict[str, float]:
    """Of exchanges by many callers, `before` and while windows are `closing`, by a process of its own; seconds."""
    quotes = await traders.quotes(int((2 * calm_seconds + CLOSES / 5) * QUOTES_PER_SECOND))
    gc.collect()
    gc.freeze()  # as the server does: what lives on is not looked at again and again
    try:
        async with _closer(url) as closer:
            return await _measured(closer, traders, quotes, calm_seconds)
    finally:
        gc.unfreeze()


async def _measured(closer: Process, traders: Traders, quotes: Sequence[Quote], calm: float) -> dict[str, float]:
    until = asyncio.Event()
    measuring = asyncio.create_task(traders.latencies(quotes, until))
    await asyncio.wait({measuring}, timeout=calm / 4)  # until everything has been done once
    calm_from = time.perf_counter()
    await asyncio.wait({measuring}, timeout=calm)
    calm_until = time.perf_counter()
    closes = []
    for _ in range(CLOSES):
        closes.append(await _close(closer))
        await asyncio.wait({measuring}, timeout=PAUSE_SECONDS)
    until.set()
    found = await measuring
    return {
        "before": _percentile([taken for taken in found if taken.overlaps(calm_from, calm_until)]),
        "closing": _percentile([taken for taken in found if any(taken.overlaps(*it) for it in closes)]),
    }


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
