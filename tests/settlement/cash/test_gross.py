"""Gross: each direction in which something is owed is a payment of its own, in and out, with its own reference."""

from pathlib import Path

from core.database import Database
from ledger import audit
from settlement import AUDIT_CHECKS, Status
from settlement.cash import deposits, due_payments, import_bank_statements, propose_top_up, unexplained_lines
from tests.network import load_network
from tests.settlement.agreed import agree_on
from tests.settlement.cash.bank import Movement, camt, register
from tests.settlement.cash.test_money import instructed, received
from tests.settlement.trade import MAKER, approved, seen, trade

GROSS = """
model = "air"
netting = "gross"
funding = "prefunded"
pairs = [["hotel", "airline"]]
[caps]
airline = "500.00"
"""


async def whole(database: Database) -> None:
    report = await audit(database, checks=AUDIT_CHECKS)
    assert report.whole, report.findings


async def test_each_direction_is_paid_in_full_and_a_deposit_pays_one_after_the_other(
    database: Database, tmp_path: Path
) -> None:
    """150.00 one way and 60.00 the other: nothing is set off. A deposit covers the hotel's 150.00, two payments."""
    network = await load_network(database)
    await register(database)
    await agree_on(database, GROSS)
    await received(database, "S1", 0, Movement(200_00))
    (line,) = await unexplained_lines(database)
    await approved(database, await propose_top_up(database, line.id, "hotel", "air", 200_00, MAKER, reason="deposit"))
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000})
    await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "MILES", "HOTEL", 1_000))
    window = await instructed(database, tmp_path, "air")
    assert [(it.held_fen, it.earmarked_fen) for it in await deposits(database)] == [(50_00, 0)]
    standing = await due_payments(database)
    found = [(it.participant, it.incoming, it.counterparty, it.open_fen) for it in standing]
    assert sorted(found) == [
        ("airline", False, "hotel", 148_50),
        ("airline", True, "hotel", 59_10),
        ("airline", True, "operator", 90),
        ("hotel", False, "airline", 59_10),
    ]
    assert len({it.reference for it in standing}) == len(standing)
    await whole(database)
    movements = [Movement(it.open_fen if it.incoming else -it.open_fen, it.reference) for it in standing]
    await import_bank_statements(database, camt("S2", 200_00, *movements), MAKER)
    assert (await seen(database, window.id)).window.status is Status.SETTLED
    await whole(database)
