"""What the clock takes care of: closing by schedule, also days late, and no further than persons allow."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from gateway.worker import JOBS
from ledger import audit
from settlement import (
    AUDIT_CHECKS,
    Figures,
    Status,
    close,
    current_window,
    due,
    next_cut_offs,
    settle_due,
    stuck,
    windows,
)
from tests.blocked import blocks
from tests.network import load_network
from tests.settlement.agreed import agree_on
from tests.settlement.trade import MAKER, done, seen, trade

DAILY = """
model = "network"
[schedule]
cycle = "daily"
at = 00:00:00
time_zone = "Asia/Shanghai"
"""


_OTHERS = f'members = ["airline", "hotel"]{DAILY.replace("network", "air")}'

_SPOIL = """
UPDATE exchange_exchange SET value_micro = value_micro + 1, rounding_micro = rounding_micro + 1 WHERE id = $1
"""

_LOCK = "SELECT FROM settlement_window WHERE id = $1 FOR UPDATE"


async def four_days(database: Database, clock: SettableClock, *, worker: bool) -> list[Figures]:
    """Trade on four days, the worker running each night, or only at the end; the figures of the windows."""
    network = await load_network(database)
    await current_window(database)
    await agree_on(database, DAILY)
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    for day in range(4):
        await trade(network, (ann, "HOTEL", "MILES", 1_000 * (day + 1)))
        clock.advance(timedelta(days=1))
        if worker:
            await settle_due(database)
    await settle_due(database)
    found = [await seen(database, window.id) for window in reversed(await windows(database))]
    assert [it.window.status for it in found] == [*[Status.NETTED] * 4, Status.OPEN]
    return [it.figures for it in found[:-1]]


async def test_three_missed_days_are_made_up_for_in_order(pinned_database: Database, clock: SettableClock) -> None:
    """Closed days late, each window ends at its own midnight and holds its own day's trade: 50.00, 100.00 and so on."""
    figures = await four_days(pinned_database, clock, worker=False)
    assert [it.cut_off_at for it in figures] == [datetime(2026, 1, day, 16, tzinfo=UTC) for day in (15, 16, 17, 18)]
    debits = [sum(p.debits for p in it.positions) for it in figures]
    assert debits == [50_000_000, 100_000_000, 150_000_000, 200_000_000]
    assert all(it.ties for it in figures)
    assert (await audit(pinned_database, checks=AUDIT_CHECKS)).whole


async def test_late_or_in_time_the_windows_are_the_same(pinned_database: Database, clock: SettableClock) -> None:
    """The same trade, closed every night: the same cut-offs and amounts, to the last micro."""
    in_time = await four_days(pinned_database, clock, worker=True)
    assert [sum(p.debits for p in it.positions) for it in in_time] == [
        50_000_000,
        100_000_000,
        150_000_000,
        200_000_000,
    ]
    assert [it.cut_off_at for it in in_time] == [datetime(2026, 1, day, 16, tzinfo=UTC) for day in (15, 16, 17, 18)]


async def test_nothing_is_submitted_without_a_person(pinned_database: Database, clock: SettableClock) -> None:
    """However often the clock comes round, a netted window waits for its maker; nothing is closed twice."""
    await four_days(pinned_database, clock, worker=False)
    before = [(w.number, w.status, w.cut_off_at) for w in await windows(pinned_database)]
    assert await settle_due(pinned_database) == 0
    assert [(w.number, w.status, w.cut_off_at) for w in await windows(pinned_database)] == before
    assert await next_cut_offs(pinned_database) == {"network": datetime(2026, 1, 19, 16, tzinfo=UTC)}


async def test_two_workers_do_the_work_of_one(pinned_database: Database, clock: SettableClock) -> None:
    network = await load_network(pinned_database)
    await current_window(pinned_database)
    await agree_on(pinned_database, DAILY)
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 1_000))
    clock.advance(timedelta(days=3))
    await asyncio.gather(*(settle_due(pinned_database) for _ in range(2)))
    await settle_due(pinned_database)
    found = list(reversed(await windows(pinned_database)))
    assert [w.status for w in found] == [*[Status.NETTED] * 3, Status.OPEN]
    for window in found[:-1]:
        steps = [step.status for step in (await seen(pinned_database, window.id)).steps]
        assert steps == [Status.CLOSING, Status.CLOSED, Status.RECONCILED, Status.NETTED]


async def test_closes_at_once_lock_the_oldest_window_first(pinned_database: Database, superuser: Connection) -> None:
    """A close that has to wait for a window holds no later one, or two workers would wait for each other."""
    await load_network(pinned_database)
    older, later, last = [done(await close(pinned_database, MAKER)) for _ in range(3)]
    async with asyncio.TaskGroup() as group, superuser.transaction():
        await superuser.execute(_LOCK, older.id)
        closing = group.create_task(close(pinned_database, MAKER))
        await blocks(superuser)
        for window in (later, last):
            await superuser.execute(f"{_LOCK} NOWAIT", window.id)
    assert done(closing.result()).status is Status.CLOSED


async def test_on_demand_windows_are_left_to_persons(pinned_database: Database, clock: SettableClock) -> None:
    await load_network(pinned_database)
    window = done(await close(pinned_database, MAKER))
    clock.advance(timedelta(days=400))
    assert await settle_due(pinned_database) == 0
    assert (await seen(pinned_database, window.id)).window.status is Status.CLOSED


async def test_a_window_that_cannot_go_on_says_why_and_is_tried_again_later(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    """An exchange that is not what its lines say: the window stays CLOSED, the reason is kept, the next try waits."""
    network = await load_network(pinned_database)
    await current_window(pinned_database)
    await agree_on(pinned_database, DAILY)
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    await superuser.execute("ALTER TABLE exchange_exchange DISABLE TRIGGER ALL")
    await superuser.execute(_SPOIL, made.id)
    clock.advance(timedelta(days=1))
    await settle_due(pinned_database)
    (found,) = await stuck(pinned_database)
    assert (found.step, found.attempts) == ("reconcile", 1)
    assert "should have moved CNY" in found.problem
    assert await settle_due(pinned_database) == 0
    assert (await stuck(pinned_database))[0].attempts == 1
    clock.advance(timedelta(minutes=2))
    await settle_due(pinned_database)
    assert (await stuck(pinned_database))[0].attempts == 2


@pytest.mark.parametrize("step", ["close", "reconcile"])
async def test_a_bug_in_one_window_holds_up_no_other_model(
    pinned_database: Database, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The other model's window is netted; the failure is raised for the worker's log, and stands with the window."""
    await load_network(pinned_database)
    older = await current_window(pinned_database)
    await agree_on(pinned_database, DAILY)
    await agree_on(pinned_database, _OTHERS)
    monkeypatch.setattr(due, step, _failing_at(getattr(due, step), older.id))
    clock.advance(timedelta(days=1, minutes=1))
    with pytest.raises(ExceptionGroup) as raised:
        await settle_due(pinned_database)
    assert [it.__notes__ for it in raised.value.exceptions] == [[f"It was about window {older.number}."]]
    reached = {it.model: it.status for it in await windows(pinned_database) if it.sequence == 1}
    assert reached == {"network": Status.OPEN if step == "close" else Status.CLOSED, "air": Status.NETTED}
    told = [(it.number, it.step, it.problem) for it in await stuck(pinned_database)]
    assert told == ([(older.number, step, "no such key")] if step == "reconcile" else [])


def _failing_at(step: Callable[..., Awaitable[object]], at: UUID) -> Callable[..., Awaitable[object]]:
    async def failing(database: Database, *arguments: object, **named: object) -> object:
        if at in {*arguments, *named.values()}:
            raise LookupError("no such key")
        return await step(database, *arguments, **named)

    return failing


def test_the_worker_runs_it() -> None:
    assert [job.run for job in JOBS if job.name == "settle"] == [settle_due]


@pytest.mark.parametrize("late_days", [0, 3])
async def test_an_instant_that_is_not_past_cannot_be_a_cut_off(
    pinned_database: Database, clock: SettableClock, late_days: int
) -> None:
    await load_network(pinned_database)
    window = await current_window(pinned_database)
    clock.advance(timedelta(days=late_days))
    tomorrow = clock.now() + timedelta(days=1)
    refused = await close(pinned_database, MAKER, window_id=window.id, at=tomorrow)
    assert type(refused).__name__ == "CutOffImpossible"
    assert (await current_window(pinned_database)).id == window.id
