"""A process that posts random operations and writes down what it sent and what it was answered.

`python -m tests.ledger.history_process URL SEED OPERATIONS OUTPUT singly|batches`
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import msgspec

from core.clock import SystemClock
from core.coalesce import Coalescer
from core.database import Database
from ledger import Outcome, Transfer, post
from tests.ledger.operations import HOT, Operations

CALLERS = 40
BATCH_MAX = 80


class Recorded(msgspec.Struct):
    """A batch as it was committed."""

    batch: list[Transfer]
    outcomes: list[Outcome]


class Sender:
    """Posts, and remembers in which batches."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.operations = Operations(seed)
        self.random = Random(seed)  # noqa: S311 - the same sizes every time
        self.recorded: list[Recorded] = []

    async def post(self, groups: Sequence[list[Transfer]]) -> list[list[Outcome]]:
        """Post groups of linked transfers in one transaction."""
        batch = [transfer for group in groups for transfer in group]
        async with self.database.transaction() as connection:
            outcomes = await post(connection, batch, accounts=HOT, clock=self.database.clock)
        self.recorded.append(Recorded(batch, outcomes))
        answers = iter(outcomes)
        return [[next(answers) for _ in group] for group in groups]

    async def in_batches(self, count: int) -> None:
        """Post `count` operations in batches of random sizes, one after the other."""
        while count > 0:
            size = min(self.random.randint(1, BATCH_MAX), count)
            await self.post([self.operations.batch(size, SystemClock().now())])
            count -= size

    async def singly(self, count: int) -> None:
        """Post `count` operations one by one, from many callers at the same time, through a coalescer."""
        coalescer = Coalescer(self.post, batch_max=BATCH_MAX, in_flight_max=2)
        left = iter(range(count))

        async def call() -> None:
            for _ in left:
                await coalescer(self.operations.next(SystemClock().now()))

        await asyncio.gather(*(call() for _ in range(CALLERS)))


async def send(url: str, seed: int, operations: int, manner: str) -> list[Recorded]:
    """Send that many operations; what was recorded."""
    database = await Database.connect(url, pool_size_max=4)
    sender = Sender(database, seed)
    await (sender.singly if manner == "singly" else sender.in_batches)(operations)
    await database.close()
    return sender.recorded


def main(url: str, seed: str, operations: str, output: str, manner: str) -> None:
    """Send, then write down."""
    recorded = asyncio.run(send(url, int(seed), int(operations), manner))
    Path(output).write_bytes(msgspec.msgpack.encode(recorded))


if __name__ == "__main__":
    main(*sys.argv[1:])
