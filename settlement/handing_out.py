"""Handing out a participant's statement: the file that was advised, or the same bytes written again if it is gone."""

import asyncio
import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from core.database import Connection, Database
from core.errors import Refusal
from settlement.advice_rows import Advised, advised
from settlement.advising import compare, write_statements
from settlement.errors import WindowNotFound
from settlement.forms import Format
from settlement.steps import Status
from settlement.windows import Window, find


@dataclass(frozen=True, slots=True)
class StatementMissing(Refusal):
    """There is no such statement, or it has not been given out yet."""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A statement's file."""

    path: Path
    format: Format
    sha256: str
    size_bytes: int
    lines: int


async def statement_files(
    connection: Connection, window: Window, participant_id: UUID, folder: Path
) -> list[HandedOut]:
    """What was given out to the participant for the window, in the order of the formats; nothing before it was."""
    if not window.status.has_reached(Status.ADVISED):
        return []
    kept = await advised(connection, window.id)
    found = ((written, kept.get((participant_id, written.value))) for written in Format)
    return [_handed(window, written, it, folder) for written, it in found if it]


async def hand_out(
    database: Database, window_id: UUID, participant_id: UUID, written: Format, folder: Path
) -> HandedOut | StatementMissing | WindowNotFound:
    """The file below `folder`, as it was advised. Raises BooksBroken when it cannot be written as it was."""
    async with database.transaction() as connection:
        window = await find(connection, window_id)
        if window is None:
            return WindowNotFound(str(window_id))
        files = await statement_files(connection, window, participant_id, folder)
        wanted = next((it for it in files if it.format is written), None)
        if wanted is None:
            return StatementMissing()
        if await asyncio.to_thread(_digest, wanted.path) == wanted.sha256:
            return wanted
        kept = await advised(connection, window.id)
        again = await write_statements(
            connection, window, wanted.path.parent, accept=partial(compare, window.number, kept), only=participant_id
        )
    found = next(it for it in again if it.format is written)
    return HandedOut(found.path, written, found.sha256, found.size_bytes, found.lines)


def _handed(window: Window, written: Format, it: Advised, folder: Path) -> HandedOut:
    path = folder / f"window-{window.number:06}" / it.file_name
    return HandedOut(path, written, it.sha256, it.size_bytes, it.lines)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
