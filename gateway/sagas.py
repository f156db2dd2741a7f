"""The worker's part of exchanges with brands' own systems: who calls the brands."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from adapters.brand_systems.registry import open_brand_systems
from core.database import Database
from core.faults import Fault, fault_of
from core.jobs import SETTINGS
from core.secrets import root_secret
from exchange.saga.guard import Guards
from exchange.saga.jobs import due_exchanges
from exchange.saga.runner import Saga
from exchange.saga.worker import SagaWorker
from gateway.settings import GatewaySettings
from members import MemberKeys
from webhooks import WebhookOutbox

log = logging.getLogger("agio.sagas")

REST_SECONDS: Final = 1.0
"""Before a lost connection is opened again."""


@asynccontextmanager
async def saga_worker(settings: GatewaySettings, database: Database) -> AsyncIterator[SagaWorker]:
    """A worker on the brands' systems as they are configured."""
    async with open_brand_systems(database, settings.core.home) as systems:
        worker = SagaWorker(database, systems, outbox=WebhookOutbox(database.clock), keys=_keys(settings))
        try:
            yield worker
        finally:
            await worker.close()


async def carry_on(worker: SagaWorker, database: Database) -> None:
    """Work until cancelled, through every loss of the database."""
    while True:
        try:
            async with database.own_connection(**SETTINGS) as connection:
                await worker.run(connection)
        except* Exception as group:
            found = _first(group)
            if fault_of(found) is Fault.OWN:
                raise
            log.warning("exchanges wait: %s", type(found).__name__)
        await asyncio.sleep(REST_SECONDS)


async def carry_on_once(settings: GatewaySettings, database: Database) -> int:
    """Do all that is due now; how many exchanges it was."""
    async with open_brand_systems(database, settings.core.home) as systems:
        saga = Saga(database, Guards(systems), outbox=WebhookOutbox(database.clock), keys=_keys(settings))
        done = 0
        for exchange_id in await due_exchanges(database):
            await saga.advance(exchange_id)
            done += 1
        await saga.close()
    return done


def _keys(settings: GatewaySettings) -> MemberKeys:
    return MemberKeys.from_root(root_secret(settings.core.home))


def _first(group: BaseExceptionGroup[Exception]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
