"""A process that settles the open window, so that its memory is its own.

`python -m benchmarks.settle.settling URL FOLDER`

Prints one line of JSON: the seconds of each step, the lines of the statements, and the most memory it ever held.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Final

import settlement
from core.database import Database

MAKER: Final = settlement.Actor("maker")
CHECKER: Final = settlement.Actor("checker")

_KIB_PER_MB: Final = 1024


class _Steps:
    """Steps taken one after the other, with the seconds of each."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    async def take(self, name: str, step: Awaitable[object]) -> None:
        begun = time.perf_counter()
        answer = await step
        assert isinstance(answer, settlement.Window | settlement.Advice), answer
        self.seconds[name] = time.perf_counter() - begun


async def settle(database: Database, folder: Path) -> dict[str, object]:
    """From open to advised, by two persons."""
    window, steps = await settlement.current_window(database), _Steps()
    await steps.take("close", settlement.close(database, MAKER, window_id=window.id))
    await steps.take("reconcile", settlement.reconcile(database, window.id, MAKER))
    await steps.take("net", settlement.net(database, window.id, MAKER))
    await steps.take("submit", settlement.submit(database, window.id, MAKER, reason="benchmark"))
    digest = await _digest(database, window)
    approval = settlement.approve(database, window.id, CHECKER, digest=digest, reason="benchmark")
    await steps.take("approve", approval)
    await steps.take("state", settlement.advise(database, window.id, MAKER, folder=folder))
    async with database.connection() as connection:
        lines = await connection.fetchval(_LINES, window.id)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_PER_MB
    return {"seconds": steps.seconds, "lines": lines, "peak_mb": peak}


async def _digest(database: Database, window: settlement.Window) -> str:
    found = await settlement.overview(database, window.id)
    assert isinstance(found, settlement.Overview), found
    return found.figures.digest


async def _run(url: str, folder: Path) -> None:
    database = await Database.connect(url, pool_size_max=2)
    try:
        print(json.dumps(await settle(database, folder)), flush=True)
    finally:
        await database.close()


_LINES: Final = "SELECT coalesce(sum(lines), 0)::bigint FROM settlement_subtotal WHERE window_id = $1"


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], Path(sys.argv[2])))
