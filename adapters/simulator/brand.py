"""A brand's system, played by a real HTTP server: its doors, its books, its faults and the page that shows them.

simulator = BrandSimulator(Terms(program="SIM"))
async with simulator.serving() as url:
    ...
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from adapters.simulator.books import Books, Change, Entry, Member
from adapters.simulator.calls import Calls
from adapters.simulator.clock import SimulatorClock
from adapters.simulator.control import Control
from adapters.simulator.counter import Counter
from adapters.simulator.delivery import Delivery
from adapters.simulator.desk import Desk
from adapters.simulator.faults import Faults
from adapters.simulator.graph import GraphDoor, brand_schema
from adapters.simulator.journal import Journal
from adapters.simulator.page import page
from adapters.simulator.resolvers import Resolvers
from adapters.simulator.rest import RestDoor
from adapters.simulator.terms import Terms
from adapters.simulator.webhooks import Webhooks
from adapters.simulator.wire import entry_body

_TICK_SECONDS = 0.25
_BODY_BYTES_MAX = 1 << 20


class BrandSimulator:
    """A brand. Its books live in memory and, with `state`, in a journal that the next start reads."""

    def __init__(self, terms: Terms | None = None, *, state: Path | None = None) -> None:
        self.terms = terms or Terms()
        self.clock = SimulatorClock()
        self.books = Books(Journal(state, Change) if state else None)
        self.webhooks = Webhooks(self.terms, self.clock)
        self.desk = Desk(self.terms, self.books, self.clock, self._tell)
        self.faults = Faults(self.terms.magic_amounts)
        self.calls = Calls()
        self.delivery = Delivery(self.terms, self.desk, self.faults, self.calls)
        self.counter = Counter(self.terms, self.books, self.desk)
        self.control = Control(self.terms, self.books, self.desk, self.delivery, self.webhooks)

    def open_members(self, *members: Member) -> None:
        """Admit members, or change them."""
        for member in members:
            self.desk.open_member(member)

    @asynccontextmanager
    async def serving(self, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
        """Serve; the URL. Port 0 picks a free one."""
        runner = web.AppRunner(self._application(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        ticking = asyncio.create_task(self._tick())
        try:
            yield f"http://{host}:{runner.addresses[0][1]}"
        finally:
            ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticking
            await runner.cleanup()
            await self.webhooks.close()
            self.books.close()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=_BODY_BYTES_MAX)
        rest = RestDoor(self.terms, self.desk, self.counter, self.delivery)
        graph = GraphDoor(self.delivery, Resolvers(self.terms, self.desk, self.counter), brand_schema())
        for door in (rest, graph, self.control):
            door.add_routes(application.router)
        application.router.add_get("/", page)
        return application

    async def _tick(self) -> None:
        """Decide what is due although nobody asks."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            self.desk.settle()

    def _tell(self, entry: Entry) -> None:
        self.webhooks.tell("transaction.updated", entry_body(entry, self.terms))


def usual_members(terms: Terms) -> list[Member]:
    """Whom a new brand begins with: 20 with 100,000 points each, one without any, one who is blocked."""
    unit = 10**terms.decimals
    rich = [Member(str(number), 100_000 * unit, tier=_tier(terms, number)) for number in range(10000001, 10000021)]
    return [*rich, Member("10000100"), Member("10000403", 100_000 * unit, blocked=True)]


def _tier(terms: Terms, number: int) -> str:
    return terms.tiers[number % len(terms.tiers)]
