"""Many at once, over several connections and two processes' worth of pools: everything happens once or not at all."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from functools import partial

import asyncpg
import pytest

from core.coalesce import Coalescer
from core.database import Connection, Database
from core.faults import Fault, fault_of
from core.refusals import IdempotencyConflict, InsufficientPoints
from exchange import (
    Exchange,
    LimitReached,
    Quote,
    QuoteRequest,
    QuoteUsed,
    accept,
    accept_many,
    quote_many,
)
from exchange.checks import CHECKS
from ledger.audit import audit
from tests.exchange.conftest import Desk
from tests.network import Network, Person


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    """The same database as another process sees it."""
    opened = await Database.connect(database_url, pool_size_max=8)
    yield opened
    await opened.close()


async def offers(network: Network, person: Person, amounts: Sequence[int], source: str = "HOTEL") -> list[Quote]:
    target = "MILES" if source == "HOTEL" else "HOTEL"
    requests = [QuoteRequest(person.id, source, target, amount) for amount in amounts]
    found = [offer for offer in await quote_many(network.database, requests) if isinstance(offer, Quote)]
    assert len(found) == len(amounts)
    return found


async def assert_whole(database: Database) -> None:
    """All books are whole, ours and the ledger's."""
    report = await audit(database, checks=CHECKS)
    assert report.whole, [str(finding) for finding in report.findings]


async def test_one_acceptance_fifty_times_at_once(live_network: Network, live_desk: Desk, elsewhere: Database) -> None:
    """The same exchange for all of them; the points move once."""
    ann = await live_network.enrol({"HOTEL": 3_000, "MILES": 0})
    order = live_desk.acceptance(await live_desk.quote(ann, 3_000))
    databases = [live_network.database, elsewhere] * 25
    found = await asyncio.gather(*(accept(database, order) for database in databases))
    assert isinstance(found[0], Exchange)
    assert found == [found[0]] * 50
    assert await live_network.points(ann) == {"HOTEL": 0, "MILES": 1_980}
    await assert_whole(elsewhere)


async def test_one_quote_under_fifty_keys_at_once(live_network: Network, live_desk: Desk, elsewhere: Database) -> None:
    """One of them carries it out, the others are told which."""
    ann = await live_network.enrol({"HOTEL": 9_000, "MILES": 0})
    offer = await live_desk.quote(ann, 3_000)
    databases = [live_network.database, elsewhere] * 25
    found = await asyncio.gather(*(accept(database, live_desk.acceptance(offer)) for database in databases))
    (made,) = [verdict for verdict in found if isinstance(verdict, Exchange)]
    assert Counter(map(repr, found))[repr(QuoteUsed(offer.id, made.id))] == 49
    assert await live_network.points(ann) == {"HOTEL": 6_000, "MILES": 1_980}
    await assert_whole(elsewhere)


async def test_one_key_for_fifty_quotes_at_once(live_network: Network, live_desk: Desk, elsewhere: Database) -> None:
    """One of them is carried out, the others conflict."""
    ann = await live_network.enrol({"HOTEL": 50_000, "MILES": 0})
    given = await offers(live_network, ann, [1_000] * 50)
    databases = [live_network.database, elsewhere] * 25
    calls = (accept(db, live_desk.acceptance(offer, "key")) for db, offer in zip(databases, given, strict=True))
    found = await asyncio.gather(*calls)
    assert sum(isinstance(verdict, Exchange) for verdict in found) == 1
    assert found.count(IdempotencyConflict("quote_id")) == 49
    assert await live_network.points(ann) == {"HOTEL": 49_000, "MILES": 660}
    await assert_whole(elsewhere)


@pytest.mark.parametrize("coalesced", [False, True])
async def test_fifty_accepts_with_points_for_ten(
    live_network: Network, live_desk: Desk, elsewhere: Database, *, coalesced: bool
) -> None:
    """Exactly ten are made, and the rest hear that nothing is left."""
    ann = await live_network.enrol({"HOTEL": 10_000, "MILES": 0})
    given = await offers(live_network, ann, [1_000] * 50)
    pair = [live_network.database, elsewhere]
    doors = [Coalescer(partial(accept_many, db), in_flight_max=2) if coalesced else partial(accept, db) for db in pair]
    calls = (doors[at % 2](live_desk.acceptance(offer)) for at, offer in enumerate(given))
    found = await asyncio.gather(*calls)
    assert sum(isinstance(verdict, Exchange) for verdict in found) == 10
    assert found.count(InsufficientPoints(1_000, 0)) == 40
    assert await live_network.points(ann) == {"HOTEL": 0, "MILES": 6_600}
    assert (await live_network.positions())["hotel"] == -500_000_000
    await assert_whole(elsewhere)


async def test_the_day_limit_holds_across_connections(
    live_network: Network, live_desk: Desk, elsewhere: Database
) -> None:
    """150,000 a day: of twenty times 10,000 exactly fifteen are made."""
    ann = await live_network.enrol({"MILES": 400_000, "HOTEL": 0})
    given = await offers(live_network, ann, [10_000] * 20, "MILES")
    databases = [live_network.database, elsewhere] * 10
    calls = (accept(db, live_desk.acceptance(offer)) for db, offer in zip(databases, given, strict=True))
    found = await asyncio.gather(*calls)
    assert Counter(type(verdict) for verdict in found) == {Exchange: 15, LimitReached: 5}
    assert (await live_network.points(ann))["MILES"] == 250_000
    await assert_whole(elsewhere)


async def test_members_exchange_in_both_directions_at_once(
    live_network: Network, live_desk: Desk, elsewhere: Database
) -> None:
    """Opposite exchanges over the same accounts neither block each other for ever nor lose a point."""
    people = await live_network.enrol_many(10, {"HOTEL": 10_000, "MILES": 10_000})
    orders = []
    for person in people:
        orders += [live_desk.acceptance(offer) for offer in await offers(live_network, person, [1_000] * 3)]
        orders += [live_desk.acceptance(offer) for offer in await offers(live_network, person, [1_000] * 3, "MILES")]
    doors = [
        Coalescer(partial(accept_many, db), batch_max=8, in_flight_max=3) for db in (live_network.database, elsewhere)
    ]
    found = await asyncio.gather(*(doors[at % 2](order) for at, order in enumerate(orders)))
    assert all(isinstance(verdict, Exchange) for verdict in found), found
    for person in people:
        assert await live_network.points(person) == {"HOTEL": 10_000 - 3_000 + 3 * 985, "MILES": 10_000 - 3_000 + 1_980}
    await assert_whole(elsewhere)


async def test_a_session_killed_in_mid_flight(live_network: Network, live_desk: Desk, superuser: Connection) -> None:
    """The exchange whose connection died did not happen; sent again with the same key it happens once."""
    ann = await live_network.enrol({"HOTEL": 3_000, "MILES": 0})
    order = live_desk.acceptance(await live_desk.quote(ann, 3_000))
    outbox = Killer(superuser)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)) as caught:
        await accept(live_network.database, order, outbox=outbox)
    assert fault_of(caught.value) is Fault.MACHINERY
    assert await live_network.points(ann) == {"HOTEL": 3_000, "MILES": 0}
    assert isinstance(await accept(live_network.database, order), Exchange)
    assert await live_network.points(ann) == {"HOTEL": 0, "MILES": 1_980}
    await assert_whole(live_network.database)


class Killer:
    """An outbox in whose hands the connection dies."""

    def __init__(self, superuser: Connection) -> None:
        self._superuser = superuser

    async def exchanged(self, connection: Connection, exchanges: Sequence[Exchange]) -> None:
        """End the session that is about to commit."""
        del exchanges
        await self._superuser.execute("SELECT pg_terminate_backend($1)", connection.get_server_pid())

    async def moved(self, connection: Connection, movements: Sequence[object]) -> None:
        """Not used here."""
        raise NotImplementedError

    async def capped(self, connection: Connection, notices: Sequence[object]) -> None:
        """Not used here."""
        raise NotImplementedError

    async def locked_out(self, connection: Connection, lockouts: Sequence[object]) -> None:
        """Not used here."""
        raise NotImplementedError
