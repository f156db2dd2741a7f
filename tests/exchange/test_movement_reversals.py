"""Taking back awards and burns: the very points, whole or in part, once."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brands.accounts import points_account
from core.clock import SettableClock
from core.database import Connection, Database
from core.errors import Refusal
from core.ids import new_id
from core.refusals import IdempotencyConflict, KeyUnusable
from exchange import (
    AlreadyReversed,
    AmountNotPositive,
    Award,
    Burn,
    Movement,
    MovementKind,
    MovementReversal,
    PointsSpent,
    ReasonUnusable,
    ReversalExceeds,
    UnknownMovement,
    award,
    burn,
    move_many,
    reverse_movement,
)
from exchange.checks import CHECKS
from ledger import Lot, audit, lots
from tests.network import Network, Person

CLIENT = "coffee-till"


@pytest.fixture
async def ann(network: Network) -> Person:
    """A member of the coffee chain with nothing."""
    return await network.enrol({"BEANS": 0})


async def awarded(network: Network, person: Person, amount: int, key: str = "award", days: int = 0) -> Movement:
    """By the corner shop."""
    number, brand_id = person.cards["BEANS"].number, network.brand_id("coffee-corner")
    found = await award(network.database, Award("BEANS", number, amount, brand_id, CLIENT, key, pending_days=days))
    assert isinstance(found, Movement), found
    return found


async def burned(network: Network, person: Person, amount: int, key: str = "burn") -> Movement:
    """At the corner shop."""
    number, brand_id = person.cards["BEANS"].number, network.brand_id("coffee-corner")
    found = await burn(network.database, Burn("BEANS", number, amount, brand_id, CLIENT, key))
    assert isinstance(found, Movement), found
    return found


def back(network: Network, movement: Movement, amount: int | None = None, **changes: Any) -> MovementReversal:
    """The corner shop's order to take it back, changed here and there."""
    content: dict[str, Any] = {
        "movement_id": movement.id,
        "amount": amount,
        "brand_id": network.brand_id("coffee-corner"),
        "client_id": CLIENT,
        "idempotency_key": f"back-{new_id()}",
    }
    return MovementReversal(**(content | changes))


async def held(network: Network, person: Person) -> Sequence[Lot]:
    account = points_account(person.cards["BEANS"].id, network.program("BEANS")).id
    async with network.database.connection() as connection:
        return (await lots(connection, [account], clock=network.database.clock))[account]


async def whole(network: Network) -> bool:
    report = await audit(network.database, checks=CHECKS)
    assert report.whole, report
    return True


async def test_an_award_is_taken_back(network: Network, ann: Person) -> None:
    """All that is left of it, when no amount is named; the books hold."""
    movement = await awarded(network, ann, 500)
    found = await reverse_movement(network.database, back(network, movement, reason="Returned"))
    assert isinstance(found, Movement)
    assert (found.kind, found.amount, found.reverses_id, found.reason) == (
        MovementKind.AWARD_REVERSAL,
        500,
        movement.id,
        "Returned",
    )
    assert await network.points(ann) == {"BEANS": 0}
    assert await whole(network)


async def test_piece_by_piece(network: Network, ann: Person) -> None:
    """Until nothing is left; more than is left is refused with what is."""
    movement = await awarded(network, ann, 500)
    assert isinstance(await reverse_movement(network.database, back(network, movement, 200)), Movement)
    assert await reverse_movement(network.database, back(network, movement, 301)) == ReversalExceeds(300)
    assert isinstance(await reverse_movement(network.database, back(network, movement)), Movement)
    assert await reverse_movement(network.database, back(network, movement)) == AlreadyReversed()
    assert await network.points(ann) == {"BEANS": 0}
    assert await whole(network)


async def test_other_points_are_left_alone(network: Network, ann: Person, clock: SettableClock) -> None:
    """What is taken back is that award's lot, not the one that expires first."""
    await awarded(network, ann, 100, "early")
    clock.advance(timedelta(days=40))
    movement = await awarded(network, ann, 500, "late")
    await reverse_movement(network.database, back(network, movement))
    assert [lot.remaining for lot in await held(network, ann)] == [100]


async def test_spent_points_cannot_be_taken_back(network: Network, ann: Person) -> None:
    """Refused with what is left of exactly these points, also when the member has others; nothing moves."""
    movement = await awarded(network, ann, 500)
    await burned(network, ann, 350)
    await awarded(network, ann, 1_000, "another")
    assert await reverse_movement(network.database, back(network, movement)) == PointsSpent(500, 150)
    assert await network.points(ann) == {"BEANS": 1_150}


async def test_as_far_as_possible(network: Network, ann: Person) -> None:
    """What is left is taken, when that was asked for; sent again it is the same; nothing left is a refusal."""
    movement = await awarded(network, ann, 500)
    await burned(network, ann, 350)
    order = back(network, movement, as_far_as_possible=True)
    found = await reverse_movement(network.database, order)
    assert isinstance(found, Movement)
    assert found.amount == 150
    assert await reverse_movement(network.database, order) == found
    again = back(network, movement, as_far_as_possible=True)
    assert await reverse_movement(network.database, again) == PointsSpent(350, 0)
    assert await network.points(ann) == {"BEANS": 0}
    assert await whole(network)


async def test_a_burn_goes_back_to_its_lots(network: Network, ann: Person, clock: SettableClock) -> None:
    """The same lots with the same last days, the latest expiring first when it is a part."""
    await awarded(network, ann, 100, "early")
    clock.advance(timedelta(days=40))
    await awarded(network, ann, 500, "late")
    before = await held(network, ann)
    movement = await burned(network, ann, 250)
    found = await reverse_movement(network.database, back(network, movement, 200))
    assert isinstance(found, Movement)
    assert (found.kind, found.amount) == (MovementKind.BURN_REVERSAL, 200)
    assert [(lot.id, lot.remaining) for lot in await held(network, ann)] == [(before[0].id, 50), (before[1].id, 500)]
    await reverse_movement(network.database, back(network, movement))
    assert await held(network, ann) == before
    assert await whole(network)


async def test_points_given_back_too_late(network: Network, ann: Person, clock: SettableClock) -> None:
    """Where their own lot has expired they live on for thirty days."""
    await awarded(network, ann, 100)
    movement = await burned(network, ann, 100)
    clock.advance(timedelta(days=400))
    await reverse_movement(network.database, back(network, movement))
    (lot,) = await held(network, ann)
    assert (lot.remaining, lot.expires_at) == (100, clock.now() + timedelta(days=30))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"movement_id": new_id()}, UnknownMovement()),
        ({"amount": 0}, AmountNotPositive()),
        ({"amount": -1}, AmountNotPositive()),
        ({"amount": 2**80}, ReversalExceeds(500)),
        ({"idempotency_key": ""}, KeyUnusable()),
        ({"reason": "x" * 201}, ReasonUnusable(200)),
        ({"idempotency_key": "award"}, IdempotencyConflict("kind")),
    ],
)
async def test_refusals(network: Network, ann: Person, changes: Mapping[str, Any], refusal: Refusal) -> None:
    """Each says why, and nothing moves."""
    movement = await awarded(network, ann, 500)
    assert await reverse_movement(network.database, back(network, movement, **changes)) == refusal
    assert await network.points(ann) == {"BEANS": 500}


@pytest.mark.parametrize("brand", ["hotel", "airline", "hotel-lake"])
async def test_somebody_elses_movement(network: Network, ann: Person, brand: str) -> None:
    """Looks like one that does not exist."""
    movement = await awarded(network, ann, 500)
    order = back(network, movement, brand_id=network.brand_id(brand))
    assert await reverse_movement(network.database, order) == UnknownMovement()


async def test_the_chain_takes_back_what_its_shop_gave_and_not_the_other_way(network: Network, ann: Person) -> None:
    """Hierarchy goes downwards."""
    number, chain = ann.cards["BEANS"].number, network.brand_id("coffee")
    chains = await award(network.database, Award("BEANS", number, 500, chain, CLIENT, "chain"))
    assert isinstance(chains, Movement)
    assert await reverse_movement(network.database, back(network, chains)) == UnknownMovement()
    shops = await awarded(network, ann, 500)
    assert isinstance(await reverse_movement(network.database, back(network, shops, brand_id=chain)), Movement)


async def test_a_reversal_is_not_reversed(network: Network, ann: Person) -> None:
    movement = await awarded(network, ann, 500)
    found = await reverse_movement(network.database, back(network, movement))
    assert isinstance(found, Movement)
    assert await reverse_movement(network.database, back(network, found)) == UnknownMovement()


async def test_the_same_key_for_something_else(network: Network, ann: Person) -> None:
    """The field that differs is named."""
    first, second = await awarded(network, ann, 500, "1"), await awarded(network, ann, 500, "2")
    order = back(network, first, 100, idempotency_key="back")
    found = await reverse_movement(network.database, order)
    assert await reverse_movement(network.database, order) == found
    more = back(network, first, 101, idempotency_key="back")
    assert await reverse_movement(network.database, more) == IdempotencyConflict("amount")
    other = back(network, second, 100, idempotency_key="back")
    assert await reverse_movement(network.database, other) == IdempotencyConflict("movement_id")
    number, brand_id = ann.cards["BEANS"].number, network.brand_id("coffee-corner")
    as_award = await award(network.database, Award("BEANS", number, 100, brand_id, CLIENT, "back"))
    assert as_award == IdempotencyConflict("kind")


async def test_a_bulk_of_reversals_of_one_award(network: Network, ann: Person) -> None:
    """Decided as if they had come one by one."""
    movement = await awarded(network, ann, 500)
    found = await move_many(network.database, [back(network, movement, 300), back(network, movement, 300)])
    assert [type(verdict) for verdict in found] == [Movement, ReversalExceeds]
    assert found[1] == ReversalExceeds(200)


async def test_fifty_at_once_take_it_back_once(live_network: Network, database_url: str) -> None:
    """From two processes and two clients: never more than was awarded."""
    ann = await live_network.enrol({"BEANS": 0})
    movement = await awarded(live_network, ann, 500)
    elsewhere = await Database.connect(database_url, pool_size_max=4)
    pair = [live_network.database, elsewhere]
    orders = [back(live_network, movement, 300, client_id=f"till-{at % 2}") for at in range(20)]
    found = await asyncio.gather(*(reverse_movement(pair[at % 2], order) for at, order in enumerate(orders)))
    await elsewhere.close()
    assert sorted(type(verdict).__name__ for verdict in found) == ["Movement"] + ["ReversalExceeds"] * 19
    assert await live_network.points(ann) == {"BEANS": 200}


async def test_what_was_tampered_with_is_named(network: Network, ann: Person, superuser: Connection) -> None:
    """A reversal of more than there was."""
    movement = await awarded(network, ann, 500)
    found = await reverse_movement(network.database, back(network, movement, 200))
    assert isinstance(found, Movement)
    await superuser.execute("UPDATE exchange_movement SET amount = 501 WHERE id = $1", found.id)
    report = await audit(network.database, checks=CHECKS)
    named = {(finding.check, finding.column) for finding in report.findings}
    assert ("movement-reversals", "amount") in named


async def test_an_award_that_waits(network: Network, ann: Person, clock: SettableClock) -> None:
    """Fourteen days: usable from midnight in Shanghai two weeks on, not a microsecond before."""
    movement = await awarded(network, ann, 500, days=14)
    assert movement.available_at == datetime(2026, 1, 28, 16, tzinfo=UTC)
    assert movement.expires_at == datetime(2027, 1, 29, 16, tzinfo=UTC)
    number, brand_id = ann.cards["BEANS"].number, network.brand_id("coffee-corner")
    clock.advance(movement.available_at - clock.now() - timedelta(microseconds=1))
    early = await burn(network.database, Burn("BEANS", number, 500, brand_id, CLIENT, "burn"))
    assert not isinstance(early, Movement)
    clock.advance(timedelta(microseconds=1))
    assert isinstance(await burn(network.database, Burn("BEANS", number, 500, brand_id, CLIENT, "burn")), Movement)
    assert await whole(network)


async def test_one_that_waits_is_taken_back(network: Network, ann: Person) -> None:
    """Before it could be used: that is what the wait is for."""
    movement = await awarded(network, ann, 500, days=14)
    assert isinstance(await reverse_movement(network.database, back(network, movement)), Movement)
    assert await network.points(ann) == {"BEANS": 0}


@pytest.mark.parametrize("days", [-1, 367])
async def test_waits_that_cannot_be(network: Network, ann: Person, days: int) -> None:
    number, brand_id = ann.cards["BEANS"].number, network.brand_id("coffee-corner")
    order = Award("BEANS", number, 500, brand_id, CLIENT, "award", pending_days=days)
    assert type(await award(network.database, order)).__name__ == "PendingTooLong"


async def test_the_wait_is_part_of_the_order(network: Network, ann: Person) -> None:
    await awarded(network, ann, 500, days=14)
    number, brand_id = ann.cards["BEANS"].number, network.brand_id("coffee-corner")
    order = Award("BEANS", number, 500, brand_id, CLIENT, "award", pending_days=15)
    assert await award(network.database, order) == IdempotencyConflict("pending_days")
