"""What brands have stated: files and lines in the database. Lines are never changed, only replaced."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from brands import Program
from core.clock import Clock
from core.database import Connection
from core.ids import new_id
from core.table_errors import ImportRefused
from members.row import BrokenRow
from settlement.persons import Actor
from settlement.reconciliation.break_kinds import StatedLine
from settlement.reconciliation.errors import NothingToCorrect, PeriodMissing, PeriodNotOver, PeriodStated
from settlement.reconciliation.line import Line
from settlement.reconciliation.reading import Stated
from settlement.reconciliation.row import BrandLine

BATCH: Final = 10_000


@dataclass(frozen=True, slots=True)
class Covered:
    """The days that files have stated, both included."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a file's lines."""

    accepted: int
    replaced: tuple[UUID, ...]
    """The lines that are no longer current."""
    repeated: tuple[BrokenRow, ...]
    """What an earlier file has stated."""


@dataclass(frozen=True, slots=True)
class _Known:
    id: UUID
    file: str
    row: int
    booked: bool
    line: Line


async def is_known(connection: Connection, program: Program, digest: str) -> bool:
    """Whether the very file was taken in before."""
    return bool(await connection.fetchval(_IS_KNOWN, program.id, digest))


async def covered(connection: Connection, program: Program) -> Covered | None:
    """The days that the program's brand has stated."""
    row = await connection.fetchrow(_COVERED, program.id)
    return Covered(*row.values()) if row and row["first_day"] else None


def period_refusal(stated: Stated, known: Covered | None, today: date, *, correcting: bool) -> ImportRefused | None:
    """Why a file of this period cannot be taken in now."""
    first, last = stated.control.first_day, stated.control.last_day
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


async def keep(
    connection: Connection, program: Program, stated: Stated, actor: Actor, clock: Clock, *, correcting: bool
) -> Kept:
    """Write the file and its lines. A correction replaces; otherwise what was stated before is quarantined."""
    file_id, control = new_id(), stated.control
    head = (file_id, program.id, stated.name, stated.digest, correcting, control.first_day, control.last_day)
    await connection.execute(_FILE, *head, control.count, actor.subject, clock.now())
    accepted, replaced, repeated = 0, list[UUID](), list[BrokenRow]()
    for batch in _batches(stated.lines):
        known = await _known(connection, program, [it.line.key for it in batch])
        new = [it for it in batch if it.line.key not in known]
        if correcting:
            changed = [it for it in batch if it.line.key in known and _differs(it, known[it.line.key])]
            replaced += [known[it.line.key].id for it in changed]
            await connection.execute(_REPLACE, [known[it.line.key].id for it in changed])
            new += changed
        else:
            repeated += [_repeated(it, known[it.line.key]) for it in batch if it.line.key in known]
        await _write(connection, file_id, program, new)
        accepted += len(new)
    await _quarantine(connection, file_id, [*stated.quarantined, *repeated])
    return Kept(accepted, tuple(replaced), tuple(repeated))


async def unmatched_stated(connection: Connection, program: Program) -> list[StatedLine]:
    """The brand's current lines that are not matched."""
    return [
        StatedLine(str(row["id"]), row["booked"], _line(row)) for row in await connection.fetch(_UNMATCHED, program.id)
    ]


def _line(row: object) -> Line:
    record: dict[str, str | int | date] = dict(row)  # type: ignore[call-overload]
    fields = ("key", "reference", "key", "asset", "amount", "member", "day")
    return Line(*(record[field] for field in fields))  # type: ignore[arg-type]


async def _known(connection: Connection, program: Program, keys: Sequence[str]) -> dict[str, _Known]:
    rows = await connection.fetch(_KNOWN, program.id, keys)
    return {row["key"]: _Known(row["id"], row["name"], row["row"], row["booked"], _line(row)) for row in rows}


def _differs(it: BrandLine, known: _Known) -> bool:
    return (it.line, _is_booked(it)) != (known.line, known.booked)


def _is_booked(it: BrandLine) -> bool:
    """A line that the brand has taken back is not booked."""
    return it.booked and it.line.amount != 0


def _repeated(it: BrandLine, known: _Known) -> BrokenRow:
    return BrokenRow(it.row, "", f"was stated before, in line {known.row} of {known.file}", it.line.key)


async def _write(connection: Connection, file_id: UUID, program: Program, lines: Sequence[BrandLine]) -> None:
    await connection.copy_records_to_table(
        "settlement_brand_line",
        columns=_LINE_COLUMNS,
        records=[
            (
                *(new_id(), file_id, program.id, it.row, it.line.key, _is_booked(it)),
                *(it.line.reference, it.line.asset, it.line.amount, it.line.member, it.line.day),
            )
            for it in lines
        ],
    )


async def _quarantine(connection: Connection, file_id: UUID, rows: Sequence[BrokenRow]) -> None:
    records = [(new_id(), file_id, row.line, row.column, row.reason, row.value) for row in rows]
    columns = ("id", "file_id", "row", "column", "reason", "value")
    await connection.copy_records_to_table("settlement_quarantine", columns=columns, records=records)


def _batches(lines: Sequence[BrandLine]) -> Iterator[list[BrandLine]]:
    rest = iter(lines)
    while batch := list(islice(rest, BATCH)):
        yield batch


_LINE_COLUMNS: Final = (
    *("id", "file_id", "program_id", "row", "key", "booked"),
    *("reference", "asset", "amount", "member", "day"),
)

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

_KNOWN: Final = """
SELECT line.*, file.name FROM settlement_brand_line AS line JOIN settlement_brand_file AS file ON file.id = line.file_id
WHERE line.program_id = $1 AND line.key = ANY($2::text[]) AND line.current
"""

_REPLACE: Final = "UPDATE settlement_brand_line SET current = false WHERE id = ANY($1::uuid[])"

_UNMATCHED: Final = """
SELECT * FROM settlement_brand_line AS line
WHERE program_id = $1 AND current AND amount <> 0 AND NOT EXISTS (
    SELECT FROM settlement_match WHERE brand_line_id = line.id AND undone_at IS NULL
)
ORDER BY key
"""
