"""A break of the airline's, for the tests of what may be done about it."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SettableClock
from core.database import Database
from exchange import Exchange
from settlement.reconciliation.breaks import Break
from tests.network import Network
from tests.settlement.reconciliation.statements import SHORT, Stated, network_of, taken, told, written
from tests.settlement.trade import trade


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """On the day that is stated."""
    return await network_of(pinned_database)


@pytest.fixture
async def received(network: Network, clock: SettableClock) -> Exchange:
    """1,980 miles, the day before."""
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    (found,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    clock.advance(timedelta(days=1))
    return found


@pytest.fixture
async def broken(network: Network, received: Exchange, tmp_path: Path) -> Break:
    """The airline says that it gave 80 miles less: 6.00 at stake, which it says it is not owed."""
    found = await taken(network, tmp_path, written([Stated("A-1", str(SHORT), str(received.id))]))
    assert told(found.breaks) == [("AMOUNT", -600)]
    return found.breaks[0]
