"""The files that were imported, so that the same file again costs one look."""

from dataclasses import asdict, replace
from typing import Final

import msgspec

from brands import Program
from core.amounts import format_amount
from core.database import Connection, Database
from core.ids import new_id
from core.table import Contents
from members.keys import MemberKeys
from members.report import ImportReport

_READING: Final = "2"
"""Of the way files are read: another one makes every file a new one."""

_LAST: Final = """
SELECT digest, report FROM members_import WHERE program_id = $1 ORDER BY id DESC LIMIT 1
"""

_WRITE: Final = """
INSERT INTO members_import (id, program_id, digest, report, finished_at) VALUES ($1, $2, $3, $4, $5)
"""


def digest_of(keys: MemberKeys, contents: Contents, program: Program) -> bytes:
    """What the outcome of an import depends on: the file, how it is read, and the program's terms."""
    return keys.digest(_READING, contents.digest, repr(program))


async def remembered(connection: Connection, program: Program, digest: bytes) -> ImportReport | None:
    """What importing the file again comes to, when it was the last one imported; otherwise None."""
    row = await connection.fetchrow(_LAST, program.id)
    if row is None or row["digest"] != digest:
        return None
    report = msgspec.json.decode(row["report"], type=ImportReport)
    known = report.imported + report.updated + report.unchanged
    nothing = format_amount(0, program.scale)
    return replace(report, imported=0, updated=0, unchanged=known, points=nothing)


async def remember(database: Database, program: Program, digest: bytes, report: ImportReport) -> None:
    """Note that the file was imported."""
    written = msgspec.json.encode(asdict(report)).decode()
    async with database.transaction() as connection:
        await connection.execute(_WRITE, new_id(), program.id, digest, written, database.clock.now())
