"""Net debit caps: enforced by the ledger, forecast at the present pace, and told of once per crossing."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from brands.accounts import position_account
from core.clock import SettableClock
from core.database import Connection, Database
from core.refusals import NetDebitCapReached
from exchange import Cap, CapNotice, Exchange, QuoteRequest, accept, caps, quote, watch_caps
from exchange.ports import Silent
from ledger.credit_line import move_credit_lines
from tests.exchange.conftest import Desk
from tests.network import AIRLINE, COFFEE, HOTEL, NOON, Network, load_network

SMALL = HOTEL.replace('net_debit_cap = "100000.00"', 'net_debit_cap = "1000.00"', 1)
LARGE = HOTEL.replace('net_debit_cap = "100000.00"', 'net_debit_cap = "3000000.00"', 1)
CNY = 1_000_000


class Told(Silent):
    """An outbox that remembers."""

    def __init__(self) -> None:
        self.notices: list[CapNotice] = []

    async def capped(self, connection: Connection, notices: Sequence[CapNotice]) -> None:
        """Remember them."""
        del connection
        self.notices += notices

    def taken(self) -> list[tuple[int, int | None]]:
        """What was told since the last time: per cent and hours."""
        found = [(notice.threshold_percent, notice.within_hours) for notice in self.notices]
        self.notices.clear()
        return sorted(found, key=str)


async def cap_of(network: Network, clock: SettableClock, code: str = "hotel") -> Cap:
    async with network.database.connection() as connection:
        (found,) = await caps(connection, clock.now(), participant_ids=[network.brand_id(code)])
    return found


async def spend(network: Network, desk: Desk, amount: int) -> None:
    ann = await network.enrol({"HOTEL": amount, "MILES": 0})
    await desk.accept(await desk.quote(ann, amount))


async def test_a_forecast_at_the_present_pace(pinned_database: Database, clock: SettableClock) -> None:
    """400.00 of 1,000.00 in a day are 16.666667 an hour; 300.00 more in the last hour are faster, and count alone."""
    network = await load_network(pinned_database, (SMALL, AIRLINE, COFFEE))
    desk = Desk(network)
    assert await cap_of(network, clock) == Cap(
        network.brand_id("hotel"),
        "network",
        position_account(network.directory.brands[network.brand_id("hotel")]).id,
        1_000 * CNY,
        0,
        0,
        0,
        None,
    )
    await spend(network, desk, 8_000)
    clock.advance(timedelta(hours=23))
    found = await cap_of(network, clock)
    assert (found.used_percent, found.left_micro, found.pace_micro) == (40, 600 * CNY, 16_666_667)
    assert found.runs_out_at is not None
    assert abs(found.runs_out_at - clock.now() - timedelta(hours=36)) < timedelta(seconds=1)
    await spend(network, desk, 6_000)
    found = await cap_of(network, clock)
    assert (found.used_percent, found.pace_micro) == (70, 300 * CNY)
    assert found.runs_out_at == clock.now() + timedelta(hours=1)
    clock.advance(timedelta(hours=48))
    found = await cap_of(network, clock)
    assert (found.used_percent, found.pace_micro, found.runs_out_at) == (70, 0, None)
    assert (await cap_of(network, clock, "airline")).position_micro > 0


async def test_a_forecast_far_ahead(pinned_database: Database, clock: SettableClock) -> None:
    """Of CNY 3,000,000 some CNY 400 are used in an hour: 7,499 hours left, counted exactly."""
    network = await load_network(pinned_database, (LARGE, AIRLINE, COFFEE))
    await spend(network, Desk(network), 8_000)
    found = await cap_of(network, clock)
    assert (found.left_micro, found.pace_micro) == (2_999_600 * CNY, 400 * CNY)
    assert found.runs_out_at == clock.now() + timedelta(hours=7_499)


async def test_each_crossing_is_told_once(pinned_database: Database, clock: SettableClock) -> None:
    """80, 95 and the hours, also when several are crossed at a stroke; again only after the threshold was left."""
    network = await load_network(pinned_database, (SMALL, AIRLINE, COFFEE))
    desk, told = Desk(network), Told()
    await watch_caps(pinned_database, outbox=told)
    assert told.taken() == []
    await spend(network, desk, 16_000)
    await watch_caps(pinned_database, outbox=told)
    assert told.taken() == [(80, 24), (80, None)]
    await watch_caps(pinned_database, outbox=told)
    clock.advance(timedelta(minutes=1))
    await spend(network, desk, 3_200)
    await watch_caps(pinned_database, outbox=told)
    assert told.taken() == [(95, None)]
    ben = await network.enrol({"MILES": 7_500, "HOTEL": 0})
    await desk.accept(await desk.quote(ben, 7_500, "MILES", "HOTEL"))
    clock.advance(timedelta(days=2))
    await watch_caps(pinned_database, outbox=told)
    assert ((await cap_of(network, clock)).used_percent, told.taken()) == (51, [])
    await spend(network, desk, 6_000)
    await watch_caps(pinned_database, outbox=told)
    assert told.taken() == [(80, None), (81, 24)]


async def test_a_crossing_that_comes_and_goes_between_two_looks(
    pinned_database: Database, clock: SettableClock
) -> None:
    """It is told once, as it stood at its worst, and is news again when it comes back."""
    network = await load_network(pinned_database, (SMALL, AIRLINE, COFFEE))
    desk, told = Desk(network), Told()
    await spend(network, desk, 2_000)
    await watch_caps(pinned_database, outbox=told)
    assert told.taken() == [(10, 24)]
    ben = await network.enrol({"MILES": 20_000, "HOTEL": 0})
    for amount in (15_000, 12_000):
        clock.advance(timedelta(seconds=1))
        await spend(network, desk, amount)
        clock.advance(timedelta(seconds=1))
        await desk.accept(await desk.quote(ben, 10_000, "MILES", "HOTEL"))
        assert (await cap_of(network, clock)).used_percent < 75
        await watch_caps(pinned_database, outbox=told)
        (percent,) = (notice for notice in told.notices if notice.within_hours is None)
        assert (percent.threshold_percent, percent.used_micro >= 800 * CNY) == (80, True)
        assert percent.runs_out_at is not None
        assert percent.runs_out_at < clock.now() + timedelta(hours=1)
        told.notices.clear()
        await watch_caps(pinned_database, outbox=told)
        assert told.taken() == []


async def test_a_forecast_that_comes_and_goes_between_two_looks(
    pinned_database: Database, clock: SettableClock
) -> None:
    """300.00 in an hour would use up the rest in two; a second later they are back."""
    network = await load_network(pinned_database, (SMALL, AIRLINE, COFFEE))
    desk, told = Desk(network), Told()
    ben = await network.enrol({"MILES": 20_000, "HOTEL": 0})
    await watch_caps(pinned_database, outbox=told)
    await spend(network, desk, 6_000)
    clock.advance(timedelta(seconds=1))
    await desk.accept(await desk.quote(ben, 5_100, "MILES", "HOTEL"))
    assert (await cap_of(network, clock)).runs_out_at is None
    await watch_caps(pinned_database, outbox=told)
    assert told.taken() == [(30, 24)]
    await watch_caps(pinned_database, outbox=told)
    assert told.taken() == []


async def test_two_workers_tell_once(pinned_database: Database, database_url: str) -> None:
    """Whoever comes first tells; a worker that dies before its commit has told nobody, and the next one does."""
    network = await load_network(pinned_database, (SMALL, AIRLINE, COFFEE))
    await spend(network, Desk(network), 16_000)
    elsewhere = await Database.connect(database_url, clock=pinned_database.clock, pool_size_max=2)
    told = [Told(), Told()]
    counts = await asyncio.gather(
        *(watch_caps(db, outbox=each) for db, each in zip((pinned_database, elsewhere), told, strict=True))
    )
    await elsewhere.close()
    assert sorted(counts) == [0, 2]
    assert sorted(told[0].taken() + told[1].taken(), key=str) == [(80, 24), (80, None)]


async def test_what_is_deposited_widens_the_cap(pinned_database: Database, clock: SettableClock) -> None:
    """The ledger's own credit line decides: in offers, in acceptances and in the forecast."""
    network = await load_network(pinned_database, (SMALL, AIRLINE, COFFEE))
    desk, hotel = Desk(network), network.brand_id("hotel")
    ann = await network.enrol({"HOTEL": 60_000, "MILES": 0})
    first, second = await desk.quote(ann, 20_000), await desk.quote(ann, 4_000)
    await desk.accept(first)
    refusal = NetDebitCapReached(hotel, 200 * CNY, 0)
    assert await accept(pinned_database, desk.acceptance(second)) == refusal
    assert await quote(pinned_database, QuoteRequest(ann.id, "HOTEL", "MILES", 4_000)) == refusal
    async with pinned_database.transaction() as connection:
        position = position_account(network.directory.brands[hotel]).id
        assert await move_credit_lines(connection, {position: 250 * CNY}) == {}
    assert isinstance(await accept(pinned_database, desk.acceptance(second)), Exchange)
    assert (await cap_of(network, clock)).left_micro == 50 * CNY
    assert await quote(pinned_database, QuoteRequest(ann.id, "HOTEL", "MILES", 4_000)) == NetDebitCapReached(
        hotel, 200 * CNY, 50 * CNY
    )
    assert clock.now() == NOON
