"""The ledger's benchmarks measure what they say: every piece of work really posts, and the references really do too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from benchmarks import growth, ledger
from benchmarks.crowd import FUNDS, Crowd, Spread
from benchmarks.plain import CopySource, Crew, prepare, transfer_once, transfer_one_by_one
from benchmarks.posting import Posters, post_in_batches, post_singly
from benchmarks.registry import Options
from benchmarks.tampering import FORGERIES
from core.database import Connection, Database
from ledger import audit

_TRANSFERS = "select count(*) from ledger_transfer"


@pytest.fixture
async def crowd(database: Database) -> Crowd:
    """Fifty members with funds."""
    crowd = Crowd(50)
    await crowd.open(database)
    return crowd


async def test_every_way_of_posting_posts(
    database: Database, database_url: str, superuser: Connection, crowd: Crowd
) -> None:
    """In batches, two in flight, singly, and from two processes: as many as were asked for, and the books are whole."""
    for spread in Spread:
        assert await post_in_batches(database, crowd.transfers(spread, 30), 10, in_flight=2) > 0
    assert await post_singly(database, crowd.transfers(Spread.ZIPF, 40), callers=8) > 0
    posters = await Posters.start(database_url, 2, [str(member.id) for member in crowd.members])
    assert await posters.post(20, 5, among=2) > 0
    await posters.stop()
    assert await superuser.fetchval(_TRANSFERS) == 50 + 90 + 40 + 20
    assert (await audit(database)).whole


async def test_lots_are_earned_and_spent(database: Database, superuser: Connection) -> None:
    """With lots each member begins with four, and half of what follows opens more while half consumes."""
    holders = Crowd(20, lots=True)
    await holders.open(database)
    await post_in_batches(database, holders.comings_and_goings(40), 20)
    assert await superuser.fetchval("select count(*) from ledger_lot") == 20 * 4 + 20
    assert await superuser.fetchval("select count(*) from ledger_lot_use") == 20
    assert (await audit(database)).whole


async def test_the_hand_written_transaction_keeps_its_promises(
    database: Database, database_url: str, superuser: Connection, crowd: Crowd
) -> None:
    """Money moves once for an id, both balances are recorded, and nobody spends what he has not."""
    await prepare(superuser, crowd.members, FUNDS)
    kept = "select count(*) from plain_balance"
    before = await superuser.fetchval(kept)
    assert before == 2 * await superuser.fetchval("select count(*) from ledger_transfer"), "a history as long"
    transfers = crowd.transfers(Spread.UNIFORM, 20)
    crew = await Crew.connect(database_url, 3)
    assert await crew.do(transfers) > 0
    await crew.close()
    assert not await transfer_once(superuser, transfers[0])
    with pytest.raises(AssertionError):
        await transfer_one_by_one(database, transfers[:5])
    further = crowd.transfers(Spread.UNIFORM, 5)
    assert await transfer_one_by_one(database, further) > 0
    moved = await superuser.fetchrow("select sum(debits) as debits, sum(credits) as credits from plain_account")
    total = sum(transfer.amount for transfer in (*transfers, *further))
    assert moved is not None
    assert (moved["debits"], moved["credits"]) == (total, total + 50 * FUNDS)
    assert await superuser.fetchval(kept) == before + 50
    await superuser.execute("update plain_account set credits = debits")
    with pytest.raises(ValueError, match="Transfer"):
        await transfer_one_by_one(database, crowd.transfers(Spread.UNIFORM, 1))


async def test_copy_is_measured_with_recorded_rows(
    database_url: str, superuser: Connection, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows, into a table with the same primary key and index; asking for more than there is fails."""
    await prepare(superuser, crowd.members, FUNDS)
    source = CopySource(database_url)
    with pytest.raises(AssertionError, match="COPY 50"):
        await source.copy(50_000)
    monkeypatch.setattr("benchmarks.plain.COPY_ROWS", 50)
    assert await source.copy(100) > 0
    assert await superuser.fetchval("select count(*) from plain_copy") == 50
    indexes = "select count(*) from pg_indexes where tablename = 'plain_copy'"
    assert await superuser.fetchval(indexes) == 2


async def test_a_tiny_run_has_every_figure_and_ratio(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The benchmark from beginning to end, with next to nothing to do."""

    @asynccontextmanager
    async def no_server() -> AsyncIterator[str]:
        yield database_url

    monkeypatch.setattr(ledger, "scratch_database", no_server)
    monkeypatch.setattr(ledger, "MEMBERS_QUICK", 40)
    monkeypatch.setattr(ledger, "QUICK_SECONDS", 0)
    monkeypatch.setattr(ledger, "SIZES", (1, 8))
    monkeypatch.setattr(ledger, "COPY_ROWS", 50)
    monkeypatch.setattr("benchmarks.plain.COPY_ROWS", 50)
    told: list[str] = []
    report = await ledger.run(Options(quick=True, progress=told.append))
    assert report.ratios.keys() == ledger.GOALS.keys()
    assert min(report.figures.values()) > 0
    assert len(report.figures) == 11 + 2 * 2 * 3
    assert "with lots against without" in told
    assert (await audit(database)).whole


def left_in(folder: Path) -> list[Path]:
    """What was left behind."""
    return list(folder.iterdir())


async def test_a_tiny_history_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a server of its own, which is gone afterwards: both histories, both ratios, sealed, forged and audited."""
    monkeypatch.setenv("AGIO_HOME", str(tmp_path))
    sizes = {"MEMBERS_QUICK": 20, "SHORT_QUICK": 50, "LONG_QUICK": 500, "_BATCH": 100, "_POSTINGS": 10, "_PROBES": 10}
    for name, size in sizes.items():
        monkeypatch.setattr(growth, name, size)
    report = await growth.run(Options(quick=True))
    assert report.ratios.keys() == growth.GOALS.keys()
    assert (report.figures["transfers.short"], report.figures["transfers.long"]) == (230, 680)
    assert report.figures["seal.entries_per_second"] > 0
    assert report.faults == []
    assert report.figures["audit.forged_rows_found"] == report.figures["audit.forged_rows"] == len(FORGERIES)
    assert left_in(tmp_path) == []
