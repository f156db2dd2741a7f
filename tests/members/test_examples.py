"""The example network's member exports."""

from pathlib import Path

import pytest

from brands import BrandConfig, apply_all, directory, load_network_files
from brands.accounts import points_account
from core.database import Database
from examples.network.generate import DEMO_ROWS, FORMS, Export, exports
from examples.network.people import DEMO, MEMBERS, SHOP_PHONE
from ledger import audit, balances
from members import (
    Identifier,
    IdentifierType,
    ImportReport,
    Member,
    MemberKeys,
    Membership,
    SignInIdentity,
    display,
    import_file,
    memberships,
    open_reviews,
    sign_in,
)

FOLDER = Path(__file__).parents[2] / "examples" / "network"
BRANDS = {"AURORA": "aurora", "MERIDIAN": "meridian", "KOPI": "kopi"}


@pytest.fixture(scope="session")
def generated() -> list[Export]:
    """What the generator makes."""
    return exports()


def test_committed(generated: list[Export]) -> None:
    """The files that lie in the folder are what the generator makes, byte for byte."""
    assert {each.file: (FOLDER / each.file).read_bytes() == each.content for each in generated} == {
        "aurora-members.csv": True,
        "meridian-members.txt": True,
        "kopi-members.csv": True,
    }


async def test_imported(database: Database, keys: MemberKeys, generated: list[Export]) -> None:
    """Each file brings 5,000 members over and tells the rows broken on purpose and no others; DEMO is one person."""
    await _apply(database)
    for form, export in zip(FORMS, generated, strict=True):
        report = await import_file(database, keys, BRANDS[form.program], FOLDER / form.file)
        assert isinstance(report, ImportReport)
        assert (report.imported, report.duplicates, report.differing) == (MEMBERS, export.duplicates, ())
        assert {broken.line: broken.column for broken in report.broken} == export.broken
    await _assert_demo(database, keys)
    await _assert_protected(database, keys)
    assert not (await audit(database)).findings


async def _apply(database: Database) -> None:
    configs = load_network_files([FOLDER / f"{brand}.toml" for brand in BRANDS.values()])
    assert isinstance(configs, list), configs
    assert all(isinstance(config, BrandConfig) for config in configs)
    await apply_all(database, configs)


async def _assert_demo(database: Database, keys: MemberKeys) -> None:
    """Who signs in with DEMO's unionid and phone has one card of each program, with the balances of the files."""
    member = await sign_in(
        database, keys, SignInIdentity("wechat", "wx-demo", "demo", DEMO.unionid, f"+86{DEMO.phone}")
    )
    assert isinstance(member, Member)
    async with database.connection() as connection:
        cards = (await memberships(connection, [member.id]))[member.id]
        shown = (await display(connection, keys, [member.id]))[member.id]
    assert {card.number for card in cards} == {row["number"] for row in DEMO_ROWS.values()}
    assert await _points(database, cards) == {"AURORA": 48_600, "MERIDIAN": 12_300, "KOPI": 86_050}
    assert (shown.phone, shown.email) == ("+86138****1234", "l***@example.com")


async def _points(database: Database, cards: tuple[Membership, ...]) -> dict[str, int]:
    async with database.connection() as connection:
        programs = (await directory(connection)).programs
        accounts = {
            programs[card.program_id].code: points_account(card.id, programs[card.program_id]) for card in cards
        }
        found = await balances(connection, [account.id for account in accounts.values()])
    return {code: found[account.id].net_credit for code, account in accounts.items()}


async def _assert_protected(database: Database, keys: MemberKeys) -> None:
    """The shop's telephone is asked about; no member has two cards of one program or crowds of records."""
    async with database.connection() as connection:
        asked = {review.identifier_id for review in await open_reviews(connection, 1_000)}
        sizes = await connection.fetch("SELECT member_id, count(*) AS n FROM members_record GROUP BY member_id")
        double = await connection.fetch(_DOUBLE)
    assert keys.identifier_id(Identifier(IdentifierType.PHONE, "", f"+86{SHOP_PHONE}")) in asked
    assert max(row["n"] for row in sizes) <= 4
    assert sum(1 for row in sizes if row["n"] >= 3) > 300
    assert double == []


_DOUBLE = """
SELECT record.member_id FROM members_membership JOIN members_record AS record USING (id)
GROUP BY record.member_id, program_id HAVING count(*) > 1
"""
