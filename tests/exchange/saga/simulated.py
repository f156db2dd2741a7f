"""The same stage with real brands: two simulators of ours behind HTTP, reached by the adapters, on the test's clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from adapters.brand_systems.registry import OpenBrandSystems, open_brand_systems
from adapters.simulator.books import Member
from adapters.simulator.brand import BrandSimulator
from adapters.simulator.faults import Fault, FaultKind
from adapters.simulator.orders import Operation
from adapters.simulator.terms import Terms
from core.clock import SettableClock
from core.database import Connection, Database
from exchange import Acceptance, Exchange, QuoteRequest, State, accept, quote
from exchange.exchange_rows import exchanges_by_id
from exchange.offers import Quote
from exchange.saga.jobs import due_exchanges
from exchange.saga.runner import Saga
from tests.exchange.saga.stage import FERRY, RAIL
from tests.network import AIRLINE, HOTEL, Network, load_network

KEY = "simulator-key"
BRIEF = "deadline_seconds = 1.0\nconcurrency_max = 50"

NET = """
SELECT coalesce(sum(credits_posted - debits_posted), 0)::bigint FROM ledger_account
WHERE purpose = 'mirror' AND asset = $1 AND ($2::uuid IS NULL OR owner = $2)
"""


@dataclass(frozen=True, slots=True)
class Trade:
    """One exchange of a member who has no other."""

    name: str
    exchange: Exchange
    source_number: str
    target_number: str


@dataclass
class Simulated:
    """The network, its brands, and a clock that all of them read."""

    network: Network
    clock: SettableClock
    rail: BrandSimulator
    ferry: BrandSimulator
    systems: OpenBrandSystems
    superuser: Connection

    @property
    def database(self) -> Database:
        """The database."""
        return self.network.database

    def set(self, instant: datetime) -> None:
        """Move all clocks."""
        self.clock.set(instant)
        for simulator in (self.rail, self.ferry):
            simulator.clock.stop(instant)
            simulator.desk.settle()

    async def trade(self, name: str) -> Trade:
        """1,000 RAIL into 825 FERRY, accepted."""
        person = await self.network.enrol({"RAIL": 0, "FERRY": 0})
        numbers = [person.cards[code].number for code in ("RAIL", "FERRY")]
        self.rail.open_members(Member(numbers[0], 3_000))
        self.ferry.open_members(Member(numbers[1], 0))
        offer = await quote(self.database, QuoteRequest(person.id, "RAIL", "FERRY", 1_000))
        assert isinstance(offer, Quote), offer
        made = await accept(self.database, Acceptance(offer.id, person.id, f"key {offer.id}"))
        assert isinstance(made, Exchange), made
        return Trade(name, made, *numbers)

    async def run(self, database: Database | None = None) -> None:
        """Do everything that is due now, side by side."""
        used = database or self.database
        saga = Saga(used, self.systems)
        await asyncio.gather(*(saga.advance(exchange_id) for exchange_id in await due_exchanges(self.database)))
        await saga.close()

    async def wait(self, most: timedelta = timedelta(days=3)) -> None:
        """Let time pass until nothing waits."""
        end = self.clock.now() + most
        await self.run()
        while (at := await self._next_at()) and at <= end:
            # Many exchanges wait a little differently: they are taken together.
            self.set(max(at + timedelta(seconds=2), self.clock.now()))
            await self.run()

    async def _next_at(self) -> datetime | None:
        query = "SELECT min(greatest(due_at, lease_until)) FROM exchange_errand WHERE due_at IS NOT NULL"
        found: datetime | None = await self.superuser.fetchval(query)
        return found

    async def state(self, trade: Trade) -> State:
        """Where it stands."""
        async with self.database.connection() as connection:
            return (await exchanges_by_id(connection, [trade.exchange.id]))[trade.exchange.id].state

    def moved(self, trade: Trade) -> tuple[int, int]:
        """What the brands' own books say: (of RAIL, of FERRY)."""
        rail, ferry = self.rail.books.members, self.ferry.books.members
        return rail[trade.source_number].balance - 3_000, ferry[trade.target_number].balance

    async def ours(self, trade: Trade) -> tuple[int, int]:
        """What our books say that flowed through us."""
        source, target = trade.exchange.source.membership_id, trade.exchange.target.membership_id
        return await self._net("RAIL", source), await self._net("FERRY", target)

    async def _net(self, asset: str, owner: UUID) -> int:
        found: int = await self.superuser.fetchval(NET, asset, owner)
        return found


def fault(kind: FaultKind, reference: str, *, times: int | None = 1, operation: Operation | None = None) -> Fault:
    """A fault that meets one reference."""
    return Fault(kind=kind, reference=reference, times=times, operation=operation)


@asynccontextmanager
async def simulated(
    database: Database, clock: SettableClock, superuser: Connection, home: Path
) -> AsyncIterator[Simulated]:
    """Everything open until the end of the block."""
    files = [it.replace("deadline_seconds = 2", BRIEF).replace("_hours = 24", "_hours = 2") for it in (RAIL, FERRY)]
    network = await load_network(database, (HOTEL, AIRLINE, *files))
    rail, ferry = (BrandSimulator(Terms(program=code, key=KEY, magic_amounts=False)) for code in ("RAIL", "FERRY"))
    async with rail.serving() as rail_url, ferry.serving() as ferry_url:
        environment = {
            "AGIO_BRAND_RAIL_URL": rail_url,
            "AGIO_BRAND_FERRY_URL": ferry_url,
            "AGIO_BRAND_RAIL_API_KEY": KEY,
            "AGIO_BRAND_FERRY_API_KEY": KEY,
        }
        async with open_brand_systems(database, home, environment) as systems:
            stage = Simulated(network, clock, rail, ferry, systems, superuser)
            stage.set(clock.now())
            yield stage
