"""Every reason why a quote is not carried out; and that nothing moves then."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from brands.accounts import points_account
from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from core.refusals import IdempotencyConflict, InsufficientPoints, KeyUnusable, NetDebitCapReached
from exchange import (
    Acceptance,
    Exchange,
    LimitReached,
    NotAMember,
    Period,
    QuoteExpired,
    QuoteUsed,
    UnknownQuote,
    accept,
    accept_many,
)
from exchange.posting import PostingFailed
from tests.exchange.conftest import Desk, row_counts
from tests.network import AIRLINE, HOTEL, NOON, Network, Person, load_network


@pytest.fixture
async def ann(network: Network) -> Person:
    """A member with 5,000 HOTEL."""
    return await network.enrol({"HOTEL": 5_000, "MILES": 0})


@pytest.fixture
async def unmoved(network: Network, ann: Person) -> AsyncIterator[None]:
    """Ann has what she had, and neither exchange nor transfer was added."""
    yield
    assert await network.points(ann) == {"HOTEL": 5_000, "MILES": 0}
    assert set((await network.positions()).values()) == {0}
    async with network.database.connection() as connection:
        counts = await row_counts(connection)
    assert (counts["exchange_exchange"], counts["exchange_history"], counts["exchange_usage"]) == (0, 0, 0)


@pytest.mark.usefixtures("unmoved")
async def test_an_unknown_quote(network: Network, ann: Person) -> None:
    """A quote that was never given."""
    quote_id = new_id()
    assert await accept(network.database, Acceptance(quote_id, ann.id, "key")) == UnknownQuote(quote_id)


@pytest.mark.usefixtures("unmoved")
async def test_somebody_elses_quote(network: Network, desk: Desk, ann: Person) -> None:
    """It looks like one that was never given."""
    ben = await network.enrol({"HOTEL": 5_000, "MILES": 0})
    offer = await desk.quote(ann, 3_000)
    assert await accept(network.database, Acceptance(offer.id, ben.id, "key")) == UnknownQuote(offer.id)


@pytest.mark.usefixtures("unmoved")
async def test_an_expired_quote(network: Network, desk: Desk, ann: Person, clock: SettableClock) -> None:
    """The promise ends at its instant, and stays ended."""
    offer = await desk.quote(ann, 3_000)
    clock.set(offer.expires_at)
    for _ in range(2):
        assert await accept(network.database, desk.acceptance(offer, "key")) == QuoteExpired(offer.id, offer.expires_at)


async def test_the_last_instant_of_a_quote(network: Network, desk: Desk, ann: Person, clock: SettableClock) -> None:
    """Until then it holds."""
    offer = await desk.quote(ann, 3_000)
    clock.set(offer.expires_at - timedelta(microseconds=1))
    assert isinstance(await accept(network.database, desk.acceptance(offer)), Exchange)


@pytest.mark.usefixtures("unmoved")
@pytest.mark.parametrize("key", ["", "x" * 101, "a\x00b", "line\nbreak", "\ud800"])
async def test_a_key_that_cannot_be_one(network: Network, desk: Desk, ann: Person, key: str) -> None:
    """Empty, too long, or with characters that cannot be printed or stored."""
    offer = await desk.quote(ann, 3_000)
    assert await accept(network.database, Acceptance(offer.id, ann.id, key)) == KeyUnusable(100)


@pytest.mark.usefixtures("unmoved")
async def test_a_card_that_was_closed_meanwhile(
    network: Network, desk: Desk, ann: Person, superuser: Connection
) -> None:
    """A quote does not outlive the membership."""
    offer = await desk.quote(ann, 3_000)
    await superuser.execute("UPDATE members_membership SET status = 'closed' WHERE id = $1", offer.target.membership_id)
    assert await accept(network.database, desk.acceptance(offer)) == NotAMember("MILES")


@pytest.mark.usefixtures("unmoved")
async def test_a_card_that_turned_out_to_be_somebody_elses(
    network: Network, desk: Desk, ann: Person, superuser: Connection
) -> None:
    """Who is found not to be the holder cannot give the points away."""
    offer = await desk.quote(ann, 3_000, "HOTEL", "MILES")
    card = offer.target.membership_id
    await superuser.execute("UPDATE members_record SET member_id = id WHERE id = $1", card)
    assert await accept(network.database, desk.acceptance(offer)) == NotAMember("MILES")


async def test_more_points_than_there_are_by_now(network: Network, desk: Desk, ann: Person) -> None:
    """Two quotes, points for one: the second is refused with what is left, and its quote stays good."""
    first, second = await desk.quote(ann, 3_000), await desk.quote(ann, 3_000)
    await desk.accept(first)
    order = desk.acceptance(second)
    assert await accept(network.database, order) == InsufficientPoints(3_000, 2_000)
    assert await network.points(ann) == {"HOTEL": 2_000, "MILES": 1_980}
    await network.give([(ann.cards["HOTEL"].id, "HOTEL", 1_000)])
    assert isinstance(await accept(network.database, order), Exchange)
    assert await network.points(ann) == {"HOTEL": 0, "MILES": 3_960}


async def test_points_that_expired_since_the_quote(network: Network, desk: Desk, clock: SettableClock) -> None:
    """They are not spendable from that instant on, swept or not."""
    ben = await network.enrol({"HOTEL": 5_000, "MILES": 0}, expires_at=NOON + timedelta(seconds=60))
    offer = await desk.quote(ben, 3_000)
    clock.advance(timedelta(seconds=60))
    assert await accept(network.database, desk.acceptance(offer)) == InsufficientPoints(3_000, 0)
    assert await network.points(ben) == {"HOTEL": 5_000, "MILES": 0}


async def test_the_day_limit_counts_what_was_accepted(network: Network, desk: Desk, clock: SettableClock) -> None:
    """Two quotes within the limit, one of them accepted: the other waits until midnight in the program's time zone."""
    midnight = datetime(2026, 1, 15, 16, tzinfo=UTC)
    clock.set(midnight - timedelta(seconds=60))
    ben = await network.enrol({"MILES": 300_000, "HOTEL": 0})
    first, second = [await desk.quote(ben, amount, "MILES", "HOTEL") for amount in (100_000, 60_000)]
    await desk.accept(first)
    order = desk.acceptance(second)
    assert await accept(network.database, order) == LimitReached(Period.DAY, 50_000, midnight)
    assert (await network.points(ben))["MILES"] == 200_000
    clock.set(midnight)
    assert isinstance(await accept(network.database, order), Exchange)


async def test_the_net_debit_cap(pinned_database: Database) -> None:
    """The hotel may owe 1,000.00: after 750.00 another 300.00 is refused, with what is left."""
    network = await load_network(
        pinned_database, [HOTEL.replace('net_debit_cap = "100000.00"', 'net_debit_cap = "1000.00"'), AIRLINE]
    )
    desk = Desk(network)
    ann = await network.enrol({"HOTEL": 50_000, "MILES": 0})
    first, second, third = [await desk.quote(ann, amount) for amount in (15_000, 6_000, 5_000)]
    await desk.accept(first)
    hotel = network.brand_id("hotel")
    assert await accept(network.database, desk.acceptance(second)) == NetDebitCapReached(
        hotel, 300_000_000, 250_000_000
    )
    assert await network.points(ann) == {"HOTEL": 35_000, "MILES": 9_900}
    await desk.accept(third)
    assert (await network.positions())["hotel"] == -1_000_000_000


async def test_a_quote_is_good_for_one_exchange(network: Network, desk: Desk, ann: Person) -> None:
    """Another key does not carry it out again."""
    offer = await desk.quote(ann, 2_000)
    made = await desk.accept(offer)
    assert await accept(network.database, desk.acceptance(offer)) == QuoteUsed(offer.id, made.id)
    assert await network.points(ann) == {"HOTEL": 3_000, "MILES": 1_320}


async def test_the_same_key_for_something_else(network: Network, desk: Desk, ann: Person) -> None:
    """The key stands for the first exchange; nothing else happens under it."""
    first, second = await desk.quote(ann, 2_000), await desk.quote(ann, 2_000)
    await desk.accept(first, "key")
    assert await accept(network.database, desk.acceptance(second, "key")) == IdempotencyConflict("quote_id")
    assert await network.points(ann) == {"HOTEL": 3_000, "MILES": 1_320}


async def test_keys_belong_to_members(network: Network, desk: Desk, ann: Person) -> None:
    """Two members may make the same key."""
    ben = await network.enrol({"HOTEL": 5_000, "MILES": 0})
    orders = [desk.acceptance(await desk.quote(person, 2_000), "key") for person in (ann, ben)]
    verdicts = await accept_many(network.database, orders)
    assert [isinstance(verdict, Exchange) for verdict in verdicts] == [True, True]


async def test_sent_again_it_is_the_same_exchange(
    network: Network, desk: Desk, ann: Person, clock: SettableClock
) -> None:
    """Also long after the quote has expired and the card was closed: the first outcome, and nothing more."""
    order = desk.acceptance(await desk.quote(ann, 2_000))
    first = await accept(network.database, order)
    clock.advance(timedelta(days=30))
    assert await accept(network.database, order) == first
    assert await network.points(ann) == {"HOTEL": 3_000, "MILES": 1_320}
    async with network.database.connection() as connection:
        assert (await row_counts(connection))["exchange_exchange"] == 1


async def test_books_that_refuse_for_no_reason_of_the_members(
    network: Network, desk: Desk, ann: Person, superuser: Connection
) -> None:
    """What no request can cause is an error, not a refusal, and nothing moves."""
    offer = await desk.quote(ann, 3_000)
    account = points_account(ann.cards["HOTEL"].id, network.program("HOTEL")).id
    await superuser.execute("UPDATE ledger_account SET closed_at = now() WHERE id = $1", account)
    with pytest.raises(PostingFailed, match="source is debit_account_closed"):
        await accept(network.database, desk.acceptance(offer))
    assert await network.points(ann) == {"HOTEL": 5_000, "MILES": 0}
    assert set((await network.positions()).values()) == {0}
