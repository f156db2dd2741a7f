"""`agio worker` as a process of its own, killed while a brand has its request and has not answered."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from standardwebhooks import Webhook

from core.database import Connection, Database
from core.secrets import root_secret
from exchange import Award, Movement, MovementRefusal, move_many
from tests.network import load_network
from webhooks import EndpointSecrets, Registered, Registration, WebhookOutbox, register
from webhooks.due import CONCURRENCY

EVENTS = 12
DELIVERED = "SELECT bool_and(state = 'DELIVERED') FROM webhooks_delivery"


class Holder:
    """A receiver that keeps everybody waiting until it is told to answer."""

    def __init__(self) -> None:
        self.secret = ""
        self.seen: list[str] = []
        """The id of each request, those that were never answered too."""
        self.full = asyncio.Event()
        """As many requests wait as one endpoint gets at a time."""
        self.answering = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        """Verify, remember, wait, answer."""
        Webhook(self.secret).verify(await request.text(), dict(request.headers))
        self.seen.append(request.headers["webhook-id"])
        if len(self.seen) == CONCURRENCY:
            self.full.set()
        await self.answering.wait()
        return web.Response(status=204)


@asynccontextmanager
async def worker(database_url: str, home: Path) -> AsyncIterator[None]:
    """`agio worker`, killed at the end of the block."""
    environment = {"DATABASE_URL": database_url, "AGIO_HOME": str(home), "AGIO_WEBHOOKS_LOOPBACK": "yes"}
    quiet = asyncio.subprocess.DEVNULL
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "worker"]
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | environment, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def test_nothing_is_lost_with_a_killed_worker(
    database: Database, database_url: str, superuser: Connection, tmp_path: Path
) -> None:
    """What was on its way when it died is sent again under the same id; everything arrives, and nothing else does."""
    network = await load_network(database)
    (ann,) = await network.enrol_many(1, {"BEANS": 0})
    holder, secrets = Holder(), EndpointSecrets(root_secret(tmp_path))
    application = web.Application()
    application.router.add_post("/", holder.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    wish = Registration(network.brand_id("coffee"), f"http://{host}:{port}/", (), "crm", "1")
    endpoint = await register(database, secrets, wish, loopback=True)
    assert isinstance(endpoint, Registered)
    assert endpoint.secret is not None
    holder.secret = endpoint.secret
    number, shop = ann.cards["BEANS"].number, network.brand_id("coffee-corner")
    awards = [Award("BEANS", number, 100, shop, "till", str(at)) for at in range(EVENTS)]
    made: list[Movement | MovementRefusal] = await move_many(database, awards, outbox=WebhookOutbox(database.clock))
    assert len(made) == EVENTS

    async with worker(database_url, tmp_path):
        await holder.full.wait()
    in_flight = list(holder.seen)
    assert await superuser.fetchval("SELECT count(*) FROM webhooks_attempt") == 0
    # A minute passes, after which the worker is taken for dead.
    await superuser.execute("UPDATE webhooks_delivery SET leased_until = now() WHERE leased_until IS NOT NULL")
    holder.answering.set()
    async with worker(database_url, tmp_path):
        while not await superuser.fetchval(DELIVERED):  # noqa: ASYNC110 - the worker is another process
            await asyncio.sleep(0.02)
    await runner.cleanup()
    events = [str(row["id"]) for row in await superuser.fetch("SELECT id FROM webhooks_event ORDER BY id")]
    assert len(events) == EVENTS
    assert sorted(holder.seen) == sorted([*events, *in_flight])
    attempts = await superuser.fetch("SELECT event_id::text, attempts FROM webhooks_delivery")
    assert {row["event_id"]: row["attempts"] for row in attempts} == {
        event: 2 if event in in_flight else 1 for event in events
    }
