"""Fixtures of the tests of sagas."""

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from tests.exchange.saga.stage import Stage, open_stage


@pytest.fixture
async def stage(pinned_database: Database, clock: SettableClock, superuser: Connection) -> Stage:
    """Two brands outside and one on the platform, at noon."""
    return await open_stage(pinned_database, clock, superuser)
