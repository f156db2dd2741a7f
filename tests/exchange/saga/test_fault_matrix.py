"""The fault matrix: every call to a brand, every fault, to its end, against the real simulator over a socket.

All exchanges of a row run side by side on one clock; each meets its own fault, which is ordered by its reference.
"""

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import pytest

from adapters.simulator.faults import Fault, FaultKind
from adapters.simulator.orders import Operation
from core.clock import SettableClock
from core.database import Connection, Database
from exchange import State
from exchange.checks import CHECKS
from exchange.saga.reversals import Reversal
from exchange.saga.reversing import ReversalRequest, reverse
from exchange.states import FINISHED
from ledger.audit import audit
from tests.exchange.saga.simulated import Simulated, Trade, fault, simulated

S, F = State, FaultKind

ONCE = [
    F.LOST_REQUEST, F.LOST_ANSWER, F.BLACK_HOLE, F.MALFORMED, F.HALF, F.DUPLICATE, F.SLOW_ANSWER, F.TOO_MANY,
    F.ERROR_BEFORE, F.ERROR_AFTER, F.SYSTEM_ERROR, F.PENDING_SUCCESS, F.PENDING_FAILURE, F.LATE_SUCCESS,
    F.MAINTENANCE, F.REFUSE,
]  # fmt: skip
"""Faults that strike one call."""

FOR_EVER = [F.LOST_REQUEST, F.LOST_ANSWER, F.BLACK_HOLE, F.MALFORMED, F.ERROR_BEFORE, F.MAINTENANCE, F.LATE_SUCCESS]
"""Faults that strike every sending."""

INQUIRIES = [F.LOST_REQUEST, F.LOST_ANSWER, F.BLACK_HOLE, F.MALFORMED, F.HALF, F.TOO_MANY, F.ERROR_AFTER, F.MAINTENANCE]
"""Faults of inquiries, which happen because the first answer was lost."""

CALLS = ["source-debit", "target-credit", "source-refund", "target-reversal-1", "source-reversal-1"]

TAKEN, GIVEN, BOTH, NEITHER = (-1_000, 0), (0, 825), (-1_000, 825), (0, 0)
TRUTHS: dict[State, set[tuple[int, int]]] = {
    S.HELD: {NEITHER},
    S.SOURCE_DEBITING: {NEITHER, TAKEN},
    S.SOURCE_UNKNOWN: {NEITHER, TAKEN},
    S.SOURCE_DEBITED: {TAKEN},
    S.TARGET_CREDITING: {TAKEN, BOTH},
    S.TARGET_UNKNOWN: {TAKEN, BOTH},
    S.TARGET_PENDING: {TAKEN, BOTH},
    S.TARGET_REJECTED: {TAKEN},
    S.COMPENSATING: {TAKEN, NEITHER},
    S.REFUNDED: {NEITHER},
    S.SOURCE_REJECTED: {NEITHER},
    S.COMPLETED: {BOTH},
    S.REVERSED: {NEITHER},
    S.PARTLY_REVERSED: set(),
    S.REVERSAL_REFUSED: {BOTH},
    S.MANUAL: {NEITHER, TAKEN, BOTH},
}
"""What the brands' own books may say while the member is told this."""


@pytest.fixture
async def stage(
    pinned_database: Database, clock: SettableClock, superuser: Connection, tmp_path: Path
) -> AsyncIterator[Simulated]:
    """Two simulators behind HTTP."""
    async with simulated(pinned_database, clock, superuser, tmp_path) as opened:
        yield opened


class Row:
    """Exchanges with a fault each, and what has to be true of them at all times and in the end."""

    def __init__(self, stage: Simulated) -> None:
        self.stage = stage
        self.trades: list[Trade] = []
        self._rail: list[Fault] = []
        self._ferry: list[Fault] = []

    async def add(self, call: str, *faults: tuple[FaultKind, int | None, Operation | None]) -> None:
        """One more exchange, whose call of this name meets these faults."""
        trade = await self.stage.trade(f"{call} {[kind.value for kind, _, _ in faults]}")
        self.trades.append(trade)
        reference = f"{trade.exchange.id.hex}-{call}"
        met = [fault(kind, reference, times=times, operation=operation) for kind, times, operation in faults]
        (self._rail if call.startswith("source") else self._ferry).extend(met)
        if call == "source-refund":
            refused = f"{trade.exchange.id.hex}-target-credit"
            self._ferry.append(fault(F.REFUSE, refused, times=None, operation=Operation.CREDIT))

    async def play(self) -> None:
        """Run to the end, looking at everybody at every moment; then take back what is asked to be."""
        self.stage.rail.faults.set(tuple(self._rail))
        self.stage.ferry.faults.set(tuple(self._ferry))
        await self.watch()
        wanted = [trade for trade in self.trades if "reversal" in trade.name]
        for trade in wanted:
            request = ReversalRequest(trade.exchange.id, "desk", f"back {trade.exchange.id}", "a mistake")
            assert isinstance(await reverse(self.stage.database, request), Reversal)
        if wanted:
            await self.watch()

    async def watch(self) -> None:
        """Let time pass until nothing waits, looking at everybody at every moment."""
        run = self.stage.run

        async def watched(database: Database | None = None) -> None:
            await run(database)
            await self.check_truth()

        self.stage.run = watched  # type: ignore[method-assign]
        try:
            await self.stage.wait()
        finally:
            self.stage.run = run  # type: ignore[method-assign]

    async def check_truth(self) -> None:
        """The status that members see is true by the brands' own books, unless a break says what came too late."""
        rows = await self.stage.superuser.fetch("SELECT id, state FROM exchange_exchange")
        states = {row["id"]: State(row["state"]) for row in rows}
        query = "SELECT exchange_id FROM exchange_reversal WHERE state IN ('OPEN', 'TAKEN')"
        under_way = {row["exchange_id"] for row in await self.stage.superuser.fetch(query)}
        for trade in self.trades:
            state, moved = states[trade.exchange.id], self.stage.moved(trade)
            late = F.LATE_SUCCESS.value in trade.name and state in {S.REFUNDED, S.SOURCE_REJECTED, S.REVERSED}
            undoing = state is S.COMPLETED and trade.exchange.id in under_way
            assert moved in TRUTHS[state] or late or undoing, (trade.name, state, moved)

    async def check_end(self) -> None:
        """Final or in the manual queue; both brands' books and ours agree; the books are whole."""
        for trade in self.trades:
            state = await self.stage.state(trade)
            assert state in FINISHED or state is S.MANUAL, (trade.name, state)
            if state is not S.MANUAL:
                assert self.stage.moved(trade) == await self.stage.ours(trade), trade.name
        report = await audit(self.stage.database, checks=CHECKS)
        assert [str(finding) for finding in report.findings] == []


async def test_every_call_and_every_fault(stage: Simulated) -> None:
    """One fault at one call, once."""
    row = Row(stage)
    for call, kind in product(CALLS, ONCE):
        await row.add(call, (kind, 1, None))
    await row.play()
    await row.check_end()
    ends = {trade.name: await stage.state(trade) for trade in row.trades}
    manual = sorted(name for name, state in ends.items() if state is S.MANUAL)
    # A refund that the source refuses is the only one of these that needs a person.
    assert manual == ["source-refund ['pending_failure']", "source-refund ['refuse']"]
    done = {name for name, state in ends.items() if state is S.COMPLETED}
    assert {f"target-credit ['{kind.value}']" for kind in ONCE} - done == {
        "target-credit ['pending_failure']", "target-credit ['refuse']",
    }  # fmt: skip


async def test_faults_that_never_end(stage: Simulated) -> None:
    """Every sending of a call fails the same way: given up, undone, or left to persons, but never lost."""
    row = Row(stage)
    for call, kind in product(CALLS, FOR_EVER):
        await row.add(call, (kind, None, SENDING[call]))
    await row.play()
    await row.check_end()


async def test_faults_of_inquiries(stage: Simulated) -> None:
    """The answer is lost, and then the inquiry fails as well: it is asked again."""
    row = Row(stage)
    for call, kind in product(CALLS, INQUIRIES):
        await row.add(call, (F.LOST_ANSWER, 1, SENDING[call]), (kind, 3, Operation.INQUIRE))
    await row.play()
    await row.check_end()
    assert {await stage.state(trade) for trade in row.trades} == {S.COMPLETED, S.REFUNDED, S.REVERSED}


SENDING = {
    "source-debit": Operation.DEBIT,
    "target-credit": Operation.CREDIT,
    "source-refund": Operation.REVERSE,
    "target-reversal-1": Operation.REVERSE,
    "source-reversal-1": Operation.REVERSE,
}
