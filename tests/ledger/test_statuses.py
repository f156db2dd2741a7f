"""Every status a transfer can get, as a table of transfers that get it; and nothing has moved but what is listed."""

import pytest

from core.ids import new_id
from ledger import BATCH_MAX, Status, Transfer, close_period
from tests.ledger.status_tables import TABLES
from tests.ledger.tables import Table

_WITHOUT_A_TABLE = {Status.BATCH_TOO_LARGE, Status.EVENT_TIME_IN_CLOSED_PERIOD}


@pytest.mark.parametrize("status", list(TABLES))
async def test_status(table: Table, status: Status) -> None:
    """The transfers of the table get exactly the statuses beside them."""
    outcomes = await table.run(TABLES[status])
    assert status in {outcome.status for outcome in outcomes}


def test_every_status_is_tested() -> None:
    """There is no status without a table or a test of its own below."""
    assert set(TABLES) | _WITHOUT_A_TABLE == set(Status)


async def test_a_refused_transfer_moves_nothing(table: Table) -> None:
    """Counters and lots are the same before and after a batch of refusals."""
    await table.run("a issued > ann 10 lot=+1d created")
    before = await table.counters(), await table.lots("ann")
    await table.run("""
        b ann > issued 11 exceeds_credits
        c ann > held 4 group=g linked_failed
        d issued > ann 9 group=g linked_failed
        e ann > issued 99 group=g exceeds_credits
        f ghost > ann 1 debit_account_not_found
        a issued > ann 11 lot=+1d exists_with_different_amount
    """)
    assert (await table.counters(), await table.lots("ann")) == before


async def test_a_batch_over_the_limit(table: Table) -> None:
    """Of a batch that is too large nothing is recorded, and nothing remembered."""
    accounts = table.account("issued"), table.account("pot")
    batch = [Transfer(new_id(), *accounts, 1, 1) for _ in range(BATCH_MAX + 1)]
    outcomes = await table.expect(batch, [("batch_too_large", None)] * len(batch))
    assert {outcome.recorded_at for outcome in outcomes} == {None}
    await table.expect(batch[:3], [("created", None)] * 3)
    assert await table.counters() == {"issued": (0, 3, 0, 0), "pot": (0, 0, 0, 3)}


async def test_a_closed_period(table: Table) -> None:
    """What happened up to the end of a closed period is no longer recorded; what happened after it is."""
    async with table.database.transaction() as connection:
        assert await close_period(connection, "P", table.clock.now(), clock=table.clock) is None
    await table.run("""
        +2s
        a issued > ann 1 event=-2s event_time_in_closed_period
        b issued > ann 1 event=-1s created
        c issued > ann 1 created
        d bank > ann 1 event=-2s accounts_have_different_assets
    """)
