"""Two cards of one person who is recognised while both are used: together they keep to one limit."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.database import Connection, Database
from exchange import Acceptance, Exchange, LimitReached, Quote, QuoteRequest, accept, quote
from exchange.docket_rows import MembersMoved, read_opening
from tests.network import AIRLINE, COFFEE, HOTEL, Network, Person, load_network

DAY = HOTEL.replace("max = 200000, step = 100, member_day = 300000 }", "max = 3000, step = 100, member_day = 3000 }")

_LOCKED = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'
    AND datname = current_database()
"""


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    """Another process's pool."""
    opened = await Database.connect(database_url, pool_size_max=4)
    yield opened
    await opened.close()


async def offered(network: Network, person: Person) -> Acceptance:
    found = await quote(network.database, QuoteRequest(person.id, "HOTEL", "MILES", 3_000))
    assert isinstance(found, Quote), found
    return Acceptance(found.id, person.id, f"key {found.id}")


async def waiting(superuser: Connection) -> None:
    """Until somebody waits for a lock that is held."""
    while not await superuser.fetchval(_LOCKED):  # noqa: ASYNC110 - it happens in the database
        await asyncio.sleep(0)


@pytest.mark.parametrize("turned", [False, True])
async def test_merged_in_the_gap_before_the_lock(
    database: Database, other: Database, superuser: Connection, *, turned: bool
) -> None:
    """Both were read as two people, and then are one: whoever comes second is told that nothing is left today."""
    network = await load_network(database, (DAY, AIRLINE, COFFEE))
    people = await network.enrol_many(2, {"HOTEL": 3_000, "MILES": 0})
    late, early = people[::-1] if turned else people
    asked = [await offered(network, late), await offered(network, early)]
    async with superuser.transaction():
        # Whoever is late has read who is who, and waits for the lock on its quote's card.
        await hold(superuser, late)
        slow = asyncio.create_task(accept(database, asked[0]))
        await waiting(superuser)
        await merge(other, people)
        # Who is early is not late's member yet for the lock that is held: it may go first, where it need not wait.
        fast = asyncio.create_task(accept(other, asked[1]))
        for _ in range(20):
            await asyncio.sleep(0)
    outcomes = await asyncio.gather(slow, fast)
    assert sorted(type(found).__name__ for found in outcomes) == ["Exchange", "LimitReached"]
    made = next(found for found in outcomes if isinstance(found, Exchange))
    refused = next(found for found in outcomes if isinstance(found, LimitReached))
    assert (made.conversion.source, refused.left) == (3_000, 0)
    sums = await superuser.fetch("SELECT sum(total_amount) AS total FROM exchange_usage")
    assert [row["total"] for row in sums] == [3_000]


async def test_who_is_somebody_else_by_then_begins_anew(
    database: Database, other: Database, superuser: Connection
) -> None:
    """What was locked while they were two people is not all that counts for the one they are."""
    network = await load_network(database, (DAY, AIRLINE, COFFEE))
    people = await network.enrol_many(2, {"HOTEL": 3_000, "MILES": 0})
    asked = await offered(network, people[0])

    async def opened() -> None:
        async with database.transaction() as connection:
            await read_opening(connection, [asked], None)

    async with superuser.transaction():
        await hold(superuser, people[0])
        slow = asyncio.create_task(opened())
        await waiting(superuser)
        await merge(other, people)
    with pytest.raises(MembersMoved):
        await slow


async def merge(database: Database, people: list[Person]) -> None:
    """All their cards are one person's from now on."""
    cards = [card.id for person in people for card in person.cards.values()]
    async with database.transaction() as connection:
        query = "UPDATE members_record SET member_id = $2 WHERE id = ANY($1::uuid[])"
        await connection.execute(query, cards, min(cards))


async def hold(superuser: Connection, person: Person) -> None:
    """Hold the lock under which the person's exchanges are counted, as another exchange of theirs would."""
    lock = f"SELECT pg_advisory_xact_lock(hashtextextended($1, {0x45584348}))"
    await superuser.execute(lock, str(person.cards["HOTEL"].id))
