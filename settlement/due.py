"""What the clock takes care of: windows close when their schedule says so, and go as far as no person is needed.

Close, reconcile and net happen by themselves; submitting and approving never do. Whatever was missed while nobody ran
this is made up for in order, each window ending at its own instant, because positions are known as of any instant.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from core.database import Connection, Database
from core.errors import Refusal
from core.failures import Failures
from core.faults import Fault, fault_of
from settlement.agreed_models import AgreedModel, read_models
from settlement.clearing import net
from settlement.closing import close
from settlement.persons import Actor
from settlement.reconciling import reconcile
from settlement.schedules import Cycle
from settlement.steps import Status
from settlement.windows import Window, open_window, open_windows, unfinished_windows

SCHEDULE: Final = Actor("schedule")
"""Who takes these steps."""

RETRY_FIRST: Final = timedelta(minutes=1)
RETRY_LAST: Final = timedelta(hours=1)
_DOUBLINGS_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Stuck:
    """A window that does not go on by itself."""

    window_id: UUID
    number: int
    step: str
    """What was tried."""
    attempts: int
    problem: str
    tried_at: datetime

    @property
    def retry_at(self) -> datetime:
        """When it is tried again: after a minute, then two, four, … at most an hour."""
        doublings = 1 << min(self.attempts - 1, _DOUBLINGS_MAX)
        return self.tried_at + min(RETRY_FIRST * doublings, RETRY_LAST)


async def settle_due(database: Database) -> int:
    """Close every window whose time has come, in order, and take it as far as NETTED. The number of steps taken.

    What is wrong with one window holds up no other model's. Raises ExceptionGroup at the end when there was such.
    """
    async with database.transaction() as connection:
        await open_window(connection, database.clock)
    failures = Failures()
    taken = await _close_due(database, failures) + await _go_on(database, failures)
    failures.tell()
    return taken


async def next_cut_offs(database: Database) -> dict[str, datetime]:
    """When each scheduled model's open window will close, by model."""
    async with database.connection() as connection:
        due = await _due(connection)
    return {window.model: at for window, at in due}


async def stuck(database: Database) -> list[Stuck]:
    """The windows that do not go on by themselves, and why, the latest first."""
    async with database.connection() as connection:
        return await _stuck(connection)


async def _close_due(database: Database, failures: Failures) -> int:
    """Close the open window whose cut-off is the longest past, and so on. How many were closed."""
    taken, held_up = 0, set[str]()
    while found := await _next_due(database, held_up):
        at, window = found
        held_up.add(window.model)
        with failures.kept(f"window {window.number}"):
            closed = await close(database, SCHEDULE, window_id=window.id, at=at, reason="by schedule")
            if isinstance(closed, Window):
                held_up.discard(window.model)
                taken += 1
    return taken


async def _next_due(database: Database, held_up: Collection[str]) -> tuple[datetime, Window] | None:
    async with database.connection() as connection:
        due = [(at, it) for it, at in await _due(connection) if at <= database.clock.now() and it.model not in held_up]
    return min(due, key=lambda it: (it[0], it[1].number), default=None)


async def _due(connection: Connection) -> list[tuple[Window, datetime]]:
    models = {model.code: model for model in await read_models(connection)}
    found = [(window, _cut_off_of(window, models[window.model])) for window in await open_windows(connection)]
    return [(window, at) for window, at in found if at is not None]


def _cut_off_of(window: Window, model: AgreedModel) -> datetime | None:
    begun = window.after or window.opened_at
    return model.terms.schedule.next_after(max(begun, model.agreed_at or begun))


async def _go_on(database: Database, failures: Failures) -> int:
    async with database.connection() as connection:
        by_itself = {m.code for m in await read_models(connection) if m.terms.schedule.cycle is not Cycle.ON_DEMAND}
        waiting = {it.window_id for it in await _stuck(connection) if it.retry_at > database.clock.now()}
        found = await unfinished_windows(connection)
    taken = 0
    for window in found:
        if window.model in by_itself and window.id not in waiting:
            with failures.kept(f"window {window.number}"):
                taken += await _step(database, window)
    return taken


async def _step(database: Database, window: Window) -> int:
    """Take a window as far as it goes; the number of steps."""
    taken = 0
    while window.status in _NEXT:
        step, act = _NEXT[window.status]
        try:
            outcome = await act(database, window.id)
        except Exception as error:
            if fault_of(error) is Fault.OWN:
                await _remember(database, window, step, str(error) or type(error).__name__)
            raise
        if not isinstance(outcome, Window):
            await _remember(database, window, step, outcome.message)
            return taken
        window, taken = outcome, taken + 1
    return taken


async def _close(database: Database, window_id: UUID) -> Window | Refusal:
    return await close(database, SCHEDULE, window_id=window_id)


async def _reconcile(database: Database, window_id: UUID) -> Window | Refusal:
    return await reconcile(database, window_id, SCHEDULE)


async def _net(database: Database, window_id: UUID) -> Window | Refusal:
    return await net(database, window_id, SCHEDULE)


_NEXT: Final = {
    Status.CLOSING: ("close", _close),
    Status.CLOSED: ("reconcile", _reconcile),
    Status.RECONCILED: ("net", _net),
}
"""What the clock may do to a window; everything after NETTED needs persons."""


async def _remember(database: Database, window: Window, step: str, problem: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(_KEEP, window.id, step, problem, database.clock.now())


async def _stuck(connection: Connection) -> list[Stuck]:
    return [Stuck(*row.values()) for row in await connection.fetch(_STUCK)]


_KEEP = """
INSERT INTO settlement_attempt AS known (window_id, step, attempts, problem, tried_at) VALUES ($1, $2, 1, $3, $4)
ON CONFLICT (window_id) DO UPDATE SET step = $2, problem = $3, tried_at = $4,
    attempts = CASE WHEN known.step = $2 THEN known.attempts + 1 ELSE 1 END
"""

_STUCK = """
SELECT window_id, number, step, attempts, problem, tried_at
FROM settlement_attempt JOIN settlement_window AS unfinished ON unfinished.id = window_id
WHERE status IN ('CLOSING', 'CLOSED', 'RECONCILED') ORDER BY tried_at DESC
"""
