"""Cards that members add by their number, and take out again."""

from pathlib import Path
from uuid import UUID

from brands import Applied, Program, apply, directory
from core.database import Connection, Database
from members import (
    Card,
    CardDetails,
    CardTaken,
    Decision,
    ImportReport,
    Member,
    MemberKeys,
    Membership,
    MembershipStatus,
    NumberUnusable,
    SignInIdentity,
    UnknownMember,
    Verdict,
    card_details,
    decide,
    erase,
    import_file,
    link_card,
    memberships,
    sign_in,
    unlink_card,
)
from tests.brands.adapter_samples import REST
from tests.brands.samples import read

ANN = SignInIdentity("wechat", "wx-app", "open-1")
BEN = SignInIdentity("wechat", "wx-app", "open-2")


async def rail(database: Database) -> Program:
    assert isinstance(await apply(database, read(REST)), Applied)
    async with database.connection() as connection:
        found = (await directory(connection)).program("RAIL")
    assert found is not None
    return found


async def member(database: Database, keys: MemberKeys, who: SignInIdentity) -> UUID:
    found = await sign_in(database, keys, who)
    assert isinstance(found, Member)
    return found.id


async def wallet(database: Database, member_id: UUID) -> list[tuple[str, str, MembershipStatus]]:
    async with database.connection() as connection:
        found = (await memberships(connection, [member_id]))[member_id]
    return [(card.number, card.tier, card.status) for card in found]


async def test_a_card_in_a_wallet(database: Database, keys: MemberKeys, superuser: Connection) -> None:
    """It is there once, however often it is added, and however the number is written; no points are posted."""
    program, ann = await rail(database), await member(database, keys, ANN)
    first = await link_card(database, keys, ann, Card(program, "ab-10001", None))
    assert isinstance(first, Membership)
    again = await link_card(database, keys, ann, Card(program, " AB-10001 ", "rider"))
    assert isinstance(again, Membership)
    assert again == first
    assert await wallet(database, ann) == [(first.number, "rider", MembershipStatus.ACTIVE)]
    assert await superuser.fetchval("SELECT count(*) FROM ledger_transfer") == 0


async def test_a_card_of_somebody_else(database: Database, keys: MemberKeys) -> None:
    """Knowing a number does not open another wallet."""
    program = await rail(database)
    ann, ben = await member(database, keys, ANN), await member(database, keys, BEN)
    assert isinstance(await link_card(database, keys, ann, Card(program, "10001", None)), Membership)
    assert await link_card(database, keys, ben, Card(program, "10001", None)) == CardTaken()
    assert await wallet(database, ben) == []
    assert len(await wallet(database, ann)) == 1


async def test_taken_out_and_put_in_again(database: Database, keys: MemberKeys) -> None:
    """Afterwards it is nobody's, and whoever has it confirmed next may have it; its id stays."""
    program = await rail(database)
    ann, ben = await member(database, keys, ANN), await member(database, keys, BEN)
    card = await link_card(database, keys, ann, Card(program, "10001", None))
    assert isinstance(card, Membership)
    await unlink_card(database, card)
    assert await wallet(database, ann) == []
    await unlink_card(database, card)
    other = await link_card(database, keys, ben, Card(program, "10001", None))
    assert isinstance(other, Membership)
    assert (other.id, other.status) == (card.id, MembershipStatus.ACTIVE)
    assert await wallet(database, ann) == []
    assert len(await wallet(database, ben)) == 1


async def test_what_is_no_number(database: Database, keys: MemberKeys, superuser: Connection) -> None:
    """Nothing is written."""
    program, ann = await rail(database), await member(database, keys, ANN)
    assert await link_card(database, keys, ann, Card(program, "  ", None)) == NumberUnusable()
    assert await superuser.fetchval("SELECT count(*) FROM members_membership") == 0


async def test_a_file_of_a_brand_that_keeps_its_own_books(
    database: Database, keys: MemberKeys, superuser: Connection, tmp_path: Path
) -> None:
    """Its members get their cards; no balance is brought over, and none is compared with ours later."""
    columns = 'columns = { number = "no", tier = "tier", balance = "points", enrolled_on = "since" }'
    assert isinstance(await apply(database, read(f"{REST}[programs.RAIL.member_file]\n{columns}\n")), Applied)
    path = tmp_path / "members.csv"
    path.write_text("no,tier,points,since\n10001,rider,12.50,2025-01-02\n10002,rider,0,2025-01-02\n", "utf-8")
    for points in ("12.50", "99.00"):
        path.write_text(path.read_text("utf-8").replace("12.50", points), "utf-8")
        report = await import_file(database, keys, "rail", path)
        assert isinstance(report, ImportReport)
        assert (report.imported + report.unchanged, report.points, report.differing) == (2, "0.00", ())
    assert await superuser.fetchval("SELECT count(*) FROM ledger_transfer") == 0
    assert await superuser.fetchval("SELECT sum(opening_amount) FROM members_membership") == 0


async def test_what_linking_brought_is_kept_sealed_and_goes_with_the_card(
    database: Database, keys: MemberKeys, superuser: Connection
) -> None:
    """The brand's token and the confirmed name: read with the keys alone, replaced by a new linking, and then gone."""
    program, ann = await rail(database), await member(database, keys, ANN)

    async def told(card_id: UUID) -> CardDetails | None:
        async with database.connection() as connection:
            return (await card_details(connection, keys, [card_id])).get(card_id)

    async def kept() -> int:
        found: int = await superuser.fetchval("SELECT count(*) FROM members_card_link")
        return found

    card = await link_card(database, keys, ann, Card(program, "1001", None, CardDetails("Lin Ke", "tok-first")))
    assert isinstance(card, Membership)
    assert await told(card.id) == CardDetails("Lin Ke", "tok-first")
    everything = await superuser.fetchval("SELECT string_agg(link::text, ' ') FROM members_card_link AS link")
    assert "Lin" not in everything
    assert b"tok-first".hex() not in everything
    again = await link_card(database, keys, ann, Card(program, "1001", None, CardDetails("Lin Ke", "tok-second")))
    assert again == card
    assert await told(card.id) == CardDetails("Lin Ke", "tok-second")
    await unlink_card(database, card)
    assert (await told(card.id), await kept()) == (CardDetails(), 0)
    await link_card(database, keys, ann, Card(program, "1001", None, CardDetails(None, "tok-third")))
    assert await kept() == 1
    decision = Decision(ann, card.id, Verdict.DIFFERENT, "staff", "it is her sister's")
    assert not isinstance(await decide(database, decision), UnknownMember)
    assert await kept() == 0


async def test_an_erased_card_has_no_token(database: Database, keys: MemberKeys, superuser: Connection) -> None:
    """With the member's keys goes what their brands gave for them; a merge before takes nothing away."""
    program, ann, ben = await rail(database), await member(database, keys, ANN), await member(database, keys, BEN)
    card = await link_card(database, keys, ann, Card(program, "1001", None, CardDetails("Lin Ke", "tok-first")))
    assert isinstance(card, Membership)
    await decide(database, Decision(ann, ben, Verdict.SAME, "staff", "one person"))
    async with database.connection() as connection:
        assert (await card_details(connection, keys, [card.id]))[card.id].token == "tok-first"
    await erase(database, ben)
    assert await superuser.fetchval("SELECT count(*) FROM members_card_link") == 0
    async with database.connection() as connection:
        assert await card_details(connection, keys, [card.id]) == {}
