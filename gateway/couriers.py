"""The worker's part of webhooks: who delivers them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from adapters.webhook_sender import HttpSender
from core.database import Database
from core.secrets import root_secret
from gateway.settings import GatewaySettings
from gateway.worker import Job
from webhooks import Courier, EndpointSecrets

REST_SECONDS = 1.0
"""How long an event waits at most before it is sent first."""


@asynccontextmanager
async def delivering(settings: GatewaySettings, database: Database) -> AsyncIterator[Sequence[Job]]:
    """The job that delivers webhooks, while the block lasts."""
    sender = HttpSender(loopback=settings.webhooks_to_loopback)
    courier = Courier(database, EndpointSecrets(root_secret(settings.core.home)), sender)
    try:
        yield [Job("deliver webhooks", REST_SECONDS, lambda _: courier.deliver_due())]
    finally:
        await sender.close()
