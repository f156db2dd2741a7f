"""`agio worker`: what has to happen without anybody asking."""

import asyncio
from typing import Annotated

import typer

from core.database import Database
from core.settings import Settings
from gateway.certifying_jobs import certifying_job
from gateway.cli.printing import AsJson, say, show
from gateway.cli.running import run
from gateway.couriers import delivering
from gateway.drop_files import files_job
from gateway.sagas import carry_on, carry_on_once, saga_worker
from gateway.settings import GatewaySettings
from gateway.worker import JOBS, Job, run_once, work


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: agio worker --once")(worker)


def worker(
    *,
    once: Annotated[bool, typer.Option("--once", help="Run every job until it finds nothing more, then end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Call brands, deliver webhooks, expire points and seal the books, until Ctrl-C. Any number of workers may run."""
    if once:
        show([{"job": name, "done": done} for name, done in run(_all_once)], as_json=as_json)
        return
    say("Working; Ctrl-C ends it.")
    run(_forever, kept=True)


async def _all_once(database: Database, _: Settings) -> list[tuple[str, int]]:
    settings = GatewaySettings.from_environment()
    exchanges = Job("carry exchanges on", 1.0, lambda _: carry_on_once(settings, database))
    async with delivering(settings, database) as further:
        return [(job.name, await _drained(job, database)) for job in (*JOBS, *_others(settings), exchanges, *further)]


def _others(settings: GatewaySettings) -> tuple[Job, ...]:
    return files_job(settings), certifying_job(settings)


async def _drained(job: Job, database: Database) -> int:
    total = 0
    while done := await run_once(job, database):
        total += done
    return total


async def _forever(database: Database, _: Settings) -> None:
    await work_on(GatewaySettings.from_environment(), database)


async def work_on(settings: GatewaySettings, database: Database) -> None:
    """All that a worker does, until cancelled."""
    async with (
        delivering(settings, database) as further,
        saga_worker(settings, database) as sagas,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(carry_on(sagas, database))
        group.create_task(work(database, [*further, *_others(settings)]))
