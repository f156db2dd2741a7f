"""Where a brand's webhooks arrive during a run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from adapters.certification.trial import Post

_BODY_BYTES_MAX = 1 << 20
_KEPT = 100


class Inbox:
    """Keeps the first webhook for whoever asks, however often."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._arrived = asyncio.Event()
        self.posts: list[Post] = []

    async def first(self) -> Post | None:
        """The first webhook that arrived; None when none came within our patience."""
        try:
            await asyncio.wait_for(self._arrived.wait(), self._patience_seconds)
        except TimeoutError:
            return None
        return self.posts[0]

    async def take(self, request: web.Request) -> web.Response:
        """Keep it, and say thank you."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if len(self.posts) < _KEPT:
            self.posts.append(Post(headers, await request.read()))
        self._arrived.set()
        return web.Response(status=204)


@asynccontextmanager
async def listening(host: str, port: int, patience_seconds: float) -> AsyncIterator[tuple[Inbox, str]]:
    """An inbox, and the URL at which it listens; every path will do."""
    inbox = Inbox(patience_seconds)
    application = web.Application(client_max_size=_BODY_BYTES_MAX)
    application.router.add_post("/{path:.*}", inbox.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    try:
        yield inbox, f"http://{host}:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
