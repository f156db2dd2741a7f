"""Thousands of awards and burns under one name."""

import asyncio
from collections.abc import Sequence

import pytest

from core.database import Connection, Database
from core.refusals import IdempotencyConflict, KeyUnusable
from exchange import (
    Award,
    Batch,
    BatchRow,
    BatchWish,
    Burn,
    Movement,
    RowResult,
    batch_by_key,
    batch_results,
    move_batch,
)
from exchange.batches import CHUNK, digest_of
from tests.network import Network, Person

CLIENT = "coffee-office"


def row(network: Network, person: Person, key: str, amount: int = 100, **changes: object) -> BatchRow:
    content = {"number": person.cards["BEANS"].number} | changes
    order = Award("BEANS", str(content["number"]), amount, network.brand_id("coffee"), CLIENT, "")
    return BatchRow(key, order)


def wish(network: Network, rows: Sequence[BatchRow], key: str = "january") -> BatchWish:
    brand_id, program_id = network.brand_id("coffee"), network.program("BEANS").id
    return BatchWish(CLIENT, key, brand_id, program_id, digest_of(rows), len(rows))


async def sent(network: Network, rows: Sequence[BatchRow], **options: object) -> Batch:
    found = await move_batch(network.database, wish(network, rows), rows, **options)  # type: ignore[arg-type]
    assert isinstance(found, Batch), found
    return found


async def results(network: Network, batch: Batch, *, after: int = 0, refused_only: bool = False) -> Sequence[RowResult]:
    async with network.database.connection() as connection:
        return await batch_results(connection, batch.id, after=after, count=100_000, refused_only=refused_only)


async def test_an_answer_for_each_row(network: Network) -> None:
    """Good rows are recorded, bad ones refused with their reason; the batch says how many of each."""
    ann = await network.enrol({"BEANS": 0})
    burned = Burn("BEANS", ann.cards["BEANS"].number, 250, network.brand_id("coffee"), CLIENT, "")
    rows = [
        row(network, ann, "1", 500),
        row(network, ann, "2", number="NOBODY"),
        BatchRow("3", burned),
        BatchRow("4", KeyUnusable()),
        row(network, ann, "1", 501),
        row(network, ann, "x" * 60),
        BatchRow("7", burned),
    ]
    batch = await sent(network, rows)
    found = await results(network, batch)
    assert [(each.number, each.key, each.refusal) for each in found] == [
        (1, "1", None),
        (2, "2", "UnknownMemberNumber"),
        (3, "3", None),
        (4, "4", "KeyUnusable"),
        (5, "1", "IdempotencyConflict"),
        (6, "x" * 59, "KeyUnusable"),
        (7, "7", None),
    ]
    assert (batch.row_count, batch.moved, batch.refused, batch.finished_at) == (7, 3, 4, network.database.clock.now())
    assert [each.number for each in await results(network, batch, after=5)] == [6, 7]
    assert [each.number for each in await results(network, batch, refused_only=True)] == [2, 4, 5, 6]
    assert await network.points(ann) == {"BEANS": 0}


async def test_sent_again_nothing_happens_twice(network: Network) -> None:
    """And what was refused is judged anew: whoever has joined meanwhile gets the points."""
    ann = await network.enrol({"BEANS": 0})
    rows = [row(network, ann, "1"), row(network, ann, "2", number="LATE1")]
    first = await sent(network, rows)
    assert (first.moved, first.refused) == (1, 1)
    assert await sent(network, rows) == first
    bob = await network.enrol({"BEANS": 0})
    async with network.database.transaction() as connection:
        await connection.execute("UPDATE members_membership SET number = 'LATE1' WHERE id = $1", bob.cards["BEANS"].id)
    again = await sent(network, rows)
    assert (again.id, again.moved, again.refused) == (first.id, 2, 0)
    assert [await network.points(person) for person in (ann, bob)] == [{"BEANS": 100}, {"BEANS": 100}]


class Killed(Exception):
    """The process ends here."""


class Killer:
    """An outbox that brings the process down in the middle of a chunk."""

    def __init__(self, at: int) -> None:
        self._at = at

    async def moved(self, connection: Connection, movements: Sequence[Movement]) -> None:
        """Count down."""
        del connection, movements
        self._at -= 1
        if not self._at:
            raise Killed

    exchanged = capped = moved


@pytest.mark.parametrize("chunk", [1, 2, 3])
async def test_killed_anywhere_and_sent_again(network: Network, chunk: int) -> None:
    """2,500 rows: whole thousands stand or do not; afterwards each row is recorded once."""
    people = await network.enrol_many(50, {"BEANS": 0})
    rows = [row(network, people[at % 50], str(at), 1) for at in range(2 * CHUNK + 500)]
    with pytest.raises(Killed):
        await sent(network, rows, outbox=Killer(chunk))
    async with network.database.connection() as connection:
        stopped = await batch_by_key(connection, CLIENT, "january")
    assert stopped
    assert (stopped.moved, stopped.finished_at) == (CHUNK * (chunk - 1), None)
    done: list[int] = []
    batch = await sent(network, rows, progress=done.append)
    assert (batch.moved, batch.refused, done) == (2_500, 0, [1_000, 2_000, 2_500])
    assert [await network.points(person) for person in people] == [{"BEANS": 50}] * 50


async def test_the_same_batch_twice_at_once(live_network: Network, database_url: str) -> None:
    """From two processes: each row once, and both get the same answer."""
    people = await live_network.enrol_many(20, {"BEANS": 0})
    rows = [row(live_network, people[at % 20], str(at), 1) for at in range(1_200)]
    elsewhere = await Database.connect(database_url, pool_size_max=4)
    asked = wish(live_network, rows)
    found = await asyncio.gather(*(move_batch(base, asked, rows) for base in (live_network.database, elsewhere)))
    await elsewhere.close()
    assert found[0] == found[1]
    assert [await live_network.points(person) for person in people] == [{"BEANS": 60}] * 20


async def test_one_name_has_one_content(network: Network) -> None:
    """Other rows under the name of an earlier batch are refused, and nothing moves."""
    ann = await network.enrol({"BEANS": 0})
    await sent(network, [row(network, ann, "1")])
    rows = [row(network, ann, "1"), row(network, ann, "2")]
    assert await move_batch(network.database, wish(network, rows), rows) == IdempotencyConflict("rows")
    assert await network.points(ann) == {"BEANS": 100}


@pytest.mark.parametrize("key", ["", "x" * 41, "a\x00b"])
async def test_names_that_are_none(network: Network, key: str) -> None:
    assert await move_batch(network.database, wish(network, [], key), []) == KeyUnusable(40)


async def test_nothing_in_it(network: Network) -> None:
    batch = await sent(network, [])
    assert (batch.row_count, batch.moved, batch.refused, batch.finished_at is None) == (0, 0, 0, False)
