"""What brands have stated: files and lines in the database. Lines are never changed, only replaced.

A file's lines are laid out in `recon_theirs` first; what counts of them is kept once it is known what they match.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from asyncpg import Record

from brands import Program
from core.clock import Clock
from core.database import Connection
from core.ids import new_id
from core.table import Unimportable
from core.table_errors import ImportRefused
from members.row import BrokenRow
from settlement.persons import Actor
from settlement.reconciliation.control import Control
from settlement.reconciliation.errors import (
    NothingToCorrect,
    PeriodMissing,
    PeriodNotOver,
    PeriodStated,
    TooManyBroken,
)
from settlement.reconciliation.reading import BROKEN_MAX
from settlement.reconciliation.row_text import COPIED, PLACES_PER_ROW
from settlement.reconciliation.staging import OLD_FROM

GATHERED_MAX: Final = 500
"""Rows that are sent at a time, where they come one by one; characters of what is sent as it comes."""


@dataclass(frozen=True, slots=True)
class Covered:
    """The days that files have stated, both included."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class StatedFile:
    """What is kept of a file as a whole."""

    name: str
    digest: str
    control: Control


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a file's lines."""

    file_id: UUID | None = None
    accepted: int = 0
    replaced: int = 0
    repeated: tuple[BrokenRow, ...] = ()
    """What stands in the file twice, or in an earlier one, or takes back what no file has stated."""


async def is_known(connection: Connection, program: Program, digest: str) -> bool:
    """Whether the very file was taken in before."""
    return bool(await connection.fetchval(_IS_KNOWN, program.id, digest))


async def covered(connection: Connection, program: Program) -> Covered | None:
    """The days that the program's brand has stated."""
    row = await connection.fetchrow(_COVERED, program.id)
    return Covered(*row.values()) if row and row["first_day"] else None


def period_refusal(control: Control, known: Covered | None, today: date, *, correcting: bool) -> ImportRefused | None:
    """Why a file of this period cannot be taken in now."""
    first, last = control.first_day, control.last_day
    if not first <= last < today:
        return PeriodNotOver(first, last)
    if correcting:
        within = known is not None and known.first_day <= first and last <= known.last_day
        return None if within else NothingToCorrect(first, last)
    if known is None or first == known.last_day + timedelta(days=1):
        return None
    if first <= known.last_day:
        return PeriodStated(first, known.last_day)
    return PeriodMissing(first, known.last_day + timedelta(days=1))


async def lay_out(connection: Connection, texts: Iterator[tuple[int, str]]) -> None:
    """Lay out a file's lines as they are read, as rows of COPY's text. Raises what reading raises."""
    source = _gathered(texts)
    await connection.copy_to_table("recon_theirs", columns=COPIED, source=source, format="text", encoding="utf-8")


async def keep_file(
    connection: Connection, program: Program, file: StatedFile, actor: Actor, clock: Clock, *, correcting: bool
) -> Kept:
    """Write the file, and leave in `recon_theirs` what is new in it. A correction replaces; otherwise what was stated
    before is set aside, as is what stands in the file twice.

    Raises Unimportable.
    """
    file_id, control = new_id(), file.control
    head = (file_id, program.id, file.name, file.digest, correcting, control.first_day, control.last_day)
    await connection.execute(_FILE, *head, control.count, actor.subject, clock.now())
    any_repeated = await connection.fetchval(_ANY_REPEATED)
    repeated = [_repeated(row) for row in await connection.fetch(_REPEATED)] if any_repeated else []
    replaced = 0
    if correcting:
        await connection.execute(_UNCHANGED, program.id)
        repeated += [_never_stated(row) for row in await connection.fetch(_NEVER_STATED, program.id)]
        replaced = await _replace(connection, program, clock)
    else:
        repeated += [_stated_before(row) for row in await connection.fetch(_STATED_BEFORE, program.id)]
    if len(repeated) > BROKEN_MAX:
        raise Unimportable(TooManyBroken(BROKEN_MAX, repeated[0]))
    accepted = await connection.fetchval("SELECT count(*) FROM recon_theirs WHERE n % 2 = 0")
    return Kept(file_id, accepted, replaced, tuple(repeated))


async def lay_out_loose(connection: Connection, program: Program) -> None:
    """Lay out the lines of earlier files that are not matched."""
    await connection.execute(_LOOSE, program.id, OLD_FROM)


async def keep_lines(connection: Connection, program: Program, file_id: UUID | None) -> None:
    """Write what is new in `recon_theirs`, and which lines are matched now. Lines that are not are loose."""
    if file_id is not None:
        await connection.execute(_KEEP, file_id, program.id, OLD_FROM)
    await connection.execute(_NO_LONGER_LOOSE, OLD_FROM)


async def quarantine(connection: Connection, file_id: UUID, rows: Sequence[BrokenRow]) -> None:
    """Keep the rows that were not taken in."""
    records = [(new_id(), file_id, row.line, row.column, row.reason, row.value) for row in rows]
    columns = ("id", "file_id", "row", "column", "reason", "value")
    await connection.copy_records_to_table("settlement_quarantine", columns=columns, records=records)


async def _gathered(texts: Iterator[tuple[int, str]]) -> AsyncIterator[bytes]:
    held = list[str]()
    for _, text in texts:
        held.append(text)
        if len(text) > GATHERED_MAX or len(held) >= GATHERED_MAX:
            yield "".join(held).encode()
            held.clear()
            await asyncio.sleep(0)  # others of this process have their turn
    yield "".join(held).encode()


async def _replace(connection: Connection, program: Program, clock: Clock) -> int:
    """Make lines that the file states anew no longer current, and undo their matches."""
    replaced = [row["id"] for row in await connection.fetch(_REPLACE, program.id)]
    if replaced:
        freed = await connection.fetch(_UNDO, replaced, clock.now(), program.id)
        await connection.execute(_FREE, [row["brand_line_id"] for row in freed])
    return len(replaced)


def _repeated(row: Record) -> BrokenRow:
    verb = "repeats" if row["same"] else "contradicts"
    place = row["first"] // PLACES_PER_ROW
    return BrokenRow(row["n"] // PLACES_PER_ROW, "", f"{verb} line {place}, which counts", row["key"])


def _never_stated(row: Record) -> BrokenRow:
    reason = "takes back a line that was never stated, or was taken back before"
    return BrokenRow(row["n"] // PLACES_PER_ROW, "", reason, row["key"])


def _stated_before(row: Record) -> BrokenRow:
    reason = f"was stated before, in line {row['row']} of {row['name']}"
    return BrokenRow(row["n"] // PLACES_PER_ROW, "", reason, row["key"])


_IS_KNOWN: Final = "SELECT EXISTS (SELECT FROM settlement_brand_file WHERE program_id = $1 AND digest = $2)"

_COVERED: Final = """
SELECT min(first_day) AS first_day, max(last_day) AS last_day
FROM settlement_brand_file WHERE program_id = $1 AND NOT correction
"""

_FILE: Final = """
INSERT INTO settlement_brand_file
    (id, program_id, name, digest, correction, first_day, last_day, rows, imported_by, imported_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

_CONTENT: Final = "booked, reference, asset, amount, member, day"


def _content(table: str) -> str:
    return ", ".join(f"{table}.{column}" for column in _CONTENT.split(", "))


# Numbers are put in order faster than texts are told apart. Two texts may have one number: then they are looked at.
_ANY_REPEATED: Final = "SELECT count(DISTINCT hashtextextended(key, 0)) < count(*) FROM recon_theirs"

_REPEATED: Final = f"""
WITH repeated AS MATERIALIZED (
    SELECT key, min(n) AS first FROM recon_theirs GROUP BY key HAVING count(*) > 1
), gone AS (
    DELETE FROM recon_theirs AS line USING repeated JOIN recon_theirs AS first ON first.n = repeated.first
    WHERE line.key = repeated.key AND line.n > repeated.first
    RETURNING line.n, line.key, repeated.first, ({_content("line")}) = ({_content("first")}) AS same
)
SELECT * FROM gone WHERE n % 2 = 0 ORDER BY n
"""

_STATED_BEFORE: Final = """
WITH gone AS (
    DELETE FROM recon_theirs AS line USING settlement_brand_line AS known
    WHERE known.program_id = $1 AND known.key = line.key AND known.current
    RETURNING line.n, line.key, known.row, known.file_id
)
SELECT gone.*, file.name FROM gone JOIN settlement_brand_file AS file ON file.id = gone.file_id
WHERE n % 2 = 0 ORDER BY n
"""

_UNCHANGED: Final = f"""
DELETE FROM recon_theirs AS line USING settlement_brand_line AS known
WHERE known.program_id = $1 AND known.key = line.key AND known.current AND ({_content("known")}) = ({_content("line")})
"""

_NEVER_STATED: Final = """
WITH gone AS (
    DELETE FROM recon_theirs AS line
    WHERE amount = 0 AND NOT EXISTS (
        SELECT FROM settlement_brand_line AS known
        WHERE known.program_id = $1 AND known.key = line.key AND known.current AND known.amount <> 0
    )
    RETURNING n, key
)
SELECT * FROM gone WHERE n % 2 = 0 ORDER BY n
"""

_REPLACE: Final = """
UPDATE settlement_brand_line AS known SET current = false, loose = false FROM recon_theirs AS line
WHERE known.program_id = $1 AND known.key = line.key AND known.current
RETURNING known.id
"""

_UNDO: Final = """
WITH touched AS MATERIALIZED (
    SELECT transfer_id FROM settlement_match
    WHERE program_id = $3 AND undone_at IS NULL AND brand_line_id = ANY($1::uuid[])
), undone AS (
    UPDATE settlement_match SET undone_at = $2
    WHERE undone_at IS NULL AND program_id = $3 AND transfer_id IN (SELECT transfer_id FROM touched)
    RETURNING transfer_id, brand_line_id
), freed AS (
    INSERT INTO recon_freed SELECT DISTINCT transfer_id FROM undone
)
SELECT DISTINCT brand_line_id FROM undone
"""
"""Each of our lines that belong together has a row with each of the brand's: from one of those, all are reached."""

_FREE: Final = "UPDATE settlement_brand_line SET loose = true WHERE id = ANY($1::uuid[]) AND current"

_LOOSE: Final = """
INSERT INTO recon_theirs (n, id, booked, key, reference, brand_reference, asset, amount, member, day)
SELECT $2 + row_number() OVER (), id, booked, key, reference, rtrim(key, '\N{FULLWIDTH YEN SIGN}'), asset, amount,
    member, day
FROM settlement_brand_line WHERE program_id = $1 AND loose
"""

_KEEP: Final = """
INSERT INTO settlement_brand_line
    (id, file_id, program_id, row, key, loose, booked, reference, asset, amount, member, day)
SELECT line.id, $1, $2, line.n / 2, line.key, loose.n IS NOT NULL, line.booked, line.reference, line.asset,
    line.amount, line.member, line.day
FROM recon_theirs AS line LEFT JOIN recon_left_theirs AS loose USING (n)
WHERE line.n < $3
"""

_NO_LONGER_LOOSE: Final = """
UPDATE settlement_brand_line AS kept SET loose = false
FROM recon_found JOIN recon_theirs AS line ON line.n = recon_found.theirs
WHERE line.n > $1 AND kept.id = line.id
"""
