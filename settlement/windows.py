"""Settlement windows: reading them, and moving one from step to step under its row's lock."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from brands import NETWORK_MODEL
from core.clock import Clock
from core.database import Connection, Database
from core.ids import new_id
from core.locks import lock_keys
from ledger import Part
from settlement.errors import WindowNotFound, WrongStep
from settlement.persons import Actor
from settlement.steps import Status
from settlement.terms import Terms, terms_of

PAGE_MAX: Final = 500
"""The most windows in one answer."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of recorded time whose postings in one model are settled together: (`after`, `cut_off_at`]."""

    id: UUID
    number: int
    """From 1, without gaps."""
    status: Status
    opened_at: datetime
    after: datetime | None
    """The cut-off of the window before; None for the first: from the beginning."""
    cut_off_at: datetime | None
    """None while it is open."""
    in_flight: int
    """Micro-CNY that unfinished exchanges held in the exchange clearing at the cut-off; credits positive."""
    model: str
    """The code of its settlement model."""
    sequence: int
    """Its place among the windows of its model, from 1, without gaps."""
    terms: Terms
    """Those of the model when it opened."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a window's life."""

    status: Status
    """What the window became."""
    actor: str
    """The subject of whoever took the step."""
    reason: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Ready:
    """The window is locked and stands where the step begins."""

    window: Window


async def current_window(database: Database, model: str = NETWORK_MODEL) -> Window:
    """The window of the model that takes what is posted now; the network's first one is opened here."""
    async with database.transaction() as connection:
        return await open_window(connection, database.clock, model)


async def open_window(connection: Connection, clock: Clock, model: str = NETWORK_MODEL) -> Window:
    """The open window, the first one made if there is none. The model must be agreed on."""
    row = await connection.fetchrow(_OPEN, model)
    if row is None:
        await lock_numbers(connection)
        await connection.execute(_OPEN_FIRST, new_id(), clock.now(), model)
        row = await connection.fetchrow(_OPEN, model)
    return _window(row)


async def lock_numbers(connection: Connection) -> None:
    """Number windows without gaps: only one transaction at a time gives out a number."""
    await lock_keys(connection, "settlement.windows", ["number"])


async def windows(
    database: Database, *, limit: int = 50, before: int | None = None, model: str | None = None
) -> list[Window]:
    """The latest `limit` windows, newest first; with `before`, those with a smaller number; with `model`, its own."""
    async with database.connection() as connection:
        rows = await connection.fetch(_LATEST, before, max(0, min(limit, PAGE_MAX)), model)
    return [_window(row) for row in rows]


async def open_windows(connection: Connection) -> list[Window]:
    """The open window of every model, by number."""
    return [_window(row) for row in await connection.fetch(_ALL_OPEN)]


async def unfinished_windows(connection: Connection) -> list[Window]:
    """The windows that are past their cut-off and not netted yet, oldest first."""
    return [_window(row) for row in await connection.fetch(_UNFINISHED)]


async def window_numbered(database: Database, number: int) -> Window | WindowNotFound:
    """The window with this number."""
    async with database.connection() as connection:
        row = await connection.fetchrow(_NUMBERED, number)
    return WindowNotFound(str(number)) if row is None else _window(row)


async def find(connection: Connection, window_id: UUID) -> Window | None:
    """The window, not locked."""
    row = await connection.fetchrow(_BY_ID, window_id)
    return None if row is None else _window(row)


async def netted_windows(connection: Connection) -> list[UUID]:
    """The windows whose positions have been netted, first one first."""
    return [row["id"] for row in await connection.fetch(_NETTED)]


async def lock(connection: Connection, window_id: UUID) -> Window | None:
    """The window, its row locked until the transaction ends."""
    row = await connection.fetchrow(f"{_BY_ID} FOR UPDATE", window_id)
    return None if row is None else _window(row)


async def lock_paying(connection: Connection) -> list[Window]:
    """The windows whose payments may come in or go out, locked, oldest first."""
    return await _lock_all(connection, Status.ADVISED, Status.INSTRUCTED, Status.FUNDED)


async def lock_ordered(connection: Connection) -> list[Window]:
    """Those of them for which the bank has been told what to pay, locked, oldest first."""
    return await _lock_all(connection, Status.INSTRUCTED, Status.FUNDED)


async def _lock_all(connection: Connection, *statuses: Status) -> list[Window]:
    return [_window(row) for row in await connection.fetch(_LOCK_ALL, statuses)]


async def previous(connection: Connection, window: Window) -> Window | None:
    """The window of the same model before this one."""
    row = await connection.fetchrow(_PREVIOUS, window.model, window.sequence - 1)
    return None if row is None else _window(row)


async def lock_with_earlier(
    connection: Connection, window_id: UUID | None, model: str = NETWORK_MODEL
) -> Window | None:
    """The window, locked after the one before it and all that are not netted yet, oldest first.

    None of them is netted or aborted until the transaction ends. Without an id, the first window of the model that is
    not closed.
    """
    rows = await connection.fetch(_WITH_EARLIER, window_id, model)
    return _window(rows[-1]) if rows else None


async def closed_after(connection: Connection, window: Window) -> int | None:
    """The number of the next window when it is past its cut-off. None keeps it so until the transaction ends."""
    later: int | None = await connection.fetchval(_CLOSED_AFTER, window.model, window.sequence)
    return later


def cut(
    window: Window, instant: datetime, in_flight: int, actor: Actor, *, clock: Clock, reason: str
) -> tuple[Window, list[Part]]:
    """Fix the cut-off of the locked open window and open the one after it, on the terms that hold then.

    To be written along with the line that is drawn. The numbers must be locked.
    """
    fixed, remembered = (instant, in_flight, window.id), (new_id(), actor.subject, reason, clock.now())
    opened = (new_id(), window.model, window.sequence + 1)
    parts = [
        Part("window_cut", _CUT, fixed),
        Part("window_step", _CUT_STEP, remembered),
        Part("window_next", _CUT_NEXT, opened),
    ]
    return replace(window, status=Status.CLOSING, cut_off_at=instant, in_flight=in_flight), parts


async def begin(
    connection: Connection, window_id: UUID, *, needed: Status, goal: Status
) -> Ready | Window | WindowNotFound | WrongStep:
    """Lock the window for the step from `needed` to `goal`; the window itself when the step was taken before."""
    window = await lock(connection, window_id)
    if window is None:
        return WindowNotFound(str(window_id))
    if window.status is needed:
        return Ready(window)
    if window.status.has_reached(goal):
        return window
    return WrongStep(window.number, window.status, needed)


async def advance(
    connection: Connection, window: Window, status: Status, actor: Actor, *, clock: Clock, reason: str = ""
) -> Window:
    """Move the locked window to `status` and write it into the window's history."""
    step = (new_id(), window.id, status.value, actor.subject, reason, clock.now())
    await connection.execute(_ADVANCE, *step)
    return replace(window, status=status)


async def steps(connection: Connection, window_id: UUID) -> list[Step]:
    """The window's history, first step first."""
    rows = await connection.fetch(_HISTORY, window_id)
    return [Step(Status(row["status"]), row["actor"], row["reason"], row["recorded_at"]) for row in rows]


def _window(row: Record | None) -> Window:
    assert row is not None
    return Window(
        row["id"],
        row["number"],
        Status(row["status"]),
        row["opened_at"],
        row["after"],
        row["cut_off_at"],
        row["in_flight"],
        row["model"],
        row["sequence"],
        terms_of(row["terms"]),
    )


_COLUMNS = "id, number, status, opened_at, after, cut_off_at, in_flight, model, sequence, terms::text AS terms"

_BY_ID = f"SELECT {_COLUMNS} FROM settlement_window WHERE id = $1"

_NUMBERED = f"SELECT {_COLUMNS} FROM settlement_window WHERE number = $1"

_NETTED = """
SELECT id FROM settlement_window
WHERE status NOT IN ('OPEN', 'CLOSING', 'CLOSED', 'RECONCILED', 'ABORTED') ORDER BY number
"""

_OPEN = f"SELECT {_COLUMNS} FROM settlement_window WHERE model = $1 AND status = 'OPEN'"

_ALL_OPEN = f"SELECT {_COLUMNS} FROM settlement_window WHERE status = 'OPEN' ORDER BY number"

_UNFINISHED = f"""
SELECT {_COLUMNS} FROM settlement_window WHERE status IN ('CLOSING', 'CLOSED', 'RECONCILED') ORDER BY number
"""

_NEXT_NUMBER = "(SELECT coalesce(max(number), 0) + 1 FROM settlement_window)"

_TERMS = """
coalesce((SELECT terms FROM settlement_model WHERE code = {} ORDER BY version DESC LIMIT 1), '{{}}')
"""

_OPEN_FIRST = f"""
INSERT INTO settlement_window (id, number, status, opened_at, model, sequence, terms)
SELECT $1, {_NEXT_NUMBER}, 'OPEN', $2, $3::text, 1, {_TERMS.format("$3::text")}
WHERE NOT EXISTS (SELECT FROM settlement_window WHERE model = $3)
"""

_WITH_EARLIER = f"""
WITH wanted AS MATERIALIZED (
    SELECT model, sequence FROM settlement_window
    WHERE id = $1 OR $1::uuid IS NULL AND model = $2 AND status IN ('OPEN', 'CLOSING')
    ORDER BY number LIMIT 1
)
SELECT {_COLUMNS} FROM settlement_window
WHERE model = (SELECT model FROM wanted) AND sequence <= (SELECT sequence FROM wanted)
    AND (sequence >= (SELECT sequence - 1 FROM wanted) OR status IN ('CLOSING', 'CLOSED', 'RECONCILED'))
ORDER BY sequence FOR UPDATE
"""

_PREVIOUS = f"SELECT {_COLUMNS} FROM settlement_window WHERE model = $1 AND sequence = $2"

_LOCK_ALL = f"SELECT {_COLUMNS} FROM settlement_window WHERE status = ANY($1::text[]) ORDER BY number FOR UPDATE"

_CLOSED_AFTER = "SELECT number FROM settlement_window WHERE model = $1 AND sequence = $2 + 1 AND status <> 'OPEN'"

# The unique index lets only one window of a model be open, so the next one is opened by what comes of closing this one.
_CUT = """
UPDATE settlement_window SET status = 'CLOSING', cut_off_at = ?, in_flight = ? WHERE id = ? RETURNING id, cut_off_at
"""

_CUT_STEP = """
INSERT INTO settlement_history (id, window_id, sequence, status, actor, reason, recorded_at)
SELECT ?, id, 1, 'CLOSING', ?, ?, ? FROM window_cut RETURNING recorded_at
"""

_CUT_NEXT = f"""
INSERT INTO settlement_window (id, number, status, model, sequence, opened_at, after, terms)
SELECT next.id, {_NEXT_NUMBER}, 'OPEN', next.model, next.sequence, recorded_at, cut_off_at,
    {_TERMS.format("next.model")}
FROM window_step, window_cut, (VALUES (?::uuid, ?::text, ?::bigint)) AS next (id, model, sequence)
"""

_LATEST = f"""
SELECT {_COLUMNS} FROM settlement_window
WHERE ($1::bigint IS NULL OR number < $1) AND ($3::text IS NULL OR model = $3) ORDER BY number DESC LIMIT $2
"""

_ADVANCE = """
WITH advanced AS (UPDATE settlement_window SET status = $3 WHERE id = $2)
INSERT INTO settlement_history (id, window_id, sequence, status, actor, reason, recorded_at)
SELECT $1, $2, coalesce(max(sequence), 0) + 1, $3, $4, $5, $6 FROM settlement_history WHERE window_id = $2
"""

_HISTORY = """
SELECT status, actor, reason, recorded_at FROM settlement_history WHERE window_id = $1 ORDER BY sequence
"""
