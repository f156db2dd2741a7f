"""A bulk is decided as if its acceptances had come one by one."""

from collections.abc import Sequence

import pytest

from core.database import Connection, Database
from core.ids import new_id
from core.refusals import IdempotencyConflict, InsufficientPoints, KeyUnusable, NetDebitCapReached
from exchange import (
    Acceptance,
    CapNotice,
    Exchange,
    LimitReached,
    Movement,
    Quote,
    QuoteRequest,
    QuoteUsed,
    UnknownQuote,
    accept_many,
    quote_many,
)
from tests.exchange.conftest import Desk, row_counts
from tests.network import AIRLINE, HOTEL, Network, load_network


async def test_everybody_gets_their_own_answer(network: Network, desk: Desk) -> None:
    """The good ones are made, the others refused, each in its place."""
    ann, ben = await network.enrol_many(2, {"HOTEL": 3_000, "MILES": 0})
    offers = [await desk.quote(person, 3_000) for person in (ann, ben)]
    nobodys = new_id()
    verdicts = await accept_many(
        network.database,
        [
            Acceptance(nobodys, ann.id, "a"),
            Acceptance(offers[0].id, ann.id, ""),
            Acceptance(offers[0].id, ann.id, "b"),
            Acceptance(offers[0].id, ben.id, "c"),
            Acceptance(offers[1].id, ben.id, "d"),
        ],
    )
    assert [verdicts[at] for at in (0, 1, 3)] == [UnknownQuote(nobodys), KeyUnusable(), UnknownQuote(offers[0].id)]
    assert [verdict.quote_id for verdict in verdicts if isinstance(verdict, Exchange)] == [offers[0].id, offers[1].id]
    assert await network.points(ann) == await network.points(ben) == {"HOTEL": 0, "MILES": 1_980}


async def test_the_same_one_many_times(network: Network, desk: Desk) -> None:
    """One exchange, told to all who sent it; another key for its quote and another quote for its key are refused."""
    ann = await network.enrol({"HOTEL": 9_000, "MILES": 0})
    first, second = await desk.quote(ann, 3_000), await desk.quote(ann, 3_000)
    order = desk.acceptance(first, "key")
    verdicts = await accept_many(
        network.database, [order, order, desk.acceptance(first, "other"), desk.acceptance(second, "key"), order]
    )
    made = verdicts[0]
    assert isinstance(made, Exchange)
    assert verdicts[1:] == [made, QuoteUsed(first.id, made.id), IdempotencyConflict("quote_id"), made]
    assert await network.points(ann) == {"HOTEL": 6_000, "MILES": 1_980}


async def test_several_of_one_member(network: Network, desk: Desk) -> None:
    """Each sees what the one before it left."""
    ann = await network.enrol({"HOTEL": 5_000, "MILES": 0})
    orders = [desk.acceptance(await desk.quote(ann, amount)) for amount in (3_000, 3_000, 2_000, 1_000)]
    verdicts = await accept_many(network.database, orders)
    assert [isinstance(verdict, Exchange) for verdict in verdicts] == [True, False, True, False]
    assert verdicts[1] == InsufficientPoints(3_000, 0)
    assert verdicts[3] == InsufficientPoints(1_000, 0)
    assert await network.points(ann) == {"HOTEL": 0, "MILES": 3_300}


async def test_the_day_limit_within_a_bulk(network: Network, desk: Desk) -> None:
    """150,000 a day: 100,000 and 50,000 fit, the 60,000 between them does not."""
    ann = await network.enrol({"MILES": 400_000, "HOTEL": 0})
    orders = [desk.acceptance(await desk.quote(ann, amount, "MILES", "HOTEL")) for amount in (100_000, 60_000, 50_000)]
    verdicts = await accept_many(network.database, orders)
    assert [type(verdict) for verdict in verdicts] == [Exchange, LimitReached, Exchange]
    async with network.database.connection() as connection:
        assert await connection.fetchval("SELECT day_amount FROM exchange_usage") == 150_000


async def test_what_was_refused_does_not_count_for_the_limit(network: Network, desk: Desk) -> None:
    """90,000 that are not there leave the day's limit to the 70,000 that come after them."""
    ann = await network.enrol({"MILES": 90_000, "HOTEL": 0})
    spent, large, small = [await desk.quote(ann, amount, "MILES", "HOTEL") for amount in (20_000, 90_000, 70_000)]
    orders = [desk.acceptance(offer) for offer in (spent, large, small)]
    verdicts = await accept_many(network.database, orders)
    assert [type(verdict) for verdict in verdicts] == [Exchange, InsufficientPoints, Exchange]
    assert (await network.points(ann))["MILES"] == 0


async def test_what_one_brings_the_next_can_use(network: Network, desk: Desk) -> None:
    """Points received earlier in the bulk are there for what follows in it."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 1_980})
    there, back = await desk.quote(ann, 3_000), await desk.quote(ann, 1_980, "MILES", "HOTEL")
    again = await desk.quote(ann, 1_980, "MILES", "HOTEL")
    verdicts = await accept_many(network.database, [desk.acceptance(offer) for offer in (back, there, again)])
    assert [type(verdict) for verdict in verdicts] == [Exchange, Exchange, Exchange]
    assert await network.points(ann) == {"HOTEL": 3_900, "MILES": 0}


async def test_a_refusal_that_the_bulk_itself_lifts(network: Network, desk: Desk) -> None:
    """Whoever came too early for points of the same bulk is not told that there are enough and yet refused."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 1_980})
    back, there = await desk.quote(ann, 1_980, "MILES", "HOTEL"), await desk.quote(ann, 3_000)
    again = await desk.quote(ann, 1_980, "MILES", "HOTEL")
    verdicts = await accept_many(network.database, [desk.acceptance(offer) for offer in (back, again, there)])
    assert [type(verdict) for verdict in verdicts] == [Exchange, Exchange, Exchange]
    assert await network.points(ann) == {"HOTEL": 3_900, "MILES": 0}


async def test_the_cap_within_a_bulk(pinned_database: Database) -> None:
    """1,000.00 for all: 750.00 and 250.00 fit; 300.00 between them and 50.00 after them, sent twice, do not."""
    network = await load_network(
        pinned_database, [HOTEL.replace('net_debit_cap = "100000.00"', 'net_debit_cap = "1000.00"'), AIRLINE]
    )
    desk = Desk(network)
    people = await network.enrol_many(4, {"HOTEL": 20_000, "MILES": 0})
    amounts = (15_000, 6_000, 5_000, 1_000)
    offers = [await desk.quote(person, amount) for person, amount in zip(people, amounts, strict=True)]
    verdicts = await accept_many(network.database, [desk.acceptance(offer) for offer in (*offers, offers[3])])
    last = NetDebitCapReached(network.brand_id("hotel"), 50_000_000, 0)
    assert [type(verdict) for verdict in verdicts[:3]] == [Exchange, NetDebitCapReached, Exchange]
    assert verdicts[3:] == [last, last]
    assert (await network.positions())["hotel"] == -1_000_000_000


class Outbox:
    """Remembers what it was told, and whether it was already in the books; may refuse to work."""

    def __init__(self, *, broken: bool = False) -> None:
        self.told: list[Exchange] = []
        self._broken = broken

    async def exchanged(self, connection: Connection, exchanges: Sequence[Exchange]) -> None:
        """Note the exchanges."""
        counts = await row_counts(connection)
        assert counts["exchange_exchange"] == len(exchanges)
        self.told += exchanges
        if self._broken:
            raise OSError("the outbox is full")

    async def moved(self, connection: Connection, movements: Sequence[Movement]) -> None:
        """Not used here."""
        raise NotImplementedError

    async def capped(self, connection: Connection, notices: Sequence[CapNotice]) -> None:
        """Not used here."""
        raise NotImplementedError

    async def locked_out(self, connection: Connection, lockouts: Sequence[object]) -> None:
        """Not used here."""
        raise NotImplementedError


async def test_the_outbox_hears_of_new_exchanges_once(network: Network, desk: Desk) -> None:
    """Inside the transaction, and not again when one is repeated."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    outbox = Outbox()
    order = desk.acceptance(await desk.quote(ann, 3_000))
    verdicts = [await accept_many(network.database, [order, order], outbox=outbox) for _ in range(2)]
    assert verdicts[0] == verdicts[1] == [outbox.told[0]] * 2
    assert len(outbox.told) == 1


async def test_without_the_outbox_nothing_happens(network: Network, desk: Desk) -> None:
    """What fails inside the transaction undoes all of it; sent again it works."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    order = desk.acceptance(await desk.quote(ann, 3_000))
    with pytest.raises(OSError, match="full"):
        await accept_many(network.database, [order], outbox=Outbox(broken=True))
    assert await network.points(ann) == {"HOTEL": 3_000, "MILES": 0}
    assert [type(verdict) for verdict in await accept_many(network.database, [order])] == [Exchange]


async def test_a_large_bulk(network: Network, desk: Desk) -> None:
    """512 at once, each member with two."""
    people = await network.enrol_many(256, {"HOTEL": 2_000, "BEANS": 0})
    requests = [QuoteRequest(person.id, "HOTEL", "BEANS", 1_000) for person in people * 2]
    offers = [offer for offer in await quote_many(network.database, requests) if isinstance(offer, Quote)]
    verdicts = await accept_many(network.database, [desk.acceptance(offer) for offer in offers])
    assert [type(verdict) for verdict in verdicts] == [Exchange] * 512
    assert await network.points(people[255]) == {"HOTEL": 0, "BEANS": 990_00}
    positions = await network.positions()
    assert (positions["hotel"], positions["coffee"]) == (512 * -50_000_000, 512 * 49_500_000)


async def test_more_than_the_ledger_takes_at_once(
    network: Network, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bulk beyond the ledger's largest batch is posted in several, and decided all the same."""
    monkeypatch.setattr("exchange.acceptance._ROUND_MAX", 2)
    ann = await network.enrol({"HOTEL": 5_000, "MILES": 0})
    offers = [await desk.quote(ann, 1_000) for _ in range(5)]
    orders = [desk.acceptance(offer) for offer in offers]
    verdicts = await accept_many(network.database, [*orders, desk.acceptance(offers[4]), orders[4]])
    assert [type(verdict) for verdict in verdicts] == [Exchange] * 5 + [QuoteUsed, Exchange]
    assert verdicts[6] == verdicts[4]
    assert await network.points(ann) == {"HOTEL": 0, "MILES": 3_300}


async def test_nothing_to_accept(network: Network) -> None:
    """An empty bulk is an empty answer."""
    assert await accept_many(network.database, []) == []
