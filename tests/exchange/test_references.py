"""How members are spoken of to brands: what a brand's mapping asks for, and no more."""

from uuid import UUID

import msgspec

from core.database import Connection, Database
from exchange import Acceptance, Exchange, QuoteRequest, accept, quote
from exchange.brand_system import MemberReference
from exchange.offers import Quote
from exchange.references import member_references
from exchange.saga.advancing import begin_many
from exchange.saga.turns import Call
from members import CardDetails, MemberKeys
from members.card_links import keep_link
from members.records import Profile
from tests.brands.adapter_samples import REST
from tests.network import AIRLINE, HOTEL, Network, load_network

KEYS = MemberKeys.from_root(b"root secret of this test, 32 bytes")
PLAIN = REST.replace("${member.name}", "${member.number}").replace("${member.link}", "${member.number}")


async def named(superuser: Connection, card_id: UUID, name: str) -> None:
    """As a brand's file would have brought the name."""
    sealed = KEYS.seal(card_id, msgspec.json.encode(Profile(name, ())))
    query = "UPDATE members_record SET wrapped_key = $2, sealed_profile = $3 WHERE id = $1"
    await superuser.execute(query, card_id, sealed.wrapped_key, sealed.body)


async def begun(network: Network, superuser: Connection, keys: MemberKeys | None) -> tuple[str, MemberReference]:
    """The card's number, and how the first call to RAIL about an exchange into it speaks of it."""
    person = await network.enrol({"HOTEL": 3_000, "RAIL": 0})
    card = person.cards["RAIL"]
    await named(superuser, card.id, "Lin Ke")
    async with network.database.transaction() as connection:
        await keep_link(connection, KEYS, card.id, CardDetails(None, "token-1"), network.database.clock.now())
    offer = await quote(network.database, QuoteRequest(person.id, "HOTEL", "RAIL", 1_000))
    assert isinstance(offer, Quote), offer
    made = await accept(network.database, Acceptance(offer.id, person.id, "key"))
    assert isinstance(made, Exchange), made
    (call,) = await begin_many(network.database, [made.id], keys=keys)
    assert isinstance(call, Call)
    return card.number, call.member


async def test_a_call_tells_name_and_token_where_the_mapping_uses_them(
    database: Database, superuser: Connection
) -> None:
    """The name of the card's own record and the token of its linking; without keys the number alone."""
    network = await load_network(database, (HOTEL, AIRLINE, REST))
    number, member = await begun(network, superuser, KEYS)
    assert member == MemberReference(number, "Lin Ke", "token-1")
    number, member = await begun(network, superuser, None)
    assert member == MemberReference(number)


async def test_nothing_is_opened_for_a_brand_that_asks_for_numbers_alone(
    database: Database, superuser: Connection
) -> None:
    """The name is known and the token too; neither leaves the house."""
    network = await load_network(database, (HOTEL, AIRLINE, PLAIN))
    number, member = await begun(network, superuser, KEYS)
    assert member == MemberReference(number)


async def test_the_name_of_another_brands_card_is_not_told(database: Database, superuser: Connection) -> None:
    """Whoever gave no name to this brand is not betrayed to it by another one."""
    network = await load_network(database, (HOTEL, AIRLINE, REST))
    person = await network.enrol({"HOTEL": 0, "RAIL": 0})
    await named(superuser, person.cards["HOTEL"].id, "Lin Ke")
    await named(superuser, person.cards["RAIL"].id, "")
    card = person.cards["RAIL"]
    async with database.connection() as connection:
        told = await member_references(connection, KEYS, [(card, network.program("RAIL"))])
    assert told == {card.id: MemberReference(card.number)}
