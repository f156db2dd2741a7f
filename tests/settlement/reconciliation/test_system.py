"""A brand's own system as the other side, and what happens to breaks without anybody asking."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

import ledger
import settlement
from core.clock import SettableClock
from core.database import Database
from exchange import Exchange
from exchange.brand_system import BrandTransaction, BrandUnavailable, Failed, Failure, Leg, Operation, Reference
from settlement.reconciliation.brand_api import reconcile_movements
from settlement.reconciliation.breaks import EventKind
from settlement.reconciliation.errors import BrandSilent
from settlement.reconciliation.finding import open_breaks
from settlement.reconciliation.jobs import OVERDUE, compare_again, tell_overdue
from settlement.reconciliation.reconciling import Reconciled
from settlement.reconciliation.rules import Rule
from tests.network import Network
from tests.settlement.reconciliation.statements import network_of, taken, told, written
from tests.settlement.trade import MAKER, trade

DAY = date(2026, 1, 15)


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """On the day that is stated."""
    return await network_of(pinned_database)


class System:
    """A brand's system that tells these movements."""

    def __init__(self, *movements: BrandTransaction, silent: bool = False) -> None:
        self.movements = movements
        self.asked: list[tuple[datetime, datetime]] = []
        self._silent = silent

    async def transactions(self, after: datetime, until: datetime) -> AsyncIterator[BrandTransaction]:
        """All of them."""
        self.asked.append((after, until))
        for movement in self.movements:
            yield movement
        if self._silent:
            raise BrandUnavailable(Failed(Failure.NOT_SENT, "maintenance"))


def movement(exchange: Exchange, network: Network, *, amount: int | None = None) -> BrandTransaction:
    """What the airline's system says of miles received, by the reference of the instruction."""
    reference = Reference(exchange.id, Leg.TARGET, Operation.CREDIT).text
    at = network.database.clock.now()
    return BrandTransaction("T-1", reference, "", exchange.conversion.target if amount is None else amount, at)


async def ask(network: Network, system: System) -> Reconciled:
    """Compare the day with what the system tells."""
    found = await reconcile_movements(network.database, network.program("MILES"), system, DAY, DAY, MAKER)
    assert isinstance(found, Reconciled), found
    return found


async def test_a_system_is_compared_as_a_file_is(network: Network, clock: SettableClock) -> None:
    """Its movements are matched by the instruction's reference; the same answer again only compares again."""
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    (received,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    system = System(movement(received, network))
    clock.advance(timedelta(days=1))
    found = await ask(network, system)
    assert (found.clean, found.matched, found.rows) == (True, {Rule.REFERENCE: 1}, 1)
    again = await ask(network, system)
    assert (again.clean, again.known, again.accepted) == (True, True, 0)
    ((after, until), _) = system.asked
    assert until - after == timedelta(days=1)


async def test_a_system_that_falls_silent_changes_nothing(network: Network, clock: SettableClock) -> None:
    """What it told before it stopped is forgotten; a movement that cannot be used is set aside."""
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    (received,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    told_of = movement(received, network)
    clock.advance(timedelta(days=1))
    silent = System(told_of, silent=True)
    refused = await reconcile_movements(network.database, network.program("MILES"), silent, DAY, DAY, MAKER)
    assert refused == BrandSilent("MILES", "maintenance")
    assert await open_breaks(network.database) == []
    found = await ask(network, System(told_of, replace(told_of, brand_reference="T-2", amount=0)))
    assert [(it.line, it.reason) for it in found.quarantined] == [(2, "is zero or too large")]


async def test_a_break_closes_when_our_line_comes(network: Network, clock: SettableClock, tmp_path: Path) -> None:
    """What we did not have, we post later: the job closes the break, and a second run does nothing."""
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    clock.advance(timedelta(days=1))
    number = ann.cards["MILES"].number
    missing = f"B-1,,{number},1980,2026-01-15,成功,"
    found = await taken(network, tmp_path, written([missing], total=1980))
    assert told(found.breaks) == [("MISSING_HERE", 14_850)]
    assert await compare_again(network.database) == 0
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    assert await compare_again(network.database) == 1
    assert await open_breaks(network.database) == []
    assert await compare_again(network.database) == 0
    report = await ledger.audit(network.database, checks=settlement.AUDIT_CHECKS)
    assert report.whole, report.findings


async def test_overdue_breaks_are_told_once_a_week(network: Network, clock: SettableClock, tmp_path: Path) -> None:
    """Eight days later it is overdue; then it has another week."""
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    clock.advance(timedelta(days=1))
    await taken(network, tmp_path, written([]))
    assert await tell_overdue(network.database) == 0
    clock.advance(timedelta(days=8))
    assert (await tell_overdue(network.database), await tell_overdue(network.database)) == (1, 0)
    (late,) = await open_breaks(network.database)
    assert (late.next_step, late.due_on) == (OVERDUE, date(2026, 1, 31))
    assert EventKind.OVERDUE.value == "OVERDUE"
