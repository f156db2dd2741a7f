"""Breaks in the database: what differs, who does what about it until when, and what happened to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec
from asyncpg import Record

from core.database import Connection
from core.ids import new_id
from core.locks import lock_keys
from settlement.reconciliation.break_kinds import BreakKind, StatedLine, exchange_of
from settlement.reconciliation.line import Line

_lines = msgspec.json.Decoder(tuple[Line, ...])
_stated = msgspec.json.Decoder(tuple[StatedLine, ...])


class BreakState(StrEnum):
    """Where a break stands."""

    OPEN = "OPEN"
    """Somebody has to do something about it."""
    RESOLVED = "RESOLVED"
    """The lines differ, and that is explained or written off. Opened again when they change."""
    CLOSED = "CLOSED"
    """The lines agree, or two persons have matched them. Opened again when they no longer do."""


class EventKind(StrEnum):
    """What happens to a break."""

    OPENED = "OPENED"
    CHANGED = "CHANGED"
    """Other lines, or another kind."""
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"
    COMMENT = "COMMENT"
    ATTACHED = "ATTACHED"
    """Evidence was added; it resolves nothing by itself."""
    ASSIGNED = "ASSIGNED"
    WAIT = "WAIT"
    EVIDENCE = "EVIDENCE"
    OVERDUE = "OVERDUE"
    """Its due date has passed and nobody has done anything."""
    SUGGESTED = "SUGGESTED"
    """A person accepted a suggestion: lines of one amount are the same thing."""
    FORCED_MATCH = "FORCED_MATCH"
    WRITE_OFF = "WRITE_OFF"
    DISPUTE = "DISPUTE"
    """The amount was moved until the dispute is decided."""
    DISPUTE_WON = "DISPUTE_WON"
    """It stays where it was moved."""
    DISPUTE_PARTLY_WON = "DISPUTE_PARTLY_WON"
    """A part of it stays, the rest was moved back."""
    DISPUTE_LOST = "DISPUTE_LOST"
    """It was moved back."""


@dataclass(frozen=True, slots=True)
class Break:
    """Lines that do not agree."""

    id: UUID
    program_id: UUID
    anchor: str
    kind: BreakKind
    state: BreakState
    ours: tuple[Line, ...]
    theirs: tuple[StatedLine, ...]
    value_micro: int
    """What the brand's lines are worth more than ours when it was opened, in micro-CNY."""
    owner: str
    """`brand`, `operator`, or a person."""
    next_step: str
    due_on: date
    opened_at: datetime
    written_off: int
    """Micro-CNY that the participant was given for good because of it; negative: that it gave."""
    disputed: int = 0
    """The same until a dispute is decided."""
    disputed_at: datetime | None = None
    """Since when; None: nothing is disputed."""

    @property
    def exchange_id(self) -> UUID | None:
        """The exchange that a brand carried on too late."""
        return exchange_of(self.anchor)

    @property
    def at_stake(self) -> int:
        """What has not been written off; its size is the value at risk as long as the break is open."""
        return self.value_micro - self.written_off

    @property
    def at_risk(self) -> int:
        """The value at risk: nothing is once the break is closed or resolved."""
        return abs(self.at_stake) if self.state is BreakState.OPEN else 0


@dataclass(frozen=True, slots=True)
class BreakEvent:
    """One thing that happened to a break; kept for ever."""

    break_id: UUID
    kind: EventKind
    actor: str
    text: str
    proposal_id: UUID | None
    """The decision of two persons behind it."""
    recorded_at: datetime


class AgeBand(StrEnum):
    """How long something has been open."""

    UP_TO_7_DAYS = "up to 7 days"
    UP_TO_30_DAYS = "up to 30 days"
    UP_TO_90_DAYS = "up to 90 days"
    OVER_90_DAYS = "over 90 days"

    @property
    def days(self) -> tuple[int, int | None]:
        """It is older than the first, and at most as old as the second; None: however old."""
        return _BANDS[self]


def age_band(opened_at: datetime, now: datetime) -> AgeBand:
    """How long it has been open, in the bands of the work list."""
    age = now - opened_at
    return next(band for band, (_, most) in _BANDS.items() if most is None or age <= timedelta(days=most))


async def read_breaks(
    connection: Connection, condition: str, *arguments: object, limit: int | None = None
) -> list[Break]:
    """The breaks for which one of this package's conditions holds, the largest value at risk first."""
    bound = "" if limit is None else f"LIMIT {limit:d}"
    return [_break(row) for row in await connection.fetch(_READ.format(condition=condition, bound=bound), *arguments)]


async def lock_program(connection: Connection, program_id: UUID) -> None:
    """Let nobody else compare the program's lines, or resolve its breaks, until the transaction ends."""
    await _lock_programs(connection, [program_id])


async def lock_programs_of(connection: Connection, break_ids: Sequence[UUID]) -> None:
    """The same for the programs of these breaks, in the order in which everybody locks several."""
    rows = await connection.fetch("SELECT program_id FROM settlement_break WHERE id = ANY($1::uuid[])", break_ids)
    await _lock_programs(connection, [row["program_id"] for row in rows])


async def _lock_programs(connection: Connection, program_ids: Iterable[UUID]) -> None:
    await lock_keys(connection, "reconciliation", map(str, program_ids))


async def lock_break(connection: Connection, break_id: UUID) -> Break | None:
    """The break, its row locked until the transaction ends."""
    program_id = await connection.fetchval("SELECT program_id FROM settlement_break WHERE id = $1", break_id)
    await lock_program(connection, program_id)
    await connection.execute("SELECT FROM settlement_break WHERE id = $1 FOR UPDATE", break_id)
    return next(iter(await read_breaks(connection, "id = $1", break_id)), None)


async def write_breaks(connection: Connection, breaks: Sequence[Break]) -> None:
    """Write new breaks, and what changed of those that exist."""
    if breaks:
        await connection.execute(_WRITE, *zip(*map(_row, breaks), strict=True))


async def write_events(connection: Connection, events: Iterable[BreakEvent]) -> None:
    """Add to the breaks' histories."""
    records = [_event_row(it) for it in events]
    await connection.copy_records_to_table("settlement_break_event", columns=_EVENT_COLUMNS, records=records)


async def events_of(connection: Connection, break_id: UUID) -> list[BreakEvent]:
    """A break's history, the oldest first."""
    rows = await connection.fetch(_EVENTS, break_id)
    return [BreakEvent(row[0], EventKind(row[1]), *tuple(row)[2:]) for row in rows]


def _row(it: Break) -> tuple[object, ...]:
    lines = msgspec.json.encode(it.ours).decode(), msgspec.json.encode(it.theirs).decode()
    named = it.id, it.program_id, it.anchor, it.kind.value, it.state.value
    return (*named, *lines, it.value_micro, it.owner, it.next_step, it.due_on, it.opened_at)


def _event_row(it: BreakEvent) -> tuple[object, ...]:
    return new_id(), it.break_id, it.kind.value, it.actor, it.text, it.proposal_id, it.recorded_at


def _break(row: Record) -> Break:
    values = dict(row)
    return Break(
        **values
        | {
            "kind": BreakKind(row["kind"]),
            "state": BreakState(row["state"]),
            "ours": _lines.decode(row["ours"]),
            "theirs": _stated.decode(row["theirs"]),
        }
    )


_BANDS: Final = {
    AgeBand.UP_TO_7_DAYS: (-1, 7),
    AgeBand.UP_TO_30_DAYS: (7, 30),
    AgeBand.UP_TO_90_DAYS: (30, 90),
    AgeBand.OVER_90_DAYS: (90, None),
}

AT_RISK: Final = "abs(value_micro - written_off)"
"""What is at risk, in SQL on `WITH_MOVED`."""

WITH_MOVED: Final = """
settlement_break AS item CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_micro) FILTER (WHERE kind <> 'DISPUTE'), 0)::bigint AS written_off,
        coalesce(sum(CASE kind WHEN 'DISPUTE' THEN amount_micro WHEN 'DISPUTE_WON' THEN -amount_micro END), 0)::bigint
            AS disputed,
        max(recorded_at) FILTER (WHERE kind = 'DISPUTE') AS moved_at
    FROM settlement_write_off WHERE break_id = item.id
) AS moved
"""
"""Breaks with what was moved because of them, as a relation."""

_READ: Final = f"""
SELECT id, program_id, anchor, kind, state, ours::text, theirs::text, value_micro, owner, next_step, due_on, opened_at,
    written_off, disputed, CASE WHEN disputed <> 0 THEN moved_at END AS disputed_at
FROM {WITH_MOVED} WHERE {{condition}} ORDER BY {AT_RISK} DESC, id {{bound}}
"""

_WRITE: Final = """
INSERT INTO settlement_break AS item
    (id, program_id, anchor, kind, state, ours, theirs, value_micro, owner, next_step, due_on, opened_at)
SELECT id, program_id, anchor, kind, state, ours::jsonb, theirs::jsonb, value_micro, owner, next_step, due_on, opened_at
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
    $9::text[], $10::text[], $11::date[], $12::timestamptz[]) AS line (id, program_id, anchor, kind, state, ours,
    theirs, value_micro, owner, next_step, due_on, opened_at)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, state = excluded.state, ours = excluded.ours,
    theirs = excluded.theirs, value_micro = excluded.value_micro, owner = excluded.owner,
    next_step = excluded.next_step, due_on = excluded.due_on, opened_at = excluded.opened_at
"""

_EVENT_COLUMNS: Final = ("id", "break_id", "kind", "actor", "text", "proposal_id", "recorded_at")

_EVENTS: Final = """
SELECT break_id, kind, actor, text, proposal_id, recorded_at FROM settlement_break_event WHERE break_id = $1 ORDER BY id
"""
