"""The audit finds what was tampered with in cards that brought points over."""

import pytest

from brands.accounts import issued_account, points_account
from core.codes import Code
from core.database import Connection, Database
from core.ids import new_id
from ledger import LotTerms, Transfer, audit, post
from members.checks import CHECKS
from tests.network import Network, Person, load_network


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """Brands with programs, and nobody yet."""
    return await load_network(pinned_database)


@pytest.fixture
async def ann(network: Network, superuser: Connection) -> Person:
    """She brought 41 over to one of her two cards."""
    person = await network.enrol({"BEANS": 0, "HOTEL": 0})
    card, program = person.cards["BEANS"].id, network.program("BEANS")
    await superuser.execute("UPDATE members_membership SET opening_amount = 41 WHERE id = $1", card)
    issued, account = issued_account(program), points_account(card, program)
    terms = LotTerms(expires_at=None, funder=program.participant_id, unit_cost=7)
    brought = Transfer(new_id(), issued.id, account.id, 41, Code.OPENING, reference=card, lot=terms)
    async with network.database.transaction() as connection:
        (outcome,) = await post(connection, [brought], accounts=[issued, account], clock=network.database.clock)
    assert outcome.ok
    assert await findings(network) == []
    return person


async def findings(network: Network) -> list[tuple[str, str, str]]:
    """Check, card and column of everything that is found."""
    report = await audit(network.database, checks=CHECKS)
    return [(it.check, it.key, it.column) for it in report.findings]


async def test_changed_cards(network: Network, ann: Person, superuser: Connection) -> None:
    """Another amount, one that was never posted, another program, and no card at all."""
    await superuser.execute("SET session_replication_role = replica")
    beans, hotel = str(ann.cards["BEANS"].id), str(ann.cards["HOTEL"].id)
    await superuser.execute("UPDATE members_membership SET opening_amount = opening_amount + 1")
    assert sorted(await findings(network)) == sorted(
        [("openings", beans, "opening_amount"), ("openings", hotel, "opening_amount")]
    )
    await superuser.execute("UPDATE members_membership SET opening_amount = opening_amount - 1")
    await superuser.execute(
        "UPDATE members_membership SET program_id = $1 WHERE id = $2::uuid", network.program("MILES").id, beans
    )
    assert await findings(network) == [("openings", beans, "program_id"), ("cards", beans, "program_id")]
    await superuser.execute("DELETE FROM members_membership")
    assert ("cards", beans, "id") in await findings(network)
