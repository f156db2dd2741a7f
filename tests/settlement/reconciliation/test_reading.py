"""Bad input: what is wrong with one row is told of the row, what makes all doubtful refuses all; nothing is posted."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from core.errors import Refusal
from core.table_errors import ColumnsMissing, EmptyFile, ImportRefused, NotAText, WrongEncoding
from settlement.reconciliation.errors import (
    ControlRowBroken,
    ControlRowMissing,
    CountDiffers,
    NoStatementFile,
    NothingToCorrect,
    OtherIssuer,
    PeriodMissing,
    PeriodNotOver,
    PeriodStated,
    TotalDiffers,
    UnknownBrand,
)
from settlement.reconciliation.reconciling import Reconciled, reconcile_file
from tests.network import AIRLINE, COFFEE, HOTEL, Network, load_network
from tests.settlement.reconciliation.statements import HEADERS, STATEMENT_FILE, Stated, network_of, send, taken, written
from tests.settlement.trade import MAKER

A, B = Stated("A-1", "100"), Stated("A-2", "-40")
WHOLE = written([A, B])
FIRST, SECOND = date(2026, 1, 15), date(2026, 1, 16)

OTHER_HEADERS = HEADERS.replace("里程", "积分")
KEPT = """
SELECT (SELECT count(*) FROM settlement_brand_file) + (SELECT count(*) FROM settlement_brand_line)
    + (SELECT count(*) FROM settlement_quarantine) + (SELECT count(*) FROM settlement_match)
    + (SELECT count(*) FROM settlement_break) + (SELECT count(*) FROM settlement_break_event)
"""


@pytest.fixture
async def network(pinned_database: Database, clock: SettableClock) -> Network:
    """The day after the one that is stated."""
    loaded = await network_of(pinned_database)
    clock.advance(timedelta(days=1))
    return loaded


async def kept(superuser: Connection) -> int:
    """Everything that reconciliation has written."""
    found: int = await superuser.fetchval(KEPT)
    return found


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (written([A, B], total=61), TotalDiffers("61", "60")),
        (written([A, B], count=3), CountDiffers(3, 2)),
        (WHOLE.partition("合计")[0], ControlRowMissing("合计", 3)),
        (WHOLE[: WHOLE.index("A-2") + 5], ControlRowMissing("合计", 3)),
        (WHOLE + A.text + "\r\n", ControlRowMissing("合计", 5)),
        (HEADERS + "\r\n", ControlRowMissing("合计", 1)),
        (written([A], issuer="酒店"), OtherIssuer("航空", "酒店")),
        (written([A], total="1O0"), ControlRowBroken(3, "里程", "is not a whole amount")),
        (written([A], period=("2026-01-15", "2026-01-16")), PeriodNotOver(FIRST, SECOND)),
        (written([A], period=("2026-01-15", "2026-01-14")), PeriodNotOver(FIRST, date(2026, 1, 14))),
        (WHOLE.replace("里程", "积分", 1), ColumnsMissing(("里程",), tuple(OTHER_HEADERS.split(",")))),
        ("", EmptyFile()),
        (WHOLE.replace("A-1", "A\0"), NotAText(2)),
    ],
    ids=[
        "total", "count", "cut off", "cut off within a line", "added to", "headers only", "another brand",
        "unreadable total", "today", "ends before it begins", "another brand's headers", "empty", "NUL",
    ],
)  # fmt: skip
async def test_refused(network: Network, superuser: Connection, tmp_path: Path, text: str, refusal: Refusal) -> None:
    """The whole file is refused, with the reason and the line, and nothing is written."""
    assert await send(network, tmp_path, text) == refusal
    assert await kept(superuser) == 0


async def test_another_encoding(network: Network, superuser: Connection, tmp_path: Path) -> None:
    """UTF-8 where GB 18030 was agreed: the headers are not those of the brand."""
    found = await send(network, tmp_path, WHOLE, encoding="utf-8")
    assert isinstance(found, ColumnsMissing | WrongEncoding)
    assert await kept(superuser) == 0


async def test_utf_16(pinned_database: Database, superuser: Connection, tmp_path: Path, clock: SettableClock) -> None:
    """With a byte order mark, in either order of bytes; not without one, nor what is cut within a character."""
    text = STATEMENT_FILE.replace('"gb18030"', '"utf-16"')
    network = await load_network(pinned_database, (HOTEL, AIRLINE + text, COFFEE))
    clock.advance(timedelta(days=1))
    assert await send(network, tmp_path, WHOLE, encoding="utf-16-le") == WrongEncoding("utf-16", 1)
    assert await send(network, tmp_path, WHOLE) == WrongEncoding("utf-16", 1)
    path = tmp_path / "cut.csv"
    path.write_bytes(WHOLE.encode("utf-16")[:-3])
    assert isinstance(await reconcile_file(network.database, "airline", path, MAKER), ImportRefused)
    half = WHOLE.encode("utf-16").replace("A-2".encode("utf-16-le"), b"A\x00\x00\xd8" + "2".encode("utf-16-le"))
    path.write_bytes(half)
    found = await reconcile_file(network.database, "airline", path, MAKER, dry_run=True)
    assert isinstance(found, Reconciled), found
    assert [(row.line, row.reason) for row in found.quarantined] == [(3, "is not written in utf-16")]
    assert await kept(superuser) == 0
    taken_in = await send(network, tmp_path, "\ufeff" + WHOLE, encoding="utf-16-be")
    assert isinstance(taken_in, Reconciled), taken_in
    assert taken_in.accepted == 2


async def test_mixed_encodings(network: Network, tmp_path: Path) -> None:
    """Rows in another encoding are set aside; the others count."""
    path = tmp_path / "mixed.csv"
    lines = written([A, Stated("A-3", "5", status="成功€")]).encode("gb18030").split(b"\r\n")
    lines[2] = lines[2][: lines[2].index("成".encode("gb18030"))] + b"\xff\xff,"
    path.write_bytes(b"\r\n".join(lines))
    found = await reconcile_file(network.database, "airline", path, MAKER)
    assert isinstance(found, Reconciled), found
    assert [(row.line, row.column, row.reason) for row in found.quarantined] == [
        (3, "状态", "is not written in gb18030")
    ]
    assert found.accepted == 1


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (
            Stated("A-3", '"1,200"'),
            "里程",
            "has a thousands separator, which the configuration does not allow (grouping_mark)",
        ),
        (Stated("A-3", "１２０"), "里程", "is not written in plain digits"),
        (Stated("A-3", "=60+60"), "里程", "is a formula"),
        (Stated("A-3", "1.5"), "里程", "is not a whole amount"),
        (Stated("A-3", ""), "里程", "is missing"),
        (Stated("A-3", "1e3"), "里程", "is not a whole amount"),
        (Stated("A-3", "99999999999999"), "里程", "is larger than any movement can be"),
        (Stated("A-3", "0"), "里程", "is zero"),
        (Stated("", "5"), "流水号", "is missing"),
        (Stated('=HYPERLINK(""x"")', "5"), "流水号", "is a formula"),
        (Stated("＝cmd", "5"), "流水号", "is a formula"),
        (Stated("A-3", "5", reference="@SUM(A1)"), "对方订单", "is a formula"),
        (Stated("A-3", "5", day="2026-01-16"), "日期", "is not within 2026-01-15 to 2026-01-15"),
        (Stated("A-3", "5", day="15.01.2026"), "日期", "is not a day (iso)"),
        (Stated("A-3", "5", status="?"), "状态", "is a status that the configuration does not know"),
        (Stated("A-1", "100"), "", "repeats line 2, which counts"),
        (Stated("A-1", "90"), "", "contradicts line 2, which counts"),
        ("x,y", "", "has 2 columns in place of 7"),
    ],
)
async def test_quarantined(network: Network, tmp_path: Path, row: Stated | str, column: str, reason: str) -> None:
    """One row is set aside with its line, column and reason; the others are taken in."""
    amount = row.amount if isinstance(row, Stated) else ""
    readable = amount.removeprefix("-").isdigit()  # also in full-width digits: then it counts in the total
    found = await taken(network, tmp_path, written([A, B, row], total=60 + (int(amount) if readable else 0)))
    assert [(it.line, it.column, it.reason) for it in found.quarantined] == [(4, column, reason)]
    assert (found.rows, found.accepted) == (3, 2)
    if reason == "is not written in plain digits":
        assert [it.value for it in found.quarantined] == [amount]


async def test_last_months_file(network: Network, superuser: Connection, tmp_path: Path, clock: SettableClock) -> None:
    """Files follow one another day by day; the very same file again only compares again."""
    await taken(network, tmp_path, WHOLE)
    before = await kept(superuser)
    again = await taken(network, tmp_path, WHOLE)
    assert (again.known, again.accepted, again.events) == (True, 0, {})
    assert await send(network, tmp_path, written([A])) == PeriodStated(FIRST, FIRST)
    clock.advance(timedelta(days=5))
    late = ("2026-01-17", "2026-01-17")
    assert await send(network, tmp_path, written([], period=late)) == PeriodMissing(date(2026, 1, 17), SECOND)
    assert await send(network, tmp_path, written([], period=late), correcting=True) == NothingToCorrect(
        date(2026, 1, 17), date(2026, 1, 17)
    )
    assert await kept(superuser) == before
    await taken(network, tmp_path, written([], period=("2026-01-16", "2026-01-16")))
    await taken(network, tmp_path, written([], period=late))


async def test_what_was_stated_before(network: Network, tmp_path: Path, clock: SettableClock) -> None:
    """A reference of an earlier file is set aside: only a correction may use it again."""
    await taken(network, tmp_path, WHOLE)
    clock.advance(timedelta(days=1))
    again = Stated("A-1", "100", day="2026-01-16")
    found = await taken(network, tmp_path, written([again], period=("2026-01-16", "2026-01-16")))
    assert [it.reason for it in found.quarantined] == ["was stated before, in line 2 of january.csv"]
    assert found.accepted == 0


async def test_a_dry_run_keeps_nothing(network: Network, superuser: Connection, tmp_path: Path) -> None:
    """It tells what a real run would, and leaves everything as it was."""
    dry = await taken(network, tmp_path, WHOLE, dry_run=True)
    assert await kept(superuser) == 0
    real = await taken(network, tmp_path, WHOLE)
    assert (dry.dry_run, real.dry_run) == (True, False)
    assert (dry.accepted, dry.events) == (real.accepted, real.events) == (2, {"OPENED": 2})
    assert not real.clean


async def test_who_delivers_what(network: Network, tmp_path: Path) -> None:
    """Only a brand whose configuration says how its file is written can deliver one."""
    answers: list[ImportRefused | Reconciled] = [
        await reconcile_file(network.database, code, tmp_path / "none.csv", MAKER) for code in ("nobody", "hotel")
    ]
    assert answers == [UnknownBrand("nobody"), NoStatementFile("hotel", ())]
