"""Statements for every participant of an approved window, written to a folder."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final, TypeAlias, cast
from uuid import UUID

from brands import OPERATOR_ID
from core.database import Connection, Database
from core.ids import derive_id
from settlement.cash.references import places, reference
from settlement.csv_form import CsvForm
from settlement.errors import BooksBroken, WindowNotFound, WrongStep
from settlement.figures import Figures
from settlement.files import HashingFile, appearing
from settlement.json_form import JsonForm
from settlement.participants import codes
from settlement.persons import Actor
from settlement.ports import SILENT, Outbox
from settlement.records import kept_figures, kept_names
from settlement.statement import Heading
from settlement.stating import write_statement
from settlement.steps import Status
from settlement.windows import Window, advance, lock

AdviceRefusal: TypeAlias = WindowNotFound | WrongStep

Opening: TypeAlias = Callable[[Path], AbstractContextManager[HashingFile]]
"""How a statement's file is opened."""


class Format(StrEnum):
    """In which form a statement is written; also the ending of the file's name."""

    CSV = "csv"
    """For spreadsheets."""
    JSON = "json"
    """For programs."""


FORMS: Final[Mapping[Format, type[CsvForm | JsonForm]]] = MappingProxyType({Format.CSV: CsvForm, Format.JSON: JsonForm})
"""How each format is written."""


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A statement as it was written."""

    participant_id: UUID
    participant: str
    """Its code."""
    format: Format
    path: Path
    sha256: str
    size_bytes: int
    lines: int


@dataclass(frozen=True, slots=True)
class Advice:
    """The window after its statements were written, and the files."""

    window: Window
    files: tuple[StatementFile, ...]
    """By participant code and format."""


async def advise(
    database: Database,
    window_id: UUID,
    actor: Actor,
    *,
    folder: Path,
    reason: str = "",
    outbox: Outbox = SILENT,
) -> Advice | AdviceRefusal:
    """Write every participant's statement of the approved window in every format.

    `folder/window-000001/CODE.csv` appears whole or not at all. Written again, for the same or another folder, the
    bytes are the same. Raises OSError when the folder cannot be written to, BooksBroken when the bytes would differ.
    """
    async with database.transaction() as connection:
        window = await lock(connection, window_id)
        if window is None:
            return WindowNotFound(str(window_id))
        if not window.status.has_reached(Status.APPROVED):
            return WrongStep(window.number, window.status, Status.APPROVED)
        files = await write_statements(connection, window, folder / f"window-{window.number:06}")
        await _compare_and_keep(connection, window, files)
        if window.status is Status.APPROVED:
            window = await advance(
                connection, window, Status.ADVISED, actor, clock=database.clock, reason=reason.strip()
            )
            await outbox.advised(connection, window, {file.participant_id for file in files})
        return Advice(window, tuple(files))


async def write_statements(
    connection: Connection, window: Window, folder: Path, *, opening: Opening = appearing
) -> list[StatementFile]:
    """Every participant's statement in every format. Raises BooksBroken when lines and figures do not tie."""
    files: list[StatementFile] = []
    figures, called = await kept_figures(connection, window), await kept_names(connection, window)
    coded, references = await codes(connection), _references(figures)
    for position in sorted(figures.positions, key=lambda position: coded[position.participant_id]):
        who = position.participant_id
        heading = Heading(window.number, window.after, figures.cut_off_at, coded[who], called[who], position.opening)
        paths = {written: folder / f"{coded[who]}.{written}" for written in Format}
        with ExitStack() as stack:
            opened = {written: stack.enter_context(opening(path)) for written, path in paths.items()}
            forms = [FORMS[written](cast("BinaryIO", file)) for written, file in opened.items()]
            lines = await write_statement(connection, window, position, heading, references.get(who), forms)
        files += [
            StatementFile(who, coded[who], written, paths[written], file.sha256, file.size_bytes, lines)
            for written, file in opened.items()
        ]
    return files


def _references(figures: Figures) -> dict[UUID, str]:
    """The reference of the payment that each participant makes or receives."""
    placed = [(it, reference(figures.number, place)) for it, place in places(figures.payments).items()]
    return {(it.payer_id if it.payee_id == OPERATOR_ID else it.payee_id): found for it, found in placed}


async def _compare_and_keep(connection: Connection, window: Window, files: Sequence[StatementFile]) -> None:
    kept = {(row["participant_id"], row["format"]): row["sha256"] for row in await connection.fetch(_KEPT, window.id)}
    for file in files:
        if kept.get((file.participant_id, file.format), file.sha256) != file.sha256:
            message = f"window {window.number}: the {file.format} statement of {file.participant} has changed"
            raise BooksBroken(message)
    await connection.executemany(_KEEP, [_row(window, f) for f in files if (f.participant_id, f.format) not in kept])


def _row(window: Window, file: StatementFile) -> tuple[object, ...]:
    identifier = derive_id(window.id, f"advice:{file.participant_id}:{file.format}")
    size = (file.size_bytes, file.lines)
    return (identifier, window.id, file.participant_id, file.format.value, file.path.name, file.sha256, *size)


_KEPT = "SELECT participant_id, format, sha256 FROM settlement_advice WHERE window_id = $1"

_KEEP = """
INSERT INTO settlement_advice (id, window_id, participant_id, format, file_name, sha256, size_bytes, lines)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
