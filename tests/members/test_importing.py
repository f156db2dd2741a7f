"""Bringing a brand's members over, against the real database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from brands.accounts import issued_account, points_account
from core.clock import SettableClock
from core.database import Connection, Database
from core.table import LINE_LENGTH_MAX
from core.table_errors import ColumnsMissing, FileUnreadable, ImportRefused, LineTooLong, NotAText, WrongEncoding
from ledger import Lot, audit, balances, lots
from members import (
    BrokenRow,
    Difference,
    ImportReport,
    MemberKeys,
    Membership,
    MembershipStatus,
    display,
    erase,
    import_file,
    members_of,
    membership_by_number,
    memberships,
)
from members.errors import NoMemberFile, NoSuchProgram, UnknownBrand
from members.importing import FileChanged
from tests.network import AIRLINE, COFFEE, HOTEL, Network, load_network

MEMBER_FILE = """
[programs.MILES.member_file.columns]
number = "Card"
name = "Name"
phone = "Phone"
tier = "Tier"
balance = "Miles"
enrolled_on = "Since"
expires_on = "Until"
"""
HEADERS = "Card,Name,Phone,Tier,Miles,Since,Until"
ANN = "A-1,Ann,138 0000 0001,base,1200,2019-03-07,2031-12-31"
BO = "A-2,Bo,+8613800000002,Base,0,2020-01-01,"
CY = "A-3,Cy,,行者,77,2021-01-01,"


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """A network in which the airline delivers a file."""
    return await load_network(pinned_database, (HOTEL, AIRLINE + MEMBER_FILE, COFFEE))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file lies."""
    return tmp_path / "members.csv"


def _write(path: Path, *lines: str) -> None:
    path.write_text("\n".join((HEADERS, *lines)) + "\n", encoding="utf-8")


async def _import(network: Network, keys: MemberKeys, path: Path) -> ImportReport:
    report = await import_file(network.database, keys, "airline", path)
    assert isinstance(report, ImportReport), report
    return report


async def _card(network: Network, number: str) -> Membership:
    async with network.database.connection() as connection:
        found = await membership_by_number(connection, network.program("MILES").id, number)
    assert found is not None
    return found


async def _points(network: Network, numbers: Sequence[str]) -> list[int]:
    cards = [await _card(network, number) for number in numbers]
    accounts = [points_account(card.id, network.program("MILES")).id for card in cards]
    async with network.database.connection() as connection:
        found = await balances(connection, accounts)
    return [found[account].net_credit for account in accounts]


async def _issued(network: Network) -> int:
    account = issued_account(network.program("MILES")).id
    async with network.database.connection() as connection:
        return (await balances(connection, [account]))[account].net_credit


async def _counts(connection: Connection) -> dict[str, int]:
    tables = [row["relname"] for row in await connection.fetch(_TABLES)]
    return {table: await connection.fetchval(f'SELECT count(*) FROM "{table}"') for table in tables}


_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""


async def test_import(network: Network, keys: MemberKeys, path: Path) -> None:
    """Members, memberships and opening balances; the balance is a lot that ends with its last day."""
    _write(path, ANN, BO, CY)
    report = await _import(network, keys, path)
    assert report == ImportReport("MILES", 3, 3, 0, 0, 0, "1277", (), ())
    card = await _card(network, "a 1")
    assert (card.number, card.tier, card.status) == ("A1", "base", MembershipStatus.ACTIVE)
    assert card.enrolled_on == date(2019, 3, 7)
    assert await _points(network, ["A1", "A2", "A3"]) == [1_200, 0, 77]
    assert await _issued(network) == -1_277


async def test_lots(network: Network, keys: MemberKeys, path: Path) -> None:
    """Opening lots end with the file's own last day, or by the program's rule, or never; funder and cost are known."""
    _write(path, ANN, CY, "A-8,,,base,5,2020-01-01,9999-12-31")
    await _import(network, keys, path)
    program = network.program("MILES")
    accounts = [points_account((await _card(network, number)).id, program).id for number in ("A1", "A3", "A8")]
    async with network.database.connection() as connection:
        found = await lots(connection, accounts, clock=network.database.clock)
    ends = (datetime(2031, 12, 31, 16, tzinfo=UTC), datetime(2029, 12, 31, 16, tzinfo=UTC), None)
    for account, amount, expires_at in zip(accounts, (1_200, 77, 5), ends, strict=True):
        (lot,) = found[account]
        assert isinstance(lot, Lot)
        assert (lot.remaining, lot.expires_at, lot.available_at) == (amount, expires_at, None)
        assert (lot.funder, lot.unit_cost) == (program.participant_id, 50_000)


async def test_same_file_again(network: Network, keys: MemberKeys, path: Path, superuser: Connection) -> None:
    """The same file changes nothing, told from its bytes or, after another file, row by row."""
    _write(path, ANN, BO, CY, BO, "x")
    first = await _import(network, keys, path)
    before = await _counts(superuser)
    again = await _import(network, keys, path)
    assert again == replace(first, imported=0, unchanged=3, points="0")
    assert await _counts(superuser) == before
    _write(path, ANN, BO, CY, BO, "x", "")
    assert await _import(network, keys, path) == again
    assert await _counts(superuser) == before | {"members_import": before["members_import"] + 1}


async def test_duplicates(network: Network, keys: MemberKeys, path: Path) -> None:
    """Rows that repeat one are counted; rows that contradict one are broken; the first one counts."""
    _write(path, ANN, BO, ANN.replace("A-1", "a1"), ANN.replace("1200", "9000"), CY)
    report = await _import(network, keys, path)
    assert (report.rows, report.imported, report.duplicates) == (5, 3, 1)
    assert report.broken == (BrokenRow(5, "", "contradicts line 2, which counts", ""),)
    assert await _points(network, ["A1"]) == [1_200]


async def test_broken_rows(network: Network, keys: MemberKeys, path: Path) -> None:
    """Broken rows are listed with line, column, reason and masked value, while the good ones load."""
    _write(
        path, ANN, "A-4,Di,1380000,base,5,2020-01-01,", "A-5,Ed,,tin,5,2020-01-01,", CY, "A-6,Flo", "A-7,G,,base,-1,,"
    )
    report = await _import(network, keys, path)
    assert (report.rows, report.imported, report.points) == (6, 2, "1277")
    assert report.broken == (
        BrokenRow(3, "Phone", "is not a valid phone number", "1*****0"),
        BrokenRow(4, "Tier", "is not a tier of MILES", "tin"),
        BrokenRow(6, "", "has 2 columns in place of 7", ""),
        BrokenRow(7, "Miles", "is negative", "-1"),
    )
    assert await _issued(network) == -1_277


async def test_mended_file(network: Network, keys: MemberKeys, path: Path) -> None:
    """Once the broken rows are mended, the same file brings exactly those over."""
    _write(path, ANN, CY.replace("77", "seventy"))
    await _import(network, keys, path)
    _write(path, ANN, CY)
    report = await _import(network, keys, path)
    assert (report.imported, report.unchanged, report.points, report.broken) == (1, 1, "77", ())
    assert await _points(network, ["A1", "A3"]) == [1_200, 77]


async def test_later_file(network: Network, keys: MemberKeys, path: Path) -> None:
    """A later file updates who the member is; a balance that differs is told and never posted."""
    _write(path, ANN, CY)
    await _import(network, keys, path)
    before = await _card(network, "A1")
    _write(path, ANN.replace("Ann", "Anna").replace("138 0000 0001", "13800000009"), CY.replace(",77,", ",99,"))
    report = await _import(network, keys, path)
    assert (report.imported, report.updated, report.unchanged, report.points) == (0, 1, 1, "0")
    assert report.differing == (Difference(3, "**", "77", "99"),)
    assert await _points(network, ["A1", "A3"]) == [1_200, 77]
    async with network.database.connection() as connection:
        shown = await display(connection, keys, [before.member_id])
    assert (shown[before.member_id].name, shown[before.member_id].phone) == ("A***", "+86138****0009")
    assert await _card(network, "A1") == before


async def test_same_person(network: Network, keys: MemberKeys, path: Path) -> None:
    """Two cards of one program on one phone number are asked about; points stay with their cards."""
    _write(path, ANN, CY.replace("Cy,,", "Cy,13800000001,"))
    await _import(network, keys, path)
    cards = [await _card(network, number) for number in ("A1", "A3")]
    assert cards[0].member_id != cards[1].member_id
    async with network.database.connection() as connection:
        asked = await connection.fetch("SELECT left_id, right_id FROM members_review WHERE closed_at IS NULL")
        mine = await memberships(connection, [cards[0].member_id])
    assert [{row["left_id"], row["right_id"]} for row in asked] == [{card.id for card in cards}]
    assert mine == {cards[0].member_id: (cards[0],)}


async def test_stopped(network: Network, keys: MemberKeys, path: Path, superuser: Connection) -> None:
    """An import that is stopped keeps its whole batches; the next one goes on from there and ends the same."""
    _write(path, *(f"B-{number},,,base,{number},2020-01-01," for number in range(1, 8)))

    def stop(done: int, total: int) -> None:
        assert (done, total) == (2, 7)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await import_file(network.database, keys, "airline", path, progress=stop, batch_rows=2)
    assert (await _counts(superuser))["members_membership"] == 2
    assert await _issued(network) == -3
    report = await _import(network, keys, path)
    assert (report.imported, report.unchanged, report.points) == (5, 2, "25")
    assert await _points(network, [f"B{number}" for number in range(1, 8)]) == [1, 2, 3, 4, 5, 6, 7]
    assert await _issued(network) == -28


async def test_progress(network: Network, keys: MemberKeys, path: Path) -> None:
    """Progress is told after each batch, in rows, and ends at the total."""
    _write(path, ANN, BO, CY)
    told: list[tuple[int, int]] = []
    await import_file(
        network.database, keys, "airline", path, batch_rows=2, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(2, 3), (3, 3), (3, 3)]


async def test_changed_meanwhile(network: Network, keys: MemberKeys, path: Path) -> None:
    """A file that is spoilt while it is read stops the import with an error, not with a refusal."""
    _write(path, *(f"B-{number},,,base,{number},2020-01-01," for number in range(1, 1_000)))

    def spoil(done: int, total: int) -> None:
        del done, total
        with path.open("ab") as file:
            file.write(b"\0\n")

    with pytest.raises(FileChanged):
        await import_file(network.database, keys, "airline", path, progress=spoil, batch_rows=100)


async def test_erased(network: Network, keys: MemberKeys, path: Path) -> None:
    """The next file does not bring back who was erased, and their points stay in the books."""
    _write(path, ANN, CY)
    await _import(network, keys, path)
    card = await _card(network, "A1")
    assert await erase(network.database, card.member_id) == 1
    _write(path, ANN.replace("1200", "1300"), CY)
    report = await _import(network, keys, path)
    assert (report.imported, report.updated, report.unchanged, report.differing) == (0, 0, 2, ())
    async with network.database.connection() as connection:
        (erased,) = (await memberships(connection, [card.id]))[card.id]
        assert await membership_by_number(connection, card.program_id, "A1") is None
        assert await display(connection, keys, [card.id]) == {}
        assert list(await members_of(connection, [card.id])) == [card.id]
    assert (erased.number, erased.status) == ("", MembershipStatus.ERASED)
    assert await _issued(network) == -1_277


async def test_expired_before(network: Network, keys: MemberKeys, path: Path) -> None:
    """A balance whose last day is past comes over as what it is: points that cannot be spent."""
    _write(path, ANN.replace("2031", "2024"))
    await _import(network, keys, path)
    account = points_account((await _card(network, "A1")).id, network.program("MILES")).id
    async with network.database.connection() as connection:
        assert (await lots(connection, [account], clock=network.database.clock)).get(account, []) == []
    assert await _points(network, ["A1"]) == [1_200]


_COLUMNS = ("Card", "Tier", "Miles", "Since", "Name", "Phone", "Until")


def _bytes(text: str) -> bytes:
    return (HEADERS + "\n" + text).encode()


@pytest.mark.parametrize(
    ("brand", "content", "refusal"),
    [
        ("nobody", _bytes(ANN), UnknownBrand("nobody")),
        ("hotel", _bytes(ANN), NoMemberFile("hotel", ())),
        ("airline", b"Card;Name\n", ColumnsMissing(_COLUMNS, ("Card;Name",))),
        ("airline", _bytes(ANN + "\n\x00"), NotAText(3)),
        ("airline", _bytes(ANN) + b"\n" + b"x" * (LINE_LENGTH_MAX + 1), LineTooLong(3, LINE_LENGTH_MAX)),
        ("airline", _bytes(ANN) + ("\n" + CY).encode("gb18030") * 9, WrongEncoding("utf-8", 3)),
        ("airline", None, FileUnreadable("No such file or directory")),
    ],
    ids=["unknown brand", "no file", "columns", "NUL", "long line", "encoding", "missing"],
)
async def test_refused(
    network: Network, keys: MemberKeys, path: Path, brand: str, content: bytes | None, refusal: ImportRefused
) -> None:
    """What cannot be imported as a whole is one typed refusal, and nothing of it is in the books."""
    if content is not None:
        path.write_bytes(content)  # noqa: ASYNC240 - a few bytes
    found = await import_file(network.database, keys, brand, path)
    if isinstance(refusal, FileUnreadable):
        refusal = FileUnreadable(f"{path}: {refusal.reason}")
    assert found == refusal
    assert isinstance(found, ImportRefused)
    assert found.message
    async with network.database.connection() as connection:
        for table in ("members_record", "members_membership", "members_import", "ledger_transfer"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_a_program_that_is_not_the_brands(network: Network, keys: MemberKeys, path: Path) -> None:
    """It is said which there are; nothing is imported into another one."""
    _write(path, ANN)
    for code in ("HOTEL", "NOWHERE"):
        found = await import_file(network.database, keys, "airline", path, program_code=code)
        assert found == NoSuchProgram("airline", code, ("MILES",))
        assert found.message == f"The brand airline has no program '{code}' with a member file; it has MILES."
    assert isinstance(await import_file(network.database, keys, "airline", path, program_code="MILES"), ImportReport)


async def test_books_are_whole(network: Network, keys: MemberKeys, path: Path, clock: SettableClock) -> None:
    """After an import the audit finds nothing."""
    del clock
    _write(path, ANN, BO, CY)
    await _import(network, keys, path)
    report = await audit(network.database)
    assert not report.findings
