"""A process that posts to a hot account as it is told: a JSON message a line on standard input, `done` in answer."""

import asyncio
import json
import random
import sys
from typing import Any
from uuid import UUID

from benchmarks.crowd import CODE
from benchmarks.posting import post_in_batches
from core.database import Database
from core.garbage import keep_what_is_there
from core.ids import new_id
from core.loop import loop_factory
from ledger import Transfer


def _heard() -> dict[str, Any] | None:
    line = sys.stdin.readline()
    return json.loads(line) if line else None


def _done() -> None:
    sys.stdout.write("done\n")
    sys.stdout.flush()


def _transfers(account_ids: list[UUID], count: int) -> list[Transfer]:
    hot, *others = account_ids
    return [Transfer(new_id(), hot, random.choice(others), random.randint(1, 100), CODE) for _ in range(count)]  # noqa: S311


async def main() -> None:
    """Connect; then for each order prepare the transfers, and post them when told to go."""
    greeting = _heard()
    assert greeting is not None, "the first message says where"
    database = await Database.connect(greeting["url"])
    account_ids = [UUID(text) for text in greeting["account_ids"]]
    keep_what_is_there()
    _done()
    while order := _heard():
        transfers = _transfers(account_ids, order["count"])
        _done()
        assert _heard() == {"go": True}
        await post_in_batches(database, transfers, order["size"])
        _done()
    await database.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main())
