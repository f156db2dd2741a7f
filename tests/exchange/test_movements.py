"""Awards and burns: what moves, every refusal, and that sending twice moves once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from brands.accounts import issued_account, points_account
from core.clock import SettableClock
from core.codes import Code
from core.database import Connection, Database
from core.errors import Refusal
from core.ids import new_id
from core.refusals import IdempotencyConflict, InsufficientPoints, KeyUnusable
from exchange import (
    AmountAboveMaximum,
    AmountNotPositive,
    Award,
    Burn,
    Movement,
    MovementKind,
    NotYourProgram,
    ReasonUnusable,
    UnknownMemberNumber,
    UnknownProgram,
    award,
    burn,
    move_many,
)
from exchange.movement_posting import MovementFailed
from exchange.movement_rows import movements_by_id
from ledger import lots
from tests.exchange.conftest import row_counts
from tests.network import Network, Person

CLIENT = "coffee-till"


@pytest.fixture
async def ann(network: Network) -> Person:
    """A member of the coffee chain and the hotel."""
    return await network.enrol({"BEANS": 100_00, "HOTEL": 1_000})


def order(network: Network, person: Person, **changes: object) -> Award:
    """The corner shop's award to the person's card, changed here and there."""
    content: dict[str, object] = {
        "program": "BEANS",
        "number": person.cards["BEANS"].number,
        "amount": 12_50,
        "brand_id": network.brand_id("coffee-corner"),
        "client_id": CLIENT,
        "idempotency_key": "till-1/42",
        "reason": "Two flat whites",
    }
    return Award(**(content | changes))  # type: ignore[arg-type]


def spend(network: Network, person: Person, amount: int, key: str = "burn") -> Burn:
    """The corner shop's burn from the person's card."""
    number, brand_id = person.cards["BEANS"].number, network.brand_id("coffee-corner")
    return Burn("BEANS", number, amount, brand_id, CLIENT, key)


async def test_an_award(network: Network, ann: Person, superuser: Connection) -> None:
    """12.50 BEANS at the corner: one transfer, one lot of twelve months, and a row that says who and why."""
    found = await award(network.database, order(network, ann))
    assert isinstance(found, Movement)
    beans, card = network.program("BEANS"), ann.cards["BEANS"].id
    member, issued = points_account(card, beans).id, issued_account(beans).id
    expires_at = datetime(2027, 1, 15, 16, tzinfo=UTC)
    rows = await superuser.fetch("SELECT * FROM ledger_transfer WHERE code <> $1", Code.OPENING)
    columns = ("id", "debit_account_id", "credit_account_id", "amount", "code", "reference", "recorded_at")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        (found.id, issued, member, 12_50, Code.AWARD, found.id, found.recorded_at)
    ]
    assert found == Movement(
        found.id,
        MovementKind.AWARD,
        beans.id,
        card,
        12_50,
        network.brand_id("coffee-corner"),
        CLIENT,
        "till-1/42",
        "Two flat whites",
        900,
        expires_at,
        found.recorded_at,
    )
    async with network.database.connection() as connection:
        assert await movements_by_id(connection, [found.id]) == {found.id: found}
        held = (await lots(connection, [member], clock=network.database.clock))[member]
    lot = next(lot for lot in held if lot.expires_at)
    assert (lot.remaining, lot.expires_at, lot.funder, lot.unit_cost) == (
        12_50,
        expires_at,
        network.brand_id("coffee"),
        900,
    )
    assert await network.points(ann) == {"BEANS": 112_50, "HOTEL": 1_000}
    assert set((await network.positions()).values()) == {0}


async def test_a_franchisee_funds_what_it_awards(network: Network, ann: Person) -> None:
    """The lot is paid by the participant of the brand that acted, not by the program's."""
    brand_id = network.brand_id("hotel-franchise")
    number = ann.cards["HOTEL"].number
    await award(network.database, Award("HOTEL", number, 500, brand_id, "desk", "1"))
    account = points_account(ann.cards["HOTEL"].id, network.program("HOTEL")).id
    async with network.database.connection() as connection:
        held = (await lots(connection, [account], clock=network.database.clock))[account]
    assert [lot.funder for lot in held] == [brand_id, None]


async def test_a_burn(network: Network, ann: Person) -> None:
    """The points go back to where they came from; what is not there cannot be spent."""
    found = await burn(network.database, spend(network, ann, 60_00))
    assert isinstance(found, Movement)
    assert (found.kind, found.amount, found.expires_at, found.unit_cost_micro) == (MovementKind.BURN, 60_00, None, 0)
    assert await burn(network.database, spend(network, ann, 60_00, "2")) == InsufficientPoints(60_00, 40_00)
    assert await network.points(ann) == {"BEANS": 40_00, "HOTEL": 1_000}


async def test_a_number_as_people_write_it(network: Network, ann: Person) -> None:
    """Small letters, spaces and dashes do not matter."""
    number = ann.cards["BEANS"].number.lower()
    found = await award(network.database, order(network, ann, number=f" {number[:4]}-{number[4:]} "))
    assert isinstance(found, Movement)
    assert found.membership_id == ann.cards["BEANS"].id


@pytest.fixture
async def unmoved(network: Network, ann: Person) -> AsyncIterator[None]:
    """Nobody got anything."""
    yield
    assert await network.points(ann) == {"BEANS": 100_00, "HOTEL": 1_000}
    async with network.database.connection() as connection:
        assert (await row_counts(connection))["exchange_movement"] == 0


@pytest.mark.usefixtures("unmoved")
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"program": "NOWHERE"}, UnknownProgram("NOWHERE")),
        ({"program": "HOTEL"}, NotYourProgram("HOTEL")),
        ({"brand_id": UUID(int=7)}, NotYourProgram("BEANS")),
        ({"number": "0000"}, UnknownMemberNumber("0000")),
        ({"number": ""}, UnknownMemberNumber("")),
        ({"number": "a\x00b"}, UnknownMemberNumber("a\x00b")),
        ({"amount": 0}, AmountNotPositive()),
        ({"amount": -1}, AmountNotPositive()),
        ({"amount": 100_000_000_01}, AmountAboveMaximum(100_000_000_00)),
        ({"amount": 2**80}, AmountAboveMaximum(100_000_000_00)),
        ({"idempotency_key": ""}, KeyUnusable()),
        ({"idempotency_key": "a\x00b"}, KeyUnusable()),
        ({"reason": "x" * 201}, ReasonUnusable(200)),
        ({"reason": "a\x00b"}, ReasonUnusable(200)),
        ({"reason": "two\nlines"}, ReasonUnusable(200)),
    ],
)
async def test_refusals(network: Network, ann: Person, changes: Mapping[str, object], refusal: Refusal) -> None:
    """Each refusal says why, and nothing moves."""
    assert await award(network.database, order(network, ann, **changes)) == refusal


@pytest.mark.usefixtures("unmoved")
async def test_a_closed_card_gets_nothing(network: Network, ann: Person, superuser: Connection) -> None:
    """It looks like a number nobody has."""
    card = ann.cards["BEANS"]
    await superuser.execute("UPDATE members_membership SET status = 'closed' WHERE id = $1", card.id)
    assert await award(network.database, order(network, ann)) == UnknownMemberNumber(card.number)


@pytest.mark.usefixtures("unmoved")
async def test_a_closed_shop_gives_nothing(network: Network, ann: Person, superuser: Connection) -> None:
    """A brand that serves nobody any more does not award."""
    await superuser.execute("UPDATE brands_brand SET closed = true WHERE code = 'coffee-corner'")
    await superuser.execute(
        "INSERT INTO brands_revision (id, source, changes, made_at) VALUES ($1, 'test', '[]', now())", new_id()
    )
    assert await award(network.database, order(network, ann)) == NotYourProgram("BEANS")


async def test_sent_again_it_is_the_same_award(network: Network, ann: Person, clock: SettableClock) -> None:
    """Also days later: the first outcome, and nothing more."""
    first = await award(network.database, order(network, ann))
    clock.advance(timedelta(days=3))
    assert await award(network.database, order(network, ann)) == first
    assert await network.points(ann) == {"BEANS": 112_50, "HOTEL": 1_000}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": 12_51}, "amount"),
        ({"reason": "Something else"}, "reason"),
        ({"number": "0000"}, "number"),
        ({"program": "HOTEL"}, "program"),
        ({"program": "NOWHERE"}, "program"),
    ],
)
async def test_the_same_key_for_something_else(
    network: Network, ann: Person, changes: Mapping[str, object], field: str
) -> None:
    """The field that differs is named, and nothing moves."""
    await award(network.database, order(network, ann))
    assert await award(network.database, order(network, ann, **changes)) == IdempotencyConflict(field)
    assert await network.points(ann) == {"BEANS": 112_50, "HOTEL": 1_000}


async def test_the_same_key_from_another_shop_or_the_other_way(network: Network, ann: Person) -> None:
    """The acting brand and the direction are content too; another client's keys are its own."""
    first = order(network, ann)
    await award(network.database, first)
    elsewhere = order(network, ann, brand_id=network.brand_id("coffee"))
    assert await award(network.database, elsewhere) == IdempotencyConflict("brand")
    other_way = Burn(
        first.program, first.number, first.amount, first.brand_id, CLIENT, first.idempotency_key, first.reason
    )
    assert await burn(network.database, other_way) == IdempotencyConflict("kind")
    assert isinstance(await award(network.database, order(network, ann, client_id="another")), Movement)
    assert (await network.points(ann))["BEANS"] == 125_00


async def test_a_reason_is_kept_whole(network: Network, ann: Person) -> None:
    """As it was sent, up to its greatest length; the same again is the same."""
    long = order(network, ann, reason="拿铁\u3000" + "x" * 197)
    found = await award(network.database, long)
    assert isinstance(found, Movement)
    assert found.reason == long.reason
    assert await award(network.database, long) == found


async def test_the_same_key_with_a_longer_reason_is_not_the_same(network: Network, ann: Person) -> None:
    """Nothing of a reason is cut off before it is compared."""
    await award(network.database, order(network, ann, reason="x" * 200))
    longer = order(network, ann, reason="x" * 201)
    assert await award(network.database, longer) == ReasonUnusable(200)
    assert await network.points(ann) == {"BEANS": 112_50, "HOTEL": 1_000}


async def test_a_bulk_answers_row_by_row(network: Network, ann: Person) -> None:
    """Good rows are recorded, bad ones refused, repeated ones recorded once; a burn sees all awards of the bulk."""
    orders: list[Award | Burn] = [
        order(network, ann, idempotency_key="1"),
        order(network, ann, idempotency_key="2", number="0000"),
        order(network, ann, idempotency_key="1"),
        order(network, ann, idempotency_key="1", amount=1),
        spend(network, ann, 150_00, "4"),
        order(network, ann, idempotency_key="5", amount=50_00),
        spend(network, ann, 1_00_00_00, "6"),
    ]
    found = await move_many(network.database, orders)
    assert [type(verdict) for verdict in found] == [
        Movement,
        UnknownMemberNumber,
        Movement,
        IdempotencyConflict,
        Movement,
        Movement,
        InsufficientPoints,
    ]
    assert found[2] == found[0]
    assert found[6] == InsufficientPoints(1_00_00_00, 162_50)
    assert (await network.points(ann))["BEANS"] == 12_50


async def test_more_orders_than_the_ledger_takes_at_once(network: Network) -> None:
    """10,000 awards in one call: all of them, once each."""
    people = await network.enrol_many(100, {"BEANS": 0})
    orders = [order(network, people[at % 100], amount=1, idempotency_key=str(at)) for at in range(10_000)]
    found = await move_many(network.database, orders)
    assert len({verdict.id for verdict in found if isinstance(verdict, Movement)}) == 10_000
    assert [await network.points(person) for person in people[::33]] == [{"BEANS": 100}] * 4


async def test_nothing_ordered(network: Network) -> None:
    """An empty bulk is an empty answer."""
    assert await move_many(network.database, []) == []


async def test_one_award_fifty_times_at_once(live_network: Network, database_url: str) -> None:
    """From two processes: one movement for all of them."""
    ann = await live_network.enrol({"BEANS": 0})
    elsewhere = await Database.connect(database_url, pool_size_max=4)
    pair = [live_network.database, elsewhere]
    found = await asyncio.gather(*(award(pair[at % 2], order(live_network, ann)) for at in range(50)))
    await elsewhere.close()
    assert isinstance(found[0], Movement)
    assert found == [found[0]] * 50
    assert await live_network.points(ann) == {"BEANS": 12_50}


async def test_books_that_refuse_for_no_reason_of_the_brands(
    network: Network, ann: Person, superuser: Connection
) -> None:
    """What no request can cause is an error, not a refusal, and nothing moves."""
    account = points_account(ann.cards["BEANS"].id, network.program("BEANS")).id
    await superuser.execute("UPDATE ledger_account SET closed_at = now() WHERE id = $1", account)
    with pytest.raises(MovementFailed, match="credit_account_closed"):
        await award(network.database, order(network, ann))
    assert await network.points(ann) == {"BEANS": 100_00, "HOTEL": 1_000}
