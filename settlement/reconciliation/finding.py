"""The work list: the breaks that are wanted, page by page, what is at risk most first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from brands import Program, directory
from core.database import Connection, Database
from settlement.errors import WindowNotFound
from settlement.reconciliation.break_kinds import BreakKind
from settlement.reconciliation.breaks import AT_RISK, WITH_MOVED, AgeBand, Break, BreakState, read_breaks
from settlement.windows import find

LIMIT_MAX: Final = 500
AT_RISK_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which breaks; None: whichever."""

    state: BreakState | None = BreakState.OPEN
    program_ids: frozenset[UUID] | None = None
    owner: str | None = None
    kind: BreakKind | None = None
    due_before: date | None = None
    age: AgeBand | None = None
    window_id: UUID | None = None
    """With a line of the days of this settlement window."""
    disputed: bool | None = None
    """Whether a dispute about it stands."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: what is at risk in its last break, in micro-CNY, and which one that is."""

    at_risk_micro: int
    break_id: UUID

    @classmethod
    def of(cls, it: Break) -> "Place":
        """That of a break."""
        return cls(abs(it.at_stake), it.id)

    @classmethod
    def read(cls, text: str) -> "Place":
        """As `str` wrote it. Raises ValueError."""
        at_risk, _, break_id = text.partition("/")
        if not (at_risk.isascii() and at_risk.isdigit()) or int(at_risk) > AT_RISK_MAX:
            raise ValueError(text)
        return cls(int(at_risk), UUID(break_id))

    def __str__(self) -> str:
        return f"{self.at_risk_micro}/{self.break_id}"


@dataclass(frozen=True, slots=True)
class BreakPage:
    """Some of the breaks, in their order."""

    breaks: Sequence[Break]
    more: bool
    """Whether others follow."""
    count: int
    """Of all that are wanted, on whichever page."""
    at_risk_micro: int
    """What is at risk in those of them that are open, in micro-CNY."""


async def find_page(
    database: Database, wanted: Wanted, *, first: int = 50, after: Place | None = None
) -> BreakPage | WindowNotFound:
    """The `first` (at most `LIMIT_MAX`) breaks that are wanted and come `after` a place."""
    size = max(1, min(first, LIMIT_MAX))
    async with database.connection() as connection:
        arguments = await _arguments(connection, wanted, database.clock.now())
        if isinstance(arguments, WindowNotFound):
            return arguments
        place = (None, None) if after is None else (after.at_risk_micro, after.break_id)
        found = await read_breaks(connection, f"{_WANTED} AND {_AFTER}", *arguments, *place, limit=size + 1)
        count, at_risk = await connection.fetchrow(_TOTAL, *arguments) or (0, 0)
    return BreakPage(found[:size], len(found) > size, count, at_risk)


async def find_breaks(database: Database, wanted: Wanted, *, limit: int = 100) -> Sequence[Break]:
    """The first of the breaks that are wanted; none of a window that is not there."""
    found = await find_page(database, wanted, first=limit)
    return found.breaks if isinstance(found, BreakPage) else ()


async def open_breaks(
    database: Database, *, program_id: UUID | None = None, owner: str | None = None, limit: int = 100
) -> Sequence[Break]:
    """The breaks somebody has to work on."""
    program_ids = None if program_id is None else frozenset({program_id})
    return await find_breaks(database, Wanted(program_ids=program_ids, owner=owner), limit=limit)


async def _arguments(connection: Connection, wanted: Wanted, now: datetime) -> list[object] | WindowNotFound:
    spans = await _spans(connection, wanted.window_id, now)
    if isinstance(spans, WindowNotFound):
        return spans
    programs = None if wanted.program_ids is None else list(wanted.program_ids)
    older, most = wanted.age.days if wanted.age else (None, None)
    opened = (None if days is None else now - timedelta(days=days) for days in (most, older))
    return [wanted.state, programs, wanted.owner, wanted.kind, wanted.due_before, *opened, wanted.disputed, *spans]


async def _spans(connection: Connection, window_id: UUID | None, now: datetime) -> tuple[object, ...] | WindowNotFound:
    """Each program, and the first and the last day of the window in its time zone."""
    if window_id is None:
        return None, None, None
    window = await find(connection, window_id)
    if window is None:
        return WindowNotFound(str(window_id))
    programs = (await directory(connection)).programs.values()
    days = [[_day(it, program) for program in programs] for it in (window.after, window.cut_off_at or now)]
    return [program.id for program in programs], *days


def _day(instant: datetime | None, program: Program) -> date:
    return date.min if instant is None else instant.astimezone(ZoneInfo(program.time_zone)).date()


_WANTED: Final = """
($1::text IS NULL OR state = $1) AND ($2::uuid[] IS NULL OR program_id = ANY($2)) AND ($3::text IS NULL OR owner = $3)
    AND ($4::text IS NULL OR item.kind = $4) AND ($5::date IS NULL OR due_on < $5)
    AND ($6::timestamptz IS NULL OR opened_at >= $6) AND ($7::timestamptz IS NULL OR opened_at < $7)
    AND ($8::boolean IS NULL OR (disputed <> 0) = $8)
    AND ($9::uuid[] IS NULL OR EXISTS (
        SELECT FROM unnest($9, $10::date[], $11::date[]) AS span (program_id, first_day, last_day)
        JOIN LATERAL (
            SELECT (line ->> 'day')::date AS day FROM jsonb_array_elements(ours) AS line
            UNION ALL SELECT (it -> 'line' ->> 'day')::date FROM jsonb_array_elements(theirs) AS it
        ) AS told ON told.day BETWEEN span.first_day AND span.last_day
        WHERE span.program_id = item.program_id
    ))
"""

_AFTER: Final = f"""
($12::bigint IS NULL OR {AT_RISK} < $12 OR ({AT_RISK} = $12 AND id > $13::uuid))
"""

_TOTAL: Final = f"""
SELECT count(*), coalesce(sum({AT_RISK}) FILTER (WHERE state = '{BreakState.OPEN}'), 0)::bigint
FROM {WITH_MOVED} WHERE {_WANTED}
"""
