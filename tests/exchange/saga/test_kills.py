"""The worker is killed before and after each of its commits, wherever it is: whoever comes next brings it to an end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from adapters.simulator.faults import Fault, FaultKind
from core.clock import SettableClock
from core.database import Connection, Database
from exchange import State
from exchange.saga.advancing import begin_many, finish_many
from exchange.saga.calling import carry_out
from exchange.saga.reversing import ReversalRequest, reverse
from exchange.saga.turns import Answered, Call, Rest
from tests.exchange.saga.simulated import Simulated, Trade, fault, simulated
from tests.exchange.saga.test_fault_matrix import SENDING, Row

S, F = State, FaultKind


class Killed(Exception):
    """The process is gone."""


class DoomedDatabase(Database):
    """A database whose process dies at one of its commits."""

    commits = 0
    fatal: int | None = None
    before = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction; the fatal one is never committed, or nobody hears of it."""
        async with self.connection() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                yield connection
                self._die(before=True)
            except BaseException:
                await transaction.rollback()
                raise
            await transaction.commit()
            self._die(before=False)

    def _die(self, *, before: bool) -> None:
        self.commits += before
        if self.commits == self.fatal and self.before is before:
            raise Killed


async def work_alone(database: Database, stage: Simulated, exchange_id: UUID, room: int = 1) -> None:
    """What the worker does for one exchange, without sharing its commits with others.

    Where brands have `room` the next call is written down with the answer before, otherwise in a commit of its own.
    """
    while True:
        (found,) = await begin_many(database, [exchange_id])
        while isinstance(found, Call):
            answer = await carry_out(stage.systems, found)
            told = Answered(exchange_id, found.errand.id, found.id, answer)
            (found,) = await finish_many(database, [told], room=lambda _: room)
        if isinstance(found, Rest):
            return


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens to an exchange, and to which of its calls."""

    name: str
    ends: State
    faults: tuple[tuple[str, FaultKind], ...] = ()
    """(call, fault)"""
    reversal: bool = False


SCENARIOS = [
    Scenario("all is well", S.COMPLETED),
    Scenario("the source refuses", S.SOURCE_REJECTED, (("source-debit", F.REFUSE),)),
    Scenario("the target refuses", S.REFUNDED, (("target-credit", F.REFUSE),)),
    Scenario("answers are lost", S.COMPLETED, (("source-debit", F.LOST_ANSWER), ("target-credit", F.LOST_ANSWER))),
    Scenario("a request is lost", S.COMPLETED, (("target-credit", F.LOST_REQUEST),)),
    Scenario("it is taken back", S.REVERSED, reversal=True),
]


@pytest.fixture
async def stage(
    pinned_database: Database, clock: SettableClock, superuser: Connection, tmp_path: Path
) -> AsyncIterator[Simulated]:
    """Two simulators behind HTTP."""
    async with simulated(pinned_database, clock, superuser, tmp_path) as opened:
        yield opened


@pytest.fixture
async def doomed(database_url: str, clock: SettableClock) -> AsyncIterator[DoomedDatabase]:
    """The worker's own database."""
    opened = await DoomedDatabase.connect(database_url, clock=clock, pool_size_max=2)
    assert isinstance(opened, DoomedDatabase)
    yield opened
    await opened.close()


class Killing:
    """Plays a scenario, and kills the worker at one commit."""

    def __init__(self, stage: Simulated, doomed: DoomedDatabase, room: int) -> None:
        self.stage = stage
        self.doomed = doomed
        self.room = room
        self.rail: list[Fault] = []
        self.ferry: list[Fault] = []

    async def play(self, scenario: Scenario, fatal: int | None, *, before: bool) -> tuple[Trade, int]:
        """The exchange after the kill, and how many commits the worker made."""
        trade = await self._ready(scenario, fatal)
        self.doomed.commits, self.doomed.fatal, self.doomed.before = 0, fatal, before
        try:
            await work_alone(self.doomed, self.stage, trade.exchange.id, self.room)
        except Killed:
            assert fatal is not None
        return trade, self.doomed.commits

    async def _ready(self, scenario: Scenario, fatal: int | None) -> Trade:
        trade = await self.stage.trade(f"{scenario.name}, killed at {fatal}")
        for call, kind in scenario.faults:
            sent = SENDING[call]
            met = fault(kind, f"{trade.exchange.id.hex}-{call}", times=None if kind is F.REFUSE else 1, operation=sent)
            (self.rail if call.startswith("source") else self.ferry).append(met)
        self.stage.rail.faults.set(tuple(self.rail))
        self.stage.ferry.faults.set(tuple(self.ferry))
        if scenario.reversal:
            await work_alone(self.stage.database, self.stage, trade.exchange.id)
            request = ReversalRequest(trade.exchange.id, "desk", f"back {trade.exchange.id}", "a mistake")
            await reverse(self.stage.database, request)
        return trade


@pytest.mark.parametrize("room", [1, 0], ids=["with room", "without room"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_killed_at_every_commit(stage: Simulated, doomed: DoomedDatabase, scenario: Scenario, room: int) -> None:
    """Each ends as it would have ended; nothing is lost, nothing is done twice, and members are told the truth."""
    killing, row = Killing(stage, doomed, room), Row(stage)
    first, commits = await killing.play(scenario, None, before=False)
    row.trades.append(first)
    for fatal in range(1, commits + 1):
        for before in (True, False):
            trade, _ = await killing.play(scenario, fatal, before=before)
            row.trades.append(trade)
            await row.check_truth()
    await row.watch()
    await row.check_end()
    assert {(trade.name, await stage.state(trade)) for trade in row.trades} == {
        (trade.name, scenario.ends) for trade in row.trades
    }
