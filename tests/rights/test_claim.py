"""Members claim rights."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from core.clock import SettableClock
from core.database import Database
from core.refusals import IdempotencyConflict, InsufficientPoints, KeyUnusable, NetDebitCapReached
from rights import Claim, ClaimRefusal, Grant, claim, claim_many, grants
from rights.errors import NotAMember, NotEligible, NotForSaleWith, PayWithNeeded, SoldOut, UnknownRight
from tests.network import AIRLINE, HOTEL, NOON, Network, Person, load_network

LOUNGE_FUNDING = 1_500 * 60_000


async def held_by(network: Network, person: Person) -> list[Grant]:
    async with network.database.connection() as connection:
        found = await grants(connection, [card.id for card in person.cards.values()])
    return [grant for card in person.cards.values() for grant in found[card.id]]


async def test_right_is_paid_with_its_issuers_points(network: Network) -> None:
    """The points go back to their program, the member holds one use for 72 hours, and nobody owes anybody."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    granted = await claim(network.database, Claim(ann.id, "lounge", "wish-1", pay_with="HOTEL"))
    assert isinstance(granted, Grant)
    assert (granted.uses, granted.uses_left, granted.price, granted.funding_micro) == (1, 1, 2_000, 0)
    assert (granted.valid_from, granted.valid_until) == (NOON, NOON + timedelta(hours=72))
    assert await network.points(ann) == {"HOTEL": 1_000, "MILES": 0}
    assert await held_by(network, ann) == [granted]
    assert set((await network.positions()).values()) == {0}


async def test_other_programs_points_are_owed_to_the_issuer(network: Network) -> None:
    """Miles pay for a hotel's right: the airline owes the hotel what the miles are worth when given up."""
    ann = await network.enrol({"MILES": 1_500})
    granted = await claim(network.database, Claim(ann.id, "lounge", "wish-1", pay_with="MILES"))
    assert isinstance(granted, Grant)
    assert granted.funding_micro == LOUNGE_FUNDING
    assert await network.points(ann) == {"MILES": 0}
    expected = {"airline": -LOUNGE_FUNDING, "coffee": 0, "hotel": LOUNGE_FUNDING, "hotel-franchise": 0}
    assert await network.positions() == expected


async def test_same_key_grants_once(network: Network) -> None:
    """Sent again, alone or beside itself, a claim returns the grant it got the first time."""
    ann = await network.enrol({"HOTEL": 5_000})
    wish = Claim(ann.id, "lounge", "wish-1", pay_with="HOTEL")
    first, again = await claim_many(network.database, [wish, wish])
    assert isinstance(first, Grant)
    assert again == first == await claim(network.database, wish)
    assert await network.points(ann) == {"HOTEL": 3_000}


async def test_same_key_at_once_grants_once(network: Network) -> None:
    """Ten copies of a claim on ten connections: one grant, ten times the same answer."""
    ann = await network.enrol({"HOTEL": 50_000})
    wish = Claim(ann.id, "lounge", "wish-1", pay_with="HOTEL")
    answers = await asyncio.gather(*(claim(network.database, wish) for _ in range(10)))
    assert len({answer.id for answer in answers if isinstance(answer, Grant)}) == 1
    assert len(await held_by(network, ann)) == 1
    assert await network.points(ann) == {"HOTEL": 48_000}


@pytest.mark.parametrize(
    ("second", "field"),
    [(("card", None), "right"), (("lounge", "MILES"), "pay_with")],
)
async def test_same_key_with_other_content_is_refused(
    network: Network, second: tuple[str, str | None], field: str
) -> None:
    """The first field that differs is named, and nothing moves."""
    ann = await network.enrol({"HOTEL": 5_000, "MILES": 5_000, "BEANS": 50_000})
    assert isinstance(await claim(network.database, Claim(ann.id, "lounge", "wish-1", "HOTEL")), Grant)
    before = await network.points(ann)
    right, pay_with = second
    assert await claim(network.database, Claim(ann.id, right, "wish-1", pay_with)) == IdempotencyConflict(field)
    assert await network.points(ann) == before


def refusals() -> list[tuple[dict[str, int], str, str | None, ClaimRefusal]]:
    return [
        ({"HOTEL": 1_999}, "lounge", "HOTEL", InsufficientPoints(2_000, 1_999)),
        ({"HOTEL": 5_000}, "nothing", None, UnknownRight("nothing")),
        ({"HOTEL": 5_000}, "lounge", None, PayWithNeeded(("HOTEL", "MILES"))),
        ({"HOTEL": 5_000}, "lounge", "BEANS", NotForSaleWith("BEANS")),
        ({"HOTEL": 5_000}, "lounge", "MILES", NotAMember(("MILES",))),
        ({"HOTEL": 5_000}, "card", None, NotAMember(("BEANS",))),
        ({"HOTEL": 5_000}, "late-check-out", None, NotEligible(("HOTEL:gold",))),
        ({"MILES": 5_000}, "late-check-out", None, NotEligible(("HOTEL:gold",))),
    ]


@pytest.mark.parametrize(("points", "right", "pay_with", "refusal"), refusals())
async def test_refusals_say_why_and_move_nothing(
    network: Network, points: dict[str, int], right: str, pay_with: str | None, refusal: ClaimRefusal
) -> None:
    """Each reason has its own refusal with the facts."""
    ann = await network.enrol(points)
    assert await claim(network.database, Claim(ann.id, right, "wish-1", pay_with)) == refusal
    assert await network.points(ann) == points
    assert await held_by(network, ann) == []


@pytest.mark.parametrize("key", ["", "x" * 101, "line\nbreak"])
async def test_unusable_keys_are_refused(network: Network, key: str) -> None:
    """A key is 1 to 100 printable characters."""
    ann = await network.enrol({"HOTEL": 5_000})
    assert await claim(network.database, Claim(ann.id, "lounge", key, "HOTEL")) == KeyUnusable(100)


async def test_refused_key_may_be_sent_again(network: Network) -> None:
    """Too poor today, granted tomorrow, with the same key."""
    ann = await network.enrol({"HOTEL": 1_000})
    wish = Claim(ann.id, "lounge", "wish-1", "HOTEL")
    assert await claim(network.database, wish) == InsufficientPoints(2_000, 1_000)
    await network.give([(ann.cards["HOTEL"].id, "HOTEL", 1_000)])
    assert isinstance(await claim(network.database, wish), Grant)


async def test_points_past_their_last_day_buy_nothing(network: Network, clock: SettableClock) -> None:
    """They stand in the account until they are swept, and are worth nothing."""
    ann = await network.enrol({"HOTEL": 5_000}, expires_at=NOON + timedelta(days=1))
    clock.advance(timedelta(days=1))
    assert await claim(network.database, Claim(ann.id, "lounge", "wish-1", "HOTEL")) == InsufficientPoints(2_000, 0)


async def test_free_right_needs_the_tier(network: Network) -> None:
    """A gold member gets it for nothing."""
    gold = await network.enrol({"HOTEL": 0}, tier="gold")
    granted = await claim(network.database, Claim(gold.id, "late-check-out", "wish-1"))
    assert isinstance(granted, Grant)
    assert (granted.price, granted.price_program_id, granted.membership_id) == (0, None, gold.cards["HOTEL"].id)


async def test_exactly_the_stock_is_sold(network: Network) -> None:
    """Thirty buyers at once, ten visits in stock: ten grants, twenty refusals, and only ten have paid."""
    buyers = await network.enrol_many(30, {"HOTEL": 2_000})
    wishes = [Claim(buyer.id, "lounge", "wish-1", "HOTEL") for buyer in buyers]
    answers = await asyncio.gather(*(claim(network.database, wish) for wish in wishes))
    assert sum(isinstance(answer, Grant) for answer in answers) == 10
    assert answers.count(SoldOut("lounge")) == 20
    left = [(await network.points(buyer))["HOTEL"] for buyer in buyers]
    assert sorted(left) == [0] * 10 + [2_000] * 20


async def test_bulk_sells_to_those_who_can_pay(network: Network) -> None:
    """One refused claim harms none of its neighbours."""
    rich, poor = await network.enrol({"HOTEL": 2_000}), await network.enrol({"HOTEL": 1_999})
    wishes: list[tuple[UUID, str]] = [(poor.id, "a"), (rich.id, "b"), (rich.id, "c")]
    answers = await claim_many(network.database, [Claim(owner, "lounge", key, "HOTEL") for owner, key in wishes])
    assert answers[0] == InsufficientPoints(2_000, 1_999)
    assert isinstance(answers[1], Grant)
    assert answers[2] == InsufficientPoints(2_000, 0)


async def test_net_debit_cap_stops_funding(pinned_database: Database) -> None:
    """A participant that may owe no more cannot have its points spent at others: nothing moves."""
    small = AIRLINE.replace('net_debit_cap = "100000.00"', 'net_debit_cap = "89.99"')
    network = await load_network(pinned_database, [HOTEL, small])
    ann = await network.enrol({"MILES": 1_500})
    answer = await claim(network.database, Claim(ann.id, "lounge", "wish-1", "MILES"))
    assert answer == NetDebitCapReached(network.brand_id("airline"), LOUNGE_FUNDING, 89_990_000)
    assert await network.points(ann) == {"MILES": 1_500}
    assert await held_by(network, ann) == []
