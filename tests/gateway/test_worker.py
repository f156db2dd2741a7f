"""The worker's jobs."""

import asyncio

import asyncpg
import pytest

from core.database import Connection, Database
from gateway.worker import JOBS, Job, run_once, work


async def test_every_job_can_run_on_an_empty_database_and_finds_nothing(database: Database) -> None:
    assert [await run_once(job, database) for job in JOBS] == [0] * len(JOBS)


async def test_months_are_opened_ahead(database: Database, superuser: Connection) -> None:
    partitions = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'ledger_transfer'::regclass"
    await run_once(next(job for job in JOBS if job.name == "open months"), database)
    assert int(await superuser.fetchval(partitions)) >= 4


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
