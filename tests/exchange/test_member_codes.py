"""The code a member shows at a till in place of a number."""

from datetime import timedelta

import pytest

from core.clock import SettableClock
from core.database import Connection
from core.refusals import IdempotencyConflict
from exchange import Award, Burn, MemberCodes, Movement, UnknownMemberCode, award, burn
from tests.network import Network, Person

CODES = MemberCodes(b"the root secret of a test's house")


@pytest.fixture
async def ann(network: Network) -> Person:
    """A member of the coffee chain."""
    return await network.enrol({"BEANS": 1_000})


def give(network: Network, code: str, amount: int = 100, key: str = "key") -> Award:
    """The corner shop's award to whoever shows the code."""
    return Award("BEANS", "", amount, network.brand_id("coffee-corner"), "till", key, code=code)


async def test_a_code_stands_for_the_member(network: Network, ann: Person) -> None:
    """At any till, as often as it likes while it lasts, to earn and to spend."""
    shown = await CODES.show(network.database, ann.id)
    assert len(shown.text) == 20
    assert shown.text.isdigit()
    found = await award(network.database, give(network, f"{shown.text[:10]} {shown.text[10:]}"), codes=CODES)
    assert isinstance(found, Movement)
    assert found.membership_id == ann.cards["BEANS"].id
    order = Burn("BEANS", "", 300, network.brand_id("coffee"), "till-2", "key", code=shown.text)
    assert isinstance(await burn(network.database, order, codes=CODES), Movement)
    assert await network.points(ann) == {"BEANS": 800}


async def test_it_lasts_a_minute_at_most(network: Network, ann: Person, clock: SettableClock) -> None:
    """It is shown for half a minute and accepted for half a minute more."""
    shown = await CODES.show(network.database, ann.id)
    clock.advance(shown.expires_at - clock.now() + timedelta(seconds=29.9))
    assert isinstance(await award(network.database, give(network, shown.text, key="1"), codes=CODES), Movement)
    clock.advance(timedelta(seconds=0.1))
    assert await award(network.database, give(network, shown.text, key="2"), codes=CODES) == UnknownMemberCode()


async def test_a_key_that_is_sent_again_after_the_code_is_over(
    network: Network, ann: Person, clock: SettableClock
) -> None:
    """A till whose answer was lost gets it; with another member's code it is another order."""
    shown = await CODES.show(network.database, ann.id)
    found = await award(network.database, give(network, shown.text), codes=CODES)
    clock.advance(timedelta(hours=1))
    assert await award(network.database, give(network, shown.text), codes=CODES) == found
    bob = await network.enrol({"BEANS": 0})
    other = await CODES.show(network.database, bob.id)
    assert await award(network.database, give(network, other.text), codes=CODES) == IdempotencyConflict("code")


async def test_what_is_no_code(network: Network, ann: Person) -> None:
    """Another proof, another name, other lengths, other letters; and none is known without the house's key."""
    shown = await CODES.show(network.database, ann.id)
    wrong = str((int(shown.text[-1]) + 1) % 10)
    texts = [
        shown.text[:-1] + wrong,
        "0" * 20,
        shown.text[:-1],
        shown.text + "0",
        "٠" * 20,
        "x",
        "a\x00b",
        "1" * 10_000,
    ]
    for text in texts:
        assert await award(network.database, give(network, text), codes=CODES) == UnknownMemberCode()
    assert await award(network.database, give(network, shown.text)) == UnknownMemberCode()
    assert (
        await award(network.database, give(network, shown.text), codes=MemberCodes(b"another")) == UnknownMemberCode()
    )
    assert await network.points(ann) == {"BEANS": 1_000}


async def test_a_member_without_a_card_of_the_program(network: Network) -> None:
    """Is nobody there."""
    bob = await network.enrol({"MILES": 0})
    shown = await CODES.show(network.database, bob.id)
    assert await award(network.database, give(network, shown.text), codes=CODES) == UnknownMemberCode()


async def test_a_closed_card(network: Network, ann: Person, superuser: Connection) -> None:
    """Gets nothing."""
    await superuser.execute("UPDATE members_membership SET status = 'closed' WHERE id = $1", ann.cards["BEANS"].id)
    shown = await CODES.show(network.database, ann.id)
    assert await award(network.database, give(network, shown.text), codes=CODES) == UnknownMemberCode()


async def test_the_name_in_the_code_stays(network: Network, ann: Person, clock: SettableClock) -> None:
    """Ten digits for ever, the other ten for half a minute; two members have different ones."""
    first = await CODES.show(network.database, ann.id)
    clock.advance(timedelta(seconds=30))
    second = await CODES.show(network.database, ann.id)
    other = await CODES.show(network.database, (await network.enrol({"BEANS": 0})).id)
    assert first.text[:10] == second.text[:10] != other.text[:10]
    assert first.text[10:] != second.text[10:]
