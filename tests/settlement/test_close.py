"""The cut-off: every posting belongs to exactly one window, whatever happens at the same time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from brands import Applied, BrandConfig, apply_all, parse_network
from brands.accounts import operator_position_account, owed_account, position_account
from core.codes import Code
from core.database import Connection, Database
from core.ids import new_id
from core.refusals import NetDebitCapReached
from core.scratch import connect_as_owner
from exchange import Acceptance, QuoteRequest, accept, quote
from exchange.offers import Quote
from ledger import Kind, Transfer, post
from settlement import Status, Window, close, current_window, net, reconcile
from tests.network import AIRLINE, COFFEE, HOTEL, Network, Person, load_network
from tests.settlement.trade import MAKER, closings, done, money, seen, to_closed, to_netted, trade

CAUTIOUS_AIRLINE = AIRLINE.replace('net_debit_cap = "100000.00"', 'net_debit_cap = "10.00"')

_POSITION_LINES = """
SELECT transfer.recorded_at, count(*) AS lines
FROM ledger_transfer AS transfer
JOIN ledger_account AS account ON account.id IN (transfer.debit_account_id, transfer.credit_account_id)
WHERE account.purpose = 'position' AND transfer.code <> 30 GROUP BY transfer.recorded_at
"""

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def _trade_on(network: Network, person: Person) -> None:
    for _ in range(8):
        await trade(network, (person, "HOTEL", "MILES", 1_000), (person, "MILES", "HOTEL", 500))


async def _lines(superuser: Connection) -> dict[datetime, int]:
    return {row["recorded_at"]: row["lines"] for row in await superuser.fetch(_POSITION_LINES)}


async def test_every_posting_made_during_closes_belongs_to_exactly_one_window(
    database: Database, superuser: Connection
) -> None:
    """Four members trade while windows close: the lines counted are those recorded up to each cut-off, all of them."""
    network = await load_network(database)
    people = await network.enrol_many(4, {"HOTEL": 20_000, "MILES": 20_000})
    await current_window(database)
    trading = [asyncio.create_task(_trade_on(network, person)) for person in people]
    windows = [await to_closed(database) for _ in range(5)]
    await asyncio.gather(*trading)
    windows.append(await to_closed(database))
    cuts = [window.cut_off_at for window in windows if window.cut_off_at]
    recorded = Counter[int]()
    for instant, lines in (await _lines(superuser)).items():
        recorded[next(number for number, cut in enumerate(cuts, start=1) if instant <= cut)] += lines
    counted = Counter[int]()
    for window in windows:
        figures = (await seen(database, window.id)).figures
        assert figures.ties
        counted[window.number] = sum(s.lines for position in figures.positions for s in position.subtotals)
    assert +counted == recorded
    # 1,000 HOTEL become 660 MILES exactly: three legs; 500 MILES leave something to round off: four.
    assert counted.total() == 4 * 8 * (3 + 4)


async def test_a_cut_off_in_the_past_is_exact_under_load(database: Database, superuser: Connection) -> None:
    """Four members trade; windows are closed at instants that are past: each has what was recorded up to its own."""
    network = await load_network(database)
    people = await network.enrol_many(4, {"HOTEL": 20_000, "MILES": 20_000})
    await current_window(database)
    trading = [asyncio.create_task(_trade_on(network, person)) for person in people]
    windows: list[Window] = []
    instants: list[datetime] = []
    for _ in range(3):
        instants.append(await superuser.fetchval("SELECT clock_timestamp()"))
        await trade(network, (people[0], "HOTEL", "MILES", 1_000))
    windows += [done(await close(database, MAKER, at=instant)) for instant in instants]
    await asyncio.gather(*trading)
    windows.append(await to_closed(database))
    assert [window.cut_off_at for window in windows[:-1]] == instants
    recorded = Counter[int]()
    for instant, lines in (await _lines(superuser)).items():
        recorded[next(n for n, window in enumerate(windows) if instant <= (window.cut_off_at or instant))] += lines
    counted = Counter[int]()
    for place, window in enumerate(windows):
        figures = (await seen(database, window.id)).figures
        assert figures.ties
        counted[place] = sum(s.lines for position in figures.positions for s in position.subtotals)
    assert +counted == recorded


async def test_two_persons_close_the_same_window_at_once(database: Database) -> None:
    """Both get the one closed window, and one window follows it."""
    await load_network(database)
    window = await current_window(database)
    both = await asyncio.gather(*(close(database, MAKER, window_id=window.id) for _ in range(2)))
    assert [done(answer).status for answer in both] == [Status.CLOSED, Status.CLOSED]
    assert (await current_window(database)).number == 2


@asynccontextmanager
async def _held(url: str, database: Database) -> AsyncIterator[None]:
    """Another session holds the operator's position while the block runs."""
    async with database.transaction() as connection:
        stray = Transfer(new_id(), operator_position_account().id, owed_account(new_id()).id, 1, 0)
        await post(connection, [stray], accounts=[operator_position_account()], clock=database.clock)
    holder = await connect_as_owner(url)
    async with holder.transaction():
        query = "SELECT FROM ledger_account WHERE id = $1 FOR UPDATE"
        await holder.execute(query, operator_position_account().id)
        yield
    await holder.close()


async def test_a_participant_that_joins_during_the_close_is_in_the_window(
    database: Database, database_url: str, superuser: Connection
) -> None:
    """The locks are waited for, a brand goes live and trades meanwhile, and the cut-off is made again with it."""
    await load_network(database, [HOTEL, AIRLINE])
    async with _held(database_url, database):
        closing = asyncio.create_task(close(database, MAKER))
        while not await superuser.fetchval(_WAITING):  # noqa: ASYNC110 - it is a session of PostgreSQL that waits
            await asyncio.sleep(0)
        config = parse_network(COFFEE.encode())
        assert isinstance(config, BrandConfig)
        assert isinstance(await apply_all(database, [config]), Applied)
    window = done(await closing)
    assert sorted((await seen(database, window.id)).names.values()) == [
        "Airline",
        "Coffee",
        "Franchised hotel",
        "Hotel",
        "operator",
    ]


async def _accept(network: Network, person: Person, amount: int) -> object:
    found = await quote(network.database, QuoteRequest(person.id, "MILES", "HOTEL", amount))
    if not isinstance(found, Quote):
        return found
    return await accept(network.database, Acceptance(found.id, person.id, str(new_id())))


async def test_what_a_creditor_will_be_paid_cannot_be_used_up_before_it_is_netted(database: Database) -> None:
    """The airline is owed 148.50 for the closed window; from then on only its cap of 10.00 is left to spend."""
    network = await load_network(database, [HOTEL, CAUTIOUS_AIRLINE])
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 5_000})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await to_closed(database)
    refused = await _accept(network, ann, 500)  # worth 30.00
    assert refused == NetDebitCapReached(network.brand_id("airline"), needed=30_000_000, left=10_000_000)
    done(await reconcile(database, window.id, MAKER))
    done(await net(database, window.id, MAKER))
    assert await _accept(network, ann, 500) == refused
    assert await money(network) == {
        "due of hotel": -150_000_000,
        "owed to airline": 148_500_000,
        "owed to operator": 1_500_000,
    }


async def test_a_creditor_without_room_is_netted_when_the_room_is_back(database: Database) -> None:
    """A hold takes up what the airline would be paid: netting is refused whole, and succeeds once the hold is gone."""
    network = await load_network(database, [HOTEL, CAUTIOUS_AIRLINE])
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 5_000})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    airline = network.directory.brands[network.brand_id("airline")]
    position, other = position_account(airline).id, owed_account(airline.id)
    hold = Transfer(new_id(), position, other.id, 100_000_000, Code.POSITION_DEBIT, kind=Kind.PENDING)
    release = Transfer(new_id(), position, other.id, 0, 0, kind=Kind.VOID, pending_id=hold.id)
    async with database.transaction() as connection:
        held = await post(connection, [hold], accounts=[other], clock=database.clock)
    assert [outcome.ok for outcome in held] == [True]
    window = await to_closed(database)
    done(await reconcile(database, window.id, MAKER))
    before = await money(network)
    refused = NetDebitCapReached(airline.id, needed=148_500_000, left=58_500_000)
    assert await net(database, window.id, MAKER) == refused
    assert await money(network) == before
    assert (await seen(database, window.id)).window.status is Status.RECONCILED
    async with database.transaction() as connection:
        await post(connection, [release], clock=database.clock)
    assert done(await net(database, window.id, MAKER)).status is Status.NETTED


async def test_a_window_can_close_before_the_one_before_it_is_netted(database: Database) -> None:
    """What an earlier window settles is not settled again, in whatever order the two are netted."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 5_000})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    first = await to_closed(database)
    await trade(network, (ann, "HOTEL", "MILES", 6_000))
    second = await to_netted(database)
    done(await reconcile(database, first.id, MAKER))
    done(await net(database, first.id, MAKER))
    assert closings(await seen(database, first.id))["Airline"] == 148_500_000
    assert closings(await seen(database, second.id))["Airline"] == 297_000_000
    assert await money(network) == {
        "due of hotel": -450_000_000,
        "owed to airline": 445_500_000,
        "owed to operator": 4_500_000,
    }


@pytest.mark.parametrize("awaits", [0, 20, 50, 100, 150, 200, 300, 400])
async def test_a_close_that_is_killed_is_finished_by_the_next_one(database: Database, awaits: int) -> None:
    """Wherever the process dies, closing again gives one closed window with the same figures."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await current_window(database)
    killed = asyncio.create_task(close(database, MAKER))
    for _ in range(awaits):
        await asyncio.sleep(0)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    assert done(await close(database, MAKER, window_id=window.id)).status is Status.CLOSED
    found = await seen(database, window.id)
    assert closings(found) == {"Hotel": -150_000_000, "Airline": 148_500_000, "operator": 1_500_000}
    assert [step.status for step in found.steps] == [Status.CLOSING, Status.CLOSED]
    assert (await current_window(database)).number == 2
