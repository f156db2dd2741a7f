"""Takes a brand's answer files in: each once, whole and ours, or not at all; single rows that do not fit are told.

The answers are committed first and the file is moved afterwards; killed between, the file is known by its digest and
only moved.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson

from adapters.brand_systems.figures import Figures
from adapters.drop.answers import AnswerContent, FileAnswer, FileProblem, Incomplete, NotTaken, read_answers, shown
from adapters.drop.folders import Folders
from adapters.drop.instructions import Kept, find
from brands import Program
from core.database import Connection, Database
from core.file_locks import locked_if_free
from core.ids import new_id
from core.locks import lock_keys
from exchange.brand_system import Done, Failed

PATIENCE: Final = timedelta(minutes=10)
"""So long may a brand take to write a file; a younger one that is cut off is left alone."""

_KNOWN = """
SELECT name FROM adapters_drop_file WHERE program_id = $1 AND NOT outgoing AND digest = $2 AND state = 'accepted'
"""
_ASKED = """
SELECT count(*) AS asked, count(*) FILTER (WHERE instruction.outcome IN ('done', 'failed')) AS answered
FROM adapters_drop_instruction AS instruction JOIN adapters_drop_file AS file ON file.id = instruction.file_id
WHERE file.program_id = $1 AND file.day = $2
"""
_FILES = "SELECT id, day FROM adapters_drop_file WHERE id = ANY($1)"
_RECORD = """
INSERT INTO adapters_drop_file (
    id, program_id, outgoing, name, number, day, state, digest, content, row_count, problems, made_at
) SELECT $1, $2, false, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7, $8, $9, $10
FROM adapters_drop_file WHERE program_id = $2 AND NOT outgoing
"""
_ANSWER = """
UPDATE adapters_drop_instruction AS instruction
SET outcome = told.outcome, failure = told.failure, code = told.code, message = told.message,
    brand_reference = told.brand_reference, balance = told.balance, answer_id = $2, answered_at = $3
FROM (SELECT * FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[])
    AS told (reference, outcome, failure, code, message, brand_reference, balance)) AS told
WHERE instruction.program_id = $1 AND instruction.reference = told.reference
"""


@dataclass(frozen=True, slots=True)
class _Incoming:
    path: Path
    content: bytes

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


async def read_files(database: Database, program: Program, folders: Folders) -> int:
    """Everything that lies in the folder. How many files were dealt with."""
    folders.make()
    with locked_if_free(folders.lock) as held:
        if held is None:
            return 0
        dealt = 0
        for path in _listed(folders.incoming, program):
            dealt += await _take_in(database, program, folders, path)
        return dealt


def _listed(folder: Path, program: Program) -> list[Path]:
    form = program.adapter.drop_folder
    assert form is not None
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    return [folder / name for name in names if name.endswith(form.answers.suffix) and not name.startswith(".")]


async def _take_in(database: Database, program: Program, folders: Folders, path: Path) -> bool:
    """Whether the file was dealt with, one way or the other."""
    form = program.adapter.drop_folder
    assert form is not None
    file = _Incoming(path, await asyncio.to_thread(path.read_bytes))
    if (known := await _known(database, program, file)) is not None:
        if known != path.name:
            await _refuse(database, program, folders, file, [FileProblem(None, f"It is the same as {known}.")])
        else:
            _move(path, folders.taken)
        return True
    try:
        found = await asyncio.to_thread(read_answers, path, form, Figures.of(program))
        if await asyncio.to_thread(path.read_bytes) != file.content:
            return False  # it is being written
        await _accept(database, program, file, found)
    except Incomplete as error:
        if database.clock.now() - await asyncio.to_thread(_written_at, path) < PATIENCE:
            return False
        await _refuse(database, program, folders, file, [error.problem])
    except NotTaken as error:
        await _refuse(database, program, folders, file, [error.problem])
    else:
        _move(path, folders.taken)
    return True


async def _known(database: Database, program: Program, file: _Incoming) -> str | None:
    async with database.connection() as connection:
        name: str | None = await connection.fetchval(_KNOWN, program.id, file.digest)
    return name


async def _accept(database: Database, program: Program, file: _Incoming, found: AnswerContent) -> None:
    """Write every answer that fits. Raises NotTaken."""
    async with database.transaction() as connection:
        await lock_keys(connection, "adapters.drop", [program.code])
        await _check_day(connection, program, found)
        fitting, problems = await _fitting(connection, program, found)
        file_id = new_id()
        now = database.clock.now()
        await _record(connection, program, file, file_id, "accepted", found, (*found.problems, *problems), now)
        await connection.execute(_ANSWER, program.id, file_id, now, *_columns(fitting))


async def _check_day(connection: Connection, program: Program, found: AnswerContent) -> None:
    row = await connection.fetchrow(_ASKED, program.id, found.day)
    assert row is not None
    if not row["asked"]:
        raise NotTaken(None, f"It answers {found.day}, of which nothing was sent.")
    if row["asked"] == row["answered"]:
        raise NotTaken(None, f"It answers {found.day}, of which everything is answered.")


async def _fitting(
    connection: Connection, program: Program, found: AnswerContent
) -> tuple[list[FileAnswer], list[FileProblem]]:
    """The answers to what was sent that day and is open, and why the others are not taken."""
    kept = await find(connection, program, [answer.reference for answer in found.answers])
    files = {one.file_id for one in kept.values() if one.file_id}
    days = {row["id"]: row["day"] for row in await connection.fetch(_FILES, list(files))}
    fitting: dict[str, FileAnswer] = {}
    problems: list[FileProblem] = []
    for answer in found.answers:
        one = kept.get(answer.reference)
        reason = "The reference stands twice." if answer.reference in fitting else _reason(answer, one)
        if not reason and one and one.file_id and days[one.file_id] != found.day:
            reason = f"It was sent on {days[one.file_id]}, not on {found.day}."
        if reason:
            problems.append(FileProblem(answer.line, reason))
        elif one and not one.is_final:
            fitting[answer.reference] = answer
    return list(fitting.values()), problems


def _reason(answer: FileAnswer, kept: Kept | None) -> str:
    """Why an answer is not taken; empty: it is, or it says again what is known."""
    if kept is None or kept.file_id is None:
        return f"{answer.reference} was never sent."
    if kept.order.amount != answer.amount:
        return "The amount is not the one that was sent."
    if kept.is_final and not _same(kept, answer):
        return "It was answered otherwise before."
    return ""


def _same(kept: Kept, answer: FileAnswer) -> bool:
    before, now = kept.answer, answer.answer
    if isinstance(before, Failed) and isinstance(now, Failed):
        return before.failure is now.failure
    return isinstance(before, Done) and isinstance(now, Done)


async def _refuse(
    database: Database, program: Program, folders: Folders, file: _Incoming, problems: Sequence[FileProblem]
) -> None:
    async with database.transaction() as connection:
        await lock_keys(connection, "adapters.drop", [program.code])
        await _record(connection, program, file, new_id(), "refused", None, problems, database.clock.now())
    reason = folders.refused / f"{file.path.name}.reason.txt"
    await asyncio.to_thread(reason.write_text, "\n".join([*shown(problems), ""]), "utf-8")
    _move(file.path, folders.refused)


async def _record(
    connection: Connection,
    program: Program,
    file: _Incoming,
    file_id: UUID,
    state: str,
    found: AnswerContent | None,
    problems: Sequence[FileProblem],
    now: datetime,
) -> None:
    told = orjson.dumps([{"line": problem.line, "reason": problem.reason} for problem in problems]).decode()
    count = len(found.answers) + len(found.problems) if found else 0
    day = found.day if found else None
    columns = file_id, program.id, file.path.name, day, state, file.digest, file.content, count, told, now
    await connection.execute(_RECORD, *columns)


def _columns(answers: Sequence[FileAnswer]) -> tuple[list[object], ...]:
    rows = [_row(answer) for answer in answers]
    return tuple([row[place] for row in rows] for place in range(7))


def _row(told: FileAnswer) -> tuple[object, ...]:
    answer = told.answer
    if isinstance(answer, Done):
        return told.reference, "done", None, None, None, answer.brand_reference, answer.balance
    if isinstance(answer, Failed):
        return told.reference, "failed", answer.failure.value, answer.brand_code, answer.message, None, None
    return told.reference, "pending", None, None, None, answer.brand_reference, None


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _move(path: Path, folder: Path) -> None:
    """Without replacing an older one of that name."""
    place, number = folder / path.name, 1
    while place.exists():
        number += 1
        place = folder / f"{path.stem}.{number}{path.suffix}"
    path.replace(place)
