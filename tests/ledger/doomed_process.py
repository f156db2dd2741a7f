"""A process that posts until it is killed, and says before and after each step what it does.

`python -m tests.ledger.doomed_process URL SEED`. On standard output, a line of JSON each: the batch it is about to
post; `"posted"` when only the commit is missing; the outcomes when the commit has been acknowledged.
"""

import asyncio
import sys
from random import Random

import msgspec

from core.clock import SystemClock
from core.database import Database
from ledger import post
from tests.ledger.operations import HOT, Operations

BATCH_MAX = 120


def _say(message: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


async def main(url: str, seed: int) -> None:
    """Post and post."""
    database = await Database.connect(url, pool_size_max=1)
    operations, sizes = Operations(seed), Random(seed)  # noqa: S311 - the same operations every time
    while True:
        batch = operations.batch(sizes.randint(1, BATCH_MAX), SystemClock().now())
        _say(batch)
        async with database.transaction() as connection:
            outcomes = await post(connection, batch, accounts=HOT, clock=database.clock)
            _say("posted")
        _say(outcomes)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
