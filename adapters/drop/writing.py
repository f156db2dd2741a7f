"""Puts the day's instructions into a file, and the file into the brand's folder: once, wherever we are killed.

prepared    the file and what is in it are committed; nothing lies in the folder but perhaps a piece under a hidden name
staged      the whole file lies there under its hidden name; the one step left is to rename it
written     it has its name; the brand may have taken it away at once

Killed after `staged` was committed, the hidden name tells the rest: is it there, the renaming is still to be done; is
it gone, it was done. So a file that the brand has taken is never put there again.
"""

import asyncio
import os
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import orjson

from adapters.brand_systems.figures import Figures
from adapters.drop.days import day_of, last_cut_off
from adapters.drop.folders import Folders
from adapters.drop.form import content, file_name
from adapters.drop.instructions import Order
from brands import Program
from brands.adapter.drop_folder import DropFolder
from core.database import Connection, Database
from core.file_locks import locked_if_free
from core.ids import new_id
from core.locks import lock_keys

ROWS_MAX = 100_000
"""In one file; what is more goes into the next."""

_UNFINISHED = """
SELECT id, name, state, content FROM adapters_drop_file WHERE program_id = $1 AND outgoing AND state <> 'written'
"""
_WAITING = """
SELECT id, reference, call, number, amount, content FROM adapters_drop_instruction
WHERE program_id = $1 AND file_id IS NULL AND accepted_at < $2 ORDER BY accepted_at, id LIMIT $3 FOR UPDATE
"""
_NUMBER = "SELECT coalesce(max(number), 0) + 1 FROM adapters_drop_file WHERE program_id = $1 AND outgoing = $2"
_PREPARE = """
INSERT INTO adapters_drop_file (
    id, program_id, outgoing, name, number, day, state, digest, content, row_count, problems, made_at
) VALUES ($1, $2, true, $3, $4, $5, 'prepared', $6, $7, $8, '[]', $9)
"""
_PUT_INTO = "UPDATE adapters_drop_instruction SET file_id = $1 WHERE id = ANY($2)"
_STATE = "UPDATE adapters_drop_file SET state = $2 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class _File:
    id: UUID
    name: str
    state: str
    content: bytes


async def write_file(database: Database, program: Program, folders: Folders) -> int:
    """Finish a file that was begun, or make the next one if a cut-off has passed. How many files were written."""
    folders.make()
    with locked_if_free(folders.lock) as held:
        if held is None:
            return 0
        file = await _unfinished(database, program) or await _prepare(database, program)
        if file is None:
            return 0
        await _deliver(database, file, folders.outgoing)
        return 1


async def _unfinished(database: Database, program: Program) -> _File | None:
    async with database.connection() as connection:
        row = await connection.fetchrow(_UNFINISHED, program.id)
    return None if row is None else _File(row["id"], row["name"], row["state"], row["content"])


async def _prepare(database: Database, program: Program) -> _File | None:
    folder, capabilities = program.adapter.drop_folder, program.capabilities
    assert folder is not None
    now = database.clock.now()
    cut_off = last_cut_off(capabilities, now)
    async with database.transaction() as connection:
        await lock_keys(connection, "adapters.drop", [program.code])
        rows = await connection.fetch(_WAITING, program.id, cut_off, ROWS_MAX)
        if not rows:
            return None
        orders = [
            Order(row["reference"], row["call"], row["number"], row["amount"], orjson.loads(row["content"]))
            for row in rows
        ]
        file = await _prepared(connection, program, folder, orders, cut_off, now)
        await connection.execute(_PUT_INTO, file.id, [row["id"] for row in rows])
    return file


async def _prepared(
    connection: Connection, program: Program, folder: DropFolder, orders: list[Order], cut_off: datetime, now: datetime
) -> _File:
    day = day_of(program.capabilities, cut_off)
    number = await connection.fetchval(_NUMBER, program.id, True)  # noqa: FBT003 - outgoing
    name = file_name(folder, program.code, day, number)
    written = content(folder, program.code, day, name, orders, Figures.of(program))
    file = _File(new_id(), name, "prepared", written)
    digest = sha256(written).hexdigest()
    await connection.execute(_PREPARE, file.id, program.id, name, number, day, digest, written, len(orders), now)
    return file


async def _deliver(database: Database, file: _File, folder: Path) -> None:
    hidden = folder / f".{file.name}.part"
    if file.state == "prepared":
        await asyncio.to_thread(_write_whole, hidden, file.content)
        await _set_state(database, file.id, "staged")
    if hidden.exists():
        await asyncio.to_thread(_rename, hidden, folder / file.name)
    await _set_state(database, file.id, "written")


async def _set_state(database: Database, file_id: UUID, state: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(_STATE, file_id, state)


def _write_whole(path: Path, written: bytes) -> None:
    with path.open("wb") as file:
        file.write(written)
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)


def _rename(hidden: Path, path: Path) -> None:
    hidden.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """The folder's entries themselves."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
