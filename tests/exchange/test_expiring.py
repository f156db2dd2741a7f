"""Points past their last day."""

from datetime import timedelta

from core.clock import SettableClock
from core.codes import Code
from core.database import Connection, Database
from exchange import expire_points
from exchange.checks import CHECKS
from ledger import audit
from tests.network import NOON, load_network


async def test_points_go_back_on_their_last_day_once(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    """Not a moment before; the other lots and programs stay; a second run finds nothing, and the books are whole."""
    network = await load_network(pinned_database)
    ann = await network.enrol({"HOTEL": 3_000, "BEANS": 50_000}, expires_at=NOON + timedelta(days=1))
    await network.give([(ann.cards["HOTEL"].id, "HOTEL", 700)], expires_at=NOON + timedelta(days=2))
    clock.set(NOON + timedelta(days=1, microseconds=-1))
    assert await expire_points(pinned_database) == 0
    clock.set(NOON + timedelta(days=1))
    assert await expire_points(pinned_database) == 2
    assert await expire_points(pinned_database) == 0
    assert await network.points(ann) == {"HOTEL": 700, "BEANS": 0}
    expired = await superuser.fetch("SELECT amount FROM ledger_transfer WHERE code = $1 ORDER BY amount", Code.EXPIRY)
    assert [row["amount"] for row in expired] == [3_000, 50_000]
    assert (await audit(pinned_database, checks=CHECKS)).whole
