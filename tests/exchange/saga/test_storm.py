"""The storm in small; see `storm.py` for its full size."""

import asyncio
from pathlib import Path

from core.postgres import private_postgres
from tests.exchange.saga.storm import blow, check, open_storm


async def test_the_storm(tmp_path: Path) -> None:
    """Every exchange ends or waits for persons; all books agree with every brand's own statement and are whole."""
    server = private_postgres(tmp_path, durable=False)
    url = await asyncio.to_thread(server.__enter__)
    try:
        async with open_storm(url, tmp_path) as storm:
            await storm.enrol(30)
            await blow(storm, 150, kill_every_seconds=3)
            ends = await check(storm)
            assert sum(ends.values()) == 150
            assert storm.kills >= 2
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)
