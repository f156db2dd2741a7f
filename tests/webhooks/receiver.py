"""A brand's own receiver: an HTTP server on a socket that takes what the Standard Webhooks library verifies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

GONE = "gone"
"""The brand at whose path nobody is any more."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that was verified."""

    brand: str
    id: str
    told: Any


@dataclass(slots=True)
class Receiver:
    """One path for each brand."""

    url: str = ""
    secrets: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    refused: int = 0
    """Requests that were not genuine."""

    def told(self, event_type: str) -> dict[str, Any]:
        """What each brand was told in events of a type, by the brand; none twice."""
        found = [each for each in self.taken if each.told["type"] == event_type]
        assert len({(each.brand, each.id) for each in found}) == len(found), "told twice"
        by_brand = {each.brand: each.told["data"] for each in found}
        assert len(by_brand) == len(found), "two events where one happened"
        return by_brand

    async def take(self, request: web.Request) -> web.Response:
        """Take one request."""
        brand, body = request.match_info["brand"], await request.text()
        if brand == GONE:
            return web.Response(status=410)
        try:
            told = Webhook(self.secrets[brand]).verify(body, dict(request.headers))
        except WebhookVerificationError:
            self.refused += 1
            return web.Response(status=401)
        self.taken.append(Taken(brand, request.headers["webhook-id"], told))
        return web.Response(status=204)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver, while the block lasts."""
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/{brand}", receiver.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    receiver.url = f"http://{host}:{port}"
    yield receiver
    await runner.cleanup()
