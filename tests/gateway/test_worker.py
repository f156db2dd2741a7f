"""The worker's jobs."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from gateway.worker import JOBS, Job, run_once, work


async def test_every_job_can_run_on_an_empty_database_and_finds_nothing(database: Database) -> None:
    assert [await run_once(job, database) for job in JOBS] == [0] * len(JOBS)


async def test_months_are_opened_ahead(pinned_database: Database, clock: SettableClock, superuser: Connection) -> None:
    """When a month begins, the third after it is opened, for transfers and for balances."""
    opens = (
        "SELECT to_regclass('ledger_transfer_' || $1) IS NOT NULL AND to_regclass('ledger_balance_' || $1) IS NOT NULL"
    )
    job = next(job for job in JOBS if job.name == "open months")
    clock.set(datetime(2040, 11, 30, 23, 59, 59, tzinfo=UTC))
    await run_once(job, pinned_database)
    assert [await superuser.fetchval(opens, month) for month in ("2041_02", "2041_03")] == [True, False]
    clock.advance(timedelta(seconds=1))
    await run_once(job, pinned_database)
    assert await superuser.fetchval(opens, "2041_03")


async def test_a_failure_of_the_machinery_is_tried_again_later(database: Database) -> None:
    async def broken(_: Database) -> int:
        raise asyncpg.ConnectionDoesNotExistError("gone")

    assert await run_once(Job("broken", 1, broken), database) == 0


async def test_a_bug_is_raised_by_the_one_run(database: Database) -> None:
    async def wrong(_: Database) -> int:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await run_once(Job("wrong", 1, wrong), database)


async def test_a_job_with_a_bug_is_told_and_does_not_end_its_neighbours(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """The worker may run beside a server, as in `agio demo`: one job's bug must end neither."""
    runs: list[str] = []
    seen = asyncio.Event()

    async def wrong(_: Database) -> int:
        raise KeyError("x")

    async def right(_: Database) -> int:
        runs.append("right")
        if len(runs) == 3:
            seen.set()
        return 1

    working = asyncio.create_task(work(database, [Job("wrong", 1, wrong), Job("right", 1, right)]))
    await seen.wait()
    assert not working.done()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert [record.message for record in caplog.records if record.exc_info] == [
        "wrong failed, and is tried again later"
    ]
