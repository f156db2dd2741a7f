"""The lines behind a figure of a statement, a page at a time."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from core.codes import Code
from core.database import Connection, Database
from core.errors import Refusal
from settlement.errors import WindowNotFound, WrongStep
from settlement.lines import Explained, explained_lines
from settlement.participants import codes
from settlement.statement import Line
from settlement.steps import Status
from settlement.windows import Window, find

PAGE_MAX: Final = 500
"""Lines in one answer."""


@dataclass(frozen=True, slots=True)
class ParticipantNotFound(Refusal):
    """There is no participant with this code."""

    participant: str

    @property
    def message(self) -> str:
        """Which code."""
        return f"There is no participant with the code {self.participant!r}."


@dataclass(frozen=True, slots=True)
class LinesWanted:
    """Which lines of which figure."""

    window_id: UUID
    participant: str
    """Its code, or `operator`."""
    kind: str | None = None
    """Of a subtotal by kind."""
    counterparty: str | None = None
    """Of a subtotal by counterparty: its code."""
    after: tuple[datetime, UUID] | None = None
    """The last line seen: when it was recorded, and its transfer."""
    first: int = 50
    """How many, at most PAGE_MAX."""


@dataclass(frozen=True, slots=True)
class LinePage:
    """Some lines, in the order of recording."""

    window: Window
    lines: tuple[Line, ...]
    more: bool
    """Whether others follow."""


async def lines_of(
    database: Database, wanted: LinesWanted
) -> LinePage | WindowNotFound | WrongStep | ParticipantNotFound:
    """The lines of a closed window's figure. Without their balances: these are the whole statement's."""
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        window = await find(connection, wanted.window_id)
        if window is None:
            return WindowNotFound(str(wanted.window_id))
        if window.status is Status.OPEN:
            return WrongStep(window.number, window.status, Status.CLOSED)
        coded = await codes(connection)
        who = next((identifier for identifier, code in coded.items() if code == wanted.participant), None)
        if who is None:
            return ParticipantNotFound(wanted.participant)
        if wanted.counterparty and wanted.counterparty not in coded.values():
            return ParticipantNotFound(wanted.counterparty)
        count, found = max(1, min(wanted.first, PAGE_MAX)), list[Line]()
        async for line in _wanted(connection, window, who, wanted, coded):
            found.append(line)
            if len(found) > count:
                break
        return LinePage(window, tuple(found[:count]), len(found) > count)


async def _wanted(
    connection: Connection, window: Window, who: UUID, wanted: LinesWanted, coded: Mapping[UUID, str]
) -> AsyncIterator[Line]:
    since = None if wanted.after is None else wanted.after[0] - timedelta(microseconds=1)
    passed = wanted.after is None
    async for batch in explained_lines(connection, window, who, since=since):
        for explained in batch:
            line = line_of(explained, who, coded)
            if passed and wanted.kind in {None, line.kind} and wanted.counterparty in {None, line.counterparty}:
                yield line
            passed = passed or (wanted.after is not None and _is_beyond(line, *wanted.after))


def _is_beyond(line: Line, recorded_at: datetime, transfer_id: UUID) -> bool:
    """Whether the lines after this one come after the last line seen."""
    return line.transfer_id == transfer_id or line.recorded_at > recorded_at


def line_of(explained: Explained, who: UUID, coded: Mapping[UUID, str]) -> Line:
    """The line as a statement has it, without its balance."""
    found, origin = explained.line, explained.origin
    return Line(
        recorded_at=found.recorded_at,
        kind=Code(found.code).name,
        reference=found.reference,
        transfer_id=found.transfer_id,
        counterparty=coded[origin.counterparty_of(who)] if origin else "",
        detail=origin.detail if origin else "",
        debit=max(0, -found.posted),
        credit=max(0, found.posted),
        balance=0,
    )
