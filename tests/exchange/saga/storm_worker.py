"""A worker process of the storm: `agio worker` without the jobs that have nothing to do with exchanges."""

import asyncio
import sys

import uvloop

from core.database import Database
from core.faults import Fault, fault_of
from exchange.saga.jobs import sweep
from gateway.sagas import carry_on, saga_worker
from gateway.settings import GatewaySettings


async def work(url: str, sweep_seconds: float) -> None:
    """Until it is killed."""
    database = await Database.connect(url)
    async with saga_worker(GatewaySettings.from_environment(), database) as worker, asyncio.TaskGroup() as group:
        print("ready", flush=True)  # noqa: T201 - whoever kills us waits for it
        group.create_task(carry_on(worker, database))
        group.create_task(_sweep(database, sweep_seconds))


async def _sweep(database: Database, seconds: float) -> None:
    while True:
        try:
            await sweep(database)
        except Exception as error:
            if fault_of(error) is Fault.OWN:
                raise
        await asyncio.sleep(seconds)


if __name__ == "__main__":
    uvloop.run(work(sys.argv[1], float(sys.argv[2])))
