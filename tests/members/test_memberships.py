"""Finding memberships."""

from uuid import UUID

from core.database import Connection, Database
from members import MembershipStatus, membership_by_number, memberships, memberships_by_id, memberships_by_number
from members.memberships import _BY_NUMBER, _OF_MEMBERS
from tests.network import load_network

NOBODY = UUID("018bcfe5-6800-7000-8000-00000000ffff")


async def test_of_members(database: Database) -> None:
    """Each member's own cards, by any id they were ever known by; nobody has none."""
    network = await load_network(database)
    ann, bo = await network.enrol({"HOTEL": 0, "MILES": 0}), await network.enrol({"HOTEL": 0})
    async with database.connection() as connection:
        found = await memberships(connection, [ann.id, ann.cards["MILES"].id, bo.id, NOBODY])
    both = tuple(sorted(ann.cards.values(), key=lambda card: card.id))
    assert found == {ann.id: both, ann.cards["MILES"].id: both, bo.id: (bo.cards["HOTEL"],), NOBODY: ()}
    assert {card.member_id for card in both} == {ann.id}


async def test_by_id(database: Database) -> None:
    """Memberships by their own ids, without those that do not exist."""
    network = await load_network(database)
    card = (await network.enrol({"HOTEL": 0})).cards["HOTEL"]
    async with database.connection() as connection:
        assert await memberships_by_id(connection, [card.id, NOBODY]) == {card.id: card}
    assert (card.tier, card.status) == ("base", MembershipStatus.ACTIVE)


async def test_by_number(database: Database) -> None:
    """A number finds its card however it is written, in its own program only."""
    network = await load_network(database)
    card = (await network.enrol({"HOTEL": 0})).cards["HOTEL"]
    written = f" {card.number[:4].lower()} {card.number[4:]} "
    asked = [(card.program_id, written), (card.program_id, "Z9"), (card.program_id, ""), (NOBODY, card.number)]
    async with database.connection() as connection:
        assert await memberships_by_number(connection, asked) == {asked[0]: card}
        assert await membership_by_number(connection, card.program_id, "卡") is None


async def test_plans(database: Database, superuser: Connection) -> None:
    """The wallet's and the till's queries read what they need by index, whatever the tables hold."""
    network = await load_network(database)
    people = await network.enrol_many(3_000, {"HOTEL": 0})
    await superuser.execute("ANALYZE members_record, members_membership")
    card = people[0].cards["HOTEL"]
    for query, arguments in (
        (_OF_MEMBERS, ([people[0].id],)),
        (_BY_NUMBER, ([card.program_id], [card.number])),
    ):
        plan = "\n".join(row[0] for row in await superuser.fetch(f"EXPLAIN {query}", *arguments))
        assert "Seq Scan" not in plan, plan
