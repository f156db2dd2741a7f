"""An empty ledger for tables of transfers."""

import pytest

from core.clock import SettableClock
from core.database import Database
from tests.ledger.tables import Table


@pytest.fixture
async def table(pinned_database: Database, clock: SettableClock) -> Table:
    """An empty ledger."""
    return await Table(clock, database=pinned_database).open()
