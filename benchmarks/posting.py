"""Posting as the ledger does it: in batches, several in flight, through coalescing, from several processes."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.pace import Stopwatch
from core.coalesce import Coalescer
from core.database import Database
from ledger import Outcome, Transfer, post

ROOT = Path(__file__).resolve().parent.parent


async def post_all(database: Database, transfers: Sequence[Transfer]) -> list[Outcome]:
    """Post a batch in a transaction of its own."""
    async with database.transaction() as connection:
        return await post(connection, transfers, clock=database.clock)


async def post_in_batches(database: Database, transfers: Sequence[Transfer], size: int, in_flight: int = 1) -> float:
    """The seconds it takes to post the transfers in batches of `size`, `in_flight` of them at a time."""
    batches = [transfers[start : start + size] for start in range(0, len(transfers), size)]
    todo = iter(batches)
    answers: list[list[Outcome]] = []

    async def work() -> None:
        for batch in todo:
            outcomes = await post_all(database, batch)
            answers.append(outcomes)

    with Stopwatch() as watch:
        await asyncio.gather(*(work() for _ in range(in_flight)))
    refused = next((outcome for outcomes in answers for outcome in outcomes if not outcome.ok), None)
    assert refused is None, refused
    return watch.seconds


async def post_singly(database: Database, transfers: Sequence[Transfer], callers: int) -> float:
    """The seconds it takes `callers` concurrent callers, each posting one transfer at a time through a Coalescer."""
    todo = iter(transfers)
    post_one: Coalescer[Transfer, Outcome] = Coalescer(lambda batch: post_all(database, batch), batch_max=1_000)

    async def call() -> None:
        for transfer in todo:
            outcome = await post_one(transfer)
            assert outcome.ok, outcome

    with Stopwatch() as watch:
        await asyncio.gather(*(call() for _ in range(callers)))
    return watch.seconds


class Posters:
    """Processes of their own that post batches to the crowd's hot account."""

    def __init__(self, processes: Sequence[asyncio.subprocess.Process]) -> None:
        self._processes = processes

    @classmethod
    async def start(cls, url: str, count: int, account_ids: Sequence[str]) -> "Posters":
        """Start `count` processes."""
        search_path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        posters = cls(
            [
                await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "benchmarks.posting_process",
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    env={**os.environ, "PYTHONPATH": search_path},
                )
                for _ in range(count)
            ]
        )
        await posters._tell(lambda _: {"url": url, "account_ids": list(account_ids)})
        return posters

    async def post(self, count: int, size: int, among: int) -> float:
        """The seconds it takes the first `among` processes to post `count` transfers, shared out evenly."""
        chosen = Posters(self._processes[:among])
        await chosen._tell(lambda _: {"count": count // among, "size": size})
        with Stopwatch() as watch:
            await chosen._tell(lambda _: {"go": True})
        return watch.seconds

    async def stop(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.stdin.close() if process.stdin else None
            await process.wait()

    async def _tell(self, message: Callable[[int], object]) -> None:
        for place, process in enumerate(self._processes):
            assert process.stdin is not None
            process.stdin.write(json.dumps(message(place)).encode() + b"\n")
        for process in self._processes:
            assert process.stdout is not None
            answer = await process.stdout.readline()
            assert answer == b"done\n", answer
