"""Tills honour rights."""

import asyncio
from datetime import timedelta

import pytest

from core.clock import SettableClock
from core.ids import new_id
from core.refusals import IdempotencyConflict
from rights import Claim, Grant, Redeemed, UnknownGrant, claim, expire_grants, grants_by_id, right_code
from rights.errors import CodeUsed, GrantExpired, NotHonouredHere, UnknownCode, UsesExhausted
from tests.network import Network, Person
from tests.rights.conftest import ROOT_KEY, Till

VISIT = 80_000_000
CUP = 15_000_000


async def buy(network: Network, points: dict[str, int], right: str, pay_with: str) -> tuple[Person, Grant]:
    person = await network.enrol(points)
    granted = await claim(network.database, Claim(person.id, right, "wish-1", pay_with))
    assert isinstance(granted, Grant)
    return person, granted


async def uses_left(network: Network, grant: Grant) -> int:
    async with network.database.connection() as connection:
        return (await grants_by_id(connection, [grant.id]))[grant.id].uses_left


async def test_issuer_owes_the_brand_that_honours(network: Network, till: Till) -> None:
    """A lounge of the airline takes the hotel's visit: one use is gone and the hotel owes 80.00 CNY."""
    ann, visit = await buy(network, {"HOTEL": 2_000}, "lounge", "HOTEL")
    redeemed = await till.scan(await till.show(ann.id, visit), "airline-lounge")
    assert isinstance(redeemed, Redeemed)
    assert (redeemed.grant_id, redeemed.brand_id) == (visit.id, network.brand_id("airline-lounge"))
    assert redeemed.settlement_micro == VISIT
    assert await uses_left(network, visit) == 0
    assert await network.positions() == {"airline": VISIT, "coffee": 0, "hotel": -VISIT, "hotel-franchise": 0}


async def test_own_brand_owes_itself_nothing(network: Network, till: Till) -> None:
    """A coffee card at the coffee chain's own corner."""
    ann, card = await buy(network, {"BEANS": 50_000}, "card", "BEANS")
    redeemed = await till.scan(await till.show(ann.id, card), "coffee-corner")
    assert isinstance(redeemed, Redeemed)
    assert redeemed.settlement_micro == 0
    assert await uses_left(network, card) == 9
    assert set((await network.positions()).values()) == {0}


async def test_franchise_is_paid_as_its_own_participant(network: Network, till: Till) -> None:
    """The franchised hotel settles for itself, though it stands below the group."""
    ann, card = await buy(network, {"BEANS": 50_000}, "card", "BEANS")
    assert isinstance(await till.scan(await till.show(ann.id, card), "hotel-franchise"), Redeemed)
    assert await network.positions() == {"airline": 0, "coffee": -CUP, "hotel": 0, "hotel-franchise": CUP}


async def test_code_works_once(network: Network, till: Till) -> None:
    """A photograph of the screen buys a second coffee nowhere."""
    ann, card = await buy(network, {"BEANS": 50_000}, "card", "BEANS")
    code = await till.show(ann.id, card)
    first = await till.scan(code, "coffee-corner", "scan-1")
    assert isinstance(first, Redeemed)
    assert await till.scan(code, "coffee-corner", "scan-2") == CodeUsed(first.id)
    assert await till.scan(code, "hotel-lake", "scan-1") == CodeUsed(first.id)
    assert await uses_left(network, card) == 9


async def test_code_at_two_tills_at_once_works_once(network: Network, till: Till) -> None:
    """Eight tills read one screen in the same instant."""
    ann, card = await buy(network, {"BEANS": 50_000}, "card", "BEANS")
    code = await till.show(ann.id, card)
    answers = await asyncio.gather(*(till.scan(code, "coffee-corner", f"scan-{number}") for number in range(8)))
    assert sum(isinstance(answer, Redeemed) for answer in answers) == 1
    assert await uses_left(network, card) == 9


async def test_same_scan_is_answered_again(network: Network, till: Till, clock: SettableClock) -> None:
    """A till that lost the answer asks again minutes later and gets it; nothing happens twice."""
    ann, card = await buy(network, {"BEANS": 50_000}, "card", "BEANS")
    code = await till.show(ann.id, card)
    first = await till.scan(code, "coffee-corner")
    clock.advance(timedelta(minutes=10))
    assert await till.scan(code, "coffee-corner") == first
    assert await uses_left(network, card) == 9


async def test_same_key_with_another_code_is_refused(network: Network, till: Till, clock: SettableClock) -> None:
    """A till's key stands for one scan."""
    ann, card = await buy(network, {"BEANS": 50_000}, "card", "BEANS")
    assert isinstance(await till.scan(await till.show(ann.id, card), "coffee-corner"), Redeemed)
    clock.advance(timedelta(seconds=30))
    assert await till.scan(await till.show(ann.id, card), "coffee-corner") == IdempotencyConflict("code")
    assert await till.scan("nonsense", "coffee-corner") == IdempotencyConflict("code")
    assert await uses_left(network, card) == 9


@pytest.mark.parametrize("code", ["", "nonsense", "9" * 18, "1000000000" + "0" * 8])
async def test_invented_codes_are_unknown(network: Network, till: Till, code: str) -> None:
    """Guessing says nothing about which grants exist."""
    await buy(network, {"BEANS": 50_000}, "card", "BEANS")
    assert await till.scan(code, "coffee-corner") == UnknownCode()


async def test_old_code_is_unknown(network: Network, till: Till, clock: SettableClock) -> None:
    """A minute later the screen has moved on."""
    ann, card = await buy(network, {"BEANS": 50_000}, "card", "BEANS")
    code = await till.show(ann.id, card)
    clock.advance(timedelta(minutes=1))
    assert await till.scan(code, "coffee-corner") == UnknownCode()


async def test_right_is_honoured_where_it_says(network: Network, till: Till) -> None:
    """The airline does not pour coffee; the code stays good for who does."""
    ann, card = await buy(network, {"BEANS": 50_000}, "card", "BEANS")
    code = await till.show(ann.id, card)
    assert await till.scan(code, "airline-lounge") == NotHonouredHere("card")
    assert isinstance(await till.scan(code, "coffee-corner"), Redeemed)


async def test_used_up(network: Network, till: Till, clock: SettableClock) -> None:
    """A single visit is used once; the next code opens no door."""
    ann, visit = await buy(network, {"HOTEL": 2_000}, "lounge", "HOTEL")
    assert isinstance(await till.scan(await till.show(ann.id, visit), "airline", "scan-1"), Redeemed)
    clock.advance(timedelta(seconds=30))
    assert await till.scan(await till.show(ann.id, visit), "airline", "scan-2") == UsesExhausted()
    assert (await network.positions())["airline"] == VISIT


async def test_validity_ends(network: Network, till: Till, clock: SettableClock) -> None:
    """After 72 hours the visit is over, and the sweep takes it back once."""
    ann, visit = await buy(network, {"HOTEL": 2_000}, "lounge", "HOTEL")
    assert await expire_grants(network.database) == 0
    clock.set(visit.valid_until)
    assert await till.scan(await till.show(ann.id, visit), "airline") == GrantExpired(visit.valid_until)
    assert await expire_grants(network.database) == 1
    assert await expire_grants(network.database) == 0
    assert await uses_left(network, visit) == 0
    assert set((await network.positions()).values()) == {0}


async def test_codes_are_shown_to_their_owner_only(network: Network, clock: SettableClock) -> None:
    """Somebody else's grant does not exist."""
    _, card = await buy(network, {"BEANS": 50_000}, "card", "BEANS")
    stranger = await network.enrol({"BEANS": 0})
    async with network.database.connection() as connection:
        shown = await right_code(connection, ROOT_KEY, stranger.id, card.id, clock=clock)
        unknown = await right_code(connection, ROOT_KEY, stranger.id, missing := new_id(), clock=clock)
    assert shown == UnknownGrant(card.id)
    assert unknown == UnknownGrant(missing)
