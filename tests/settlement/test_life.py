"""The life of a window on the real ledger."""

from pathlib import Path

from core.database import Database
from settlement import Status
from tests.network import load_network
from tests.settlement.trade import (
    claim_lounge,
    closings,
    money,
    pays,
    seen,
    to_advised,
    trade,
    visit_lounge,
)


async def test_a_window_from_trade_to_advice(database: Database, tmp_path: Path) -> None:
    """Exchange, grant and redemption end in one payment each way, and the positions are left with nothing."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 5_000})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    await visit_lounge(network, ann, await claim_lounge(network, ann, "MILES"))
    advice = await to_advised(database, tmp_path)
    assert advice.window.status is Status.ADVISED
    found = await seen(database, advice.window.id)
    # airline: 148.50 for miles issued, -90.00 for the points the visit was paid with, +80.00 for honouring it
    assert closings(found) == {"Hotel": -140_000_000, "Airline": 138_500_000, "operator": 1_500_000}
    assert pays(found) == [("Hotel", "operator", 14_000), ("operator", "Airline", 13_850)]
    assert await money(network) == {
        "due of hotel": -140_000_000,
        "owed to airline": 138_500_000,
        "owed to operator": 1_500_000,
    }
    assert [step.status for step in found.steps] == [
        *(Status.CLOSING, Status.CLOSED, Status.RECONCILED, Status.NETTED),
        *(Status.SUBMITTED, Status.APPROVED, Status.ADVISED),
    ]
