"""What is tolerated in money is in the journal, as long as the lines that were matched with it stand."""

from datetime import timedelta
from pathlib import Path

from core.clock import SettableClock
from core.codes import Code
from core.database import Connection, Database
from ledger import audit
from settlement import AUDIT_CHECKS
from settlement.reconciliation.reconciling import Reconciled, reconcile_file
from tests.network import AIRLINE, COFFEE, HOTEL, Network, load_network
from tests.settlement.reconciliation.statements import DAY
from tests.settlement.reconciliation.test_planted import HEADERS, MONEY_FILE
from tests.settlement.trade import MAKER, money, trade

_HELD = """
SELECT owner::text, credits_posted - debits_posted AS net FROM ledger_account WHERE purpose = 'tolerated' ORDER BY net
"""
_POSTED = f"SELECT amount FROM ledger_transfer WHERE code = {Code.TOLERANCE:d} ORDER BY recorded_at"


async def whole(database: Database) -> None:
    report = await audit(database, checks=AUDIT_CHECKS)
    assert report.whole, report.findings


async def stated(network: Network, folder: Path, value: str, reference: object, *, correcting: bool = False) -> object:
    """The airline's file says what 1,980 miles were worth."""
    rows = f"A-1,{reference},,1980,{DAY},成功,,{value}\r\n合计,航空,1,1980,{DAY},{DAY},,{value}\r\n"
    path = folder / "money.csv"
    path.write_bytes((HEADERS + rows).encode("gb18030"))
    return await reconcile_file(network.database, "airline", path, MAKER, correcting=correcting)


async def test_what_is_tolerated_is_posted_and_taken_back(
    pinned_database: Database, clock: SettableClock, superuser: Connection, tmp_path: Path
) -> None:
    """148.51 for our 148.50; then 148.48; then 148.50: one fen, minus two fen, nothing, and no position moves."""
    network = await load_network(pinned_database, (HOTEL, AIRLINE + MONEY_FILE, COFFEE))
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    before = await money(network)
    clock.advance(timedelta(days=1))
    found = await stated(network, tmp_path, "148.51", made.id)
    assert isinstance(found, Reconciled), found
    assert (found.tolerated_count, found.tolerated_micro) == (1, 10_000)
    assert [row["net"] for row in await superuser.fetch(_HELD)] == [-10_000, 10_000]
    await whole(pinned_database)
    assert isinstance(await stated(network, tmp_path, "148.51", made.id), Reconciled)
    assert [row["amount"] for row in await superuser.fetch(_POSTED)] == [10_000]
    assert isinstance(await stated(network, tmp_path, "148.48", made.id, correcting=True), Reconciled)
    held = {row["owner"]: row["net"] for row in await superuser.fetch(_HELD)}
    assert held[str(network.program("MILES").id)] == -20_000
    await whole(pinned_database)
    assert isinstance(await stated(network, tmp_path, "148.50", made.id, correcting=True), Reconciled)
    assert [row["net"] for row in await superuser.fetch(_HELD)] == [0, 0]
    assert [row["amount"] for row in await superuser.fetch(_POSTED)] == [10_000, 30_000, 20_000]
    assert await money(network) == before
    await whole(pinned_database)
