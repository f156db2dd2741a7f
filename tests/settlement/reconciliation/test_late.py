"""What a brand did after its exchange had come to nothing: one break of it, posted once, whoever tells of it first."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import exchange.checks
import ledger
import settlement
from brands.accounts import break_suspense_account
from core.clock import SettableClock
from core.database import Connection, Database
from exchange import Exchange, State
from exchange.brand_system import BrandTransaction
from exchange.saga.cases import Case, CaseKind, cases
from exchange.saga.deciding import Action, Proposal, approve, propose
from ledger import balances
from settlement import Actor
from settlement.reconciliation.brand_api import reconcile_movements
from settlement.reconciliation.breaks import Break, BreakState, EventKind
from settlement.reconciliation.errors import NothingAtStake, StillAsked
from settlement.reconciliation.finding import open_breaks
from settlement.reconciliation.jobs import compare_again, keep_late
from settlement.reconciliation.late import case_of
from settlement.reconciliation.reconciling import Reconciled
from settlement.reconciliation.resolving import propose_write_off
from settlement.reconciliation.work_list import BreakHistory, break_history
from tests.exchange.saga.stage import Stage, open_stage
from tests.exchange.saga.test_reversing import given_up

MAKER = Actor("maker-7")
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def stage(pinned_database: Database, clock: SettableClock, superuser: Connection) -> Stage:
    """Two brands outside."""
    return await open_stage(pinned_database, clock, superuser)


class System:
    """Tells these movements."""

    def __init__(self, *movements: BrandTransaction) -> None:
        self.movements = movements

    async def transactions(self, after: datetime, until: datetime) -> AsyncIterator[BrandTransaction]:
        """Those of the days."""
        for movement in self.movements:
            if after < movement.recorded_at <= until:
                yield movement


async def refunded(stage: Stage) -> Exchange:
    """1,000 of RAIL that came back, because nobody could tell whether FERRY had given anything."""
    ann = await stage.member(RAIL=5_000)
    made = await stage.exchange(ann, "RAIL", "FERRY", 1_000)
    stage.ferry.standing = "late"
    await stage.wait_for(made, State.REFUNDED)
    stage.ferry.standing = ""
    return made


def arrive(stage: Stage, made: Exchange) -> BrandTransaction:
    """FERRY gives the points after all, and says so."""
    ((text, (order, _)),) = stage.ferry.pending.items()
    stage.ferry.arrive(text, order)
    return BrandTransaction("F-1", text, order.number, made.conversion.target, stage.clock.now())


async def ask(stage: Stage, *movements: BrandTransaction) -> Reconciled:
    """Compare with FERRY's own system: the day before today."""
    day = stage.clock.now().astimezone(ZONE).date() - timedelta(days=1)
    program = stage.network.program("FERRY")
    found = await reconcile_movements(stage.database, program, System(*movements), day, day, MAKER)
    assert isinstance(found, Reconciled), found
    return found


async def settle(stage: Stage, made: Exchange, action: Action) -> None:
    """Two persons decide on the exchange's case."""
    case = await case_for(stage, made)
    proposed = await propose(stage.database, case.id, action, subject="lin.wei", reason="seen")
    assert isinstance(proposed, Proposal), proposed
    closed = await approve(stage.database, case.id, subject="chen.yu", digest=proposed.digest, reason="seen too")
    assert isinstance(closed, Case), closed


async def case_for(stage: Stage, made: Exchange) -> Case:
    """The exchange's open case."""
    async with stage.database.connection() as connection:
        (case,) = [it for it in await cases(connection, [made.id]) if it.kind is CaseKind.LATE_SUCCESS]
    return case


async def in_suspense(stage: Stage) -> int:
    """Micro-CNY."""
    key = break_suspense_account().id
    async with stage.database.connection() as connection:
        return (await balances(connection, [key]))[key].net_debit


async def history(stage: Stage, it: Break) -> BreakHistory:
    """The break now."""
    found = await break_history(stage.database, it.id)
    assert isinstance(found, BreakHistory)
    return found


async def whole(stage: Stage) -> None:
    """The audit agrees."""
    report = await ledger.audit(stage.database, checks=(*exchange.checks.CHECKS, *settlement.AUDIT_CHECKS))
    assert report.whole, report.findings


@pytest.mark.parametrize("action", [Action.TAKEN_BACK, Action.WRITE_OFF])
async def test_what_the_saga_learns_is_a_break_until_its_case_is_closed(stage: Stage, action: Action) -> None:
    """With an owner, what lies in suspense, the case's due day, and the exchange; no other way to move money for it."""
    made = await refunded(stage)
    assert await keep_late(stage.database) == 0
    arrive(stage, made)
    await stage.wait()
    assert await keep_late(stage.database) == 1
    assert await keep_late(stage.database) == 0
    (it,) = await open_breaks(stage.database)
    case = await case_for(stage, made)
    assert (it.kind.value, it.owner, it.value_micro) == ("LATE_SUCCESS", "operator", made.conversion.credit_micro)
    assert (it.exchange_id, it.due_on) == (made.id, case.due_at.astimezone(ZONE).date())
    assert [(line.reference, line.amount) for line in it.ours] == [(str(made.id), made.conversion.target)]
    async with stage.database.connection() as connection:
        assert await case_of(connection, made.id) == case.id
    assert await in_suspense(stage) == it.value_micro
    assert await propose_write_off(stage.database, it.id, 1, MAKER, reason="quicker") == NothingAtStake(0)
    await whole(stage)
    await settle(stage, made, action)
    assert await keep_late(stage.database) == 1
    assert await keep_late(stage.database) == 0
    now = await history(stage, it)
    assert (now.item.state, [event.kind for event in now.events]) == (
        BreakState.CLOSED, [EventKind.OPENED, EventKind.CLOSED],
    )  # fmt: skip
    assert await in_suspense(stage) == 0
    await whole(stage)


async def test_what_the_brand_tells_first_is_posted_once(stage: Stage) -> None:
    """Its line is a break; nobody may pay for it while the brand is still asked; then it is the saga's, the same break.

    The line that is posted is matched with the brand's, however many days lie between.
    """
    made = await refunded(stage)
    told = arrive(stage, made)
    stage.clock.advance(timedelta(days=1))
    found = await ask(stage, told)
    (it,) = found.breaks
    assert (it.kind.value, it.ours, it.exchange_id) == ("LATE_SUCCESS", (), made.id)
    assert it.value_micro == made.conversion.credit_micro
    assert await in_suspense(stage) == 0
    assert await propose_write_off(stage.database, it.id, 1, MAKER, reason="quicker") == StillAsked()
    await stage.wait()
    assert await keep_late(stage.database) == 1
    (same,) = await open_breaks(stage.database)
    assert (same.id, len(same.ours), same.value_micro) == (it.id, 1, it.value_micro)
    assert await in_suspense(stage) == it.value_micro
    assert await compare_again(stage.database) == 0
    assert [each.id for each in await open_breaks(stage.database)] == [it.id]
    assert await stage.superuser.fetchval("SELECT count(*) FROM settlement_match WHERE undone_at IS NULL") == 1
    await whole(stage)
    await settle(stage, made, Action.WRITE_OFF)
    assert await keep_late(stage.database) == 1
    assert await open_breaks(stage.database) == []
    await whole(stage)


async def test_what_the_brand_states_of_a_taking_back_has_it_asked_for(stage: Stage) -> None:
    """Nobody asked about it any more: the statement's line does, once, and the reversal goes on to its end."""
    made = await given_up(stage)
    await stage.wait()
    assert await stage.superuser.fetchval("SELECT count(*) FROM exchange_errand WHERE due_at IS NOT NULL") == 0
    ((text, (order, _)),) = stage.ferry.pending.items()
    stage.ferry.arrive(text, order)
    told = BrandTransaction("F-9", text, order.number, -made.conversion.target, stage.clock.now())
    stage.clock.advance(timedelta(days=1))
    found = await ask(stage, told)
    assert [(it.kind.value, it.ours) for it in found.breaks] == [("MISSING_HERE", ())]
    assert await stage.superuser.fetchval("SELECT count(*) FROM exchange_errand WHERE due_at IS NOT NULL") == 1
    await stage.wait()
    assert (await stage.now(made)).state is State.REVERSED
    assert await compare_again(stage.database) > 0
    assert [it for it in await open_breaks(stage.database) if it.theirs] == []
    await whole(stage)


async def test_what_the_brand_never_did_is_asked_once_for_each_statement(stage: Stage) -> None:
    """It says again that it knows nothing: nothing moves, and comparing again asks nobody."""
    made = await given_up(stage)
    await stage.wait()
    ((text, (order, _)),) = stage.ferry.pending.items()
    told = BrandTransaction("F-9", text, order.number, -made.conversion.target, stage.clock.now())
    stage.clock.advance(timedelta(days=1))
    await ask(stage, told)
    await stage.wait()
    assert (await stage.now(made)).state is State.COMPLETED
    calls = await stage.superuser.fetchval("SELECT count(*) FROM exchange_call")
    for _ in range(2):
        await ask(stage, told)
        await compare_again(stage.database)
        await stage.wait()
    assert await stage.superuser.fetchval("SELECT count(*) FROM exchange_call") == calls
    await whole(stage)
