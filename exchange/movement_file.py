"""A file of awards and burns: how it is written, and its rows as a batch."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import Annotated, Final, TypeAlias
from uuid import UUID

import msgspec

from brands import Encoding, Program, directory
from core.database import Database
from core.errors import Refusal
from core.refusals import IdempotencyConflict, KeyUnusable
from core.table import Row, Unimportable, open_table, rows, survey
from core.table_errors import ImportRefused
from exchange.batches import Batch, BatchRow, BatchWish, move_batch
from exchange.errors import NotYourProgram, UnknownProgram
from exchange.movements import Award, Burn
from exchange.ports import SILENT, Outbox
from members.cells import Unfit, read_amount
from members.normalise import plain
from members.row import BrokenRow, column_places, missing_headers, row_fault

_Header: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Mark: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=1)]

Progress: TypeAlias = Callable[[int, int], None]
"""Told after each commit how many rows are done, and of how many."""

BATCH_KEY_DIGITS: Final = 40


class Direction(StrEnum):
    """What all rows of a file are that does not say it row by row."""

    AWARD = "award"
    BURN = "burn"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementColumns:
    """The header of each column; upper and lower case, width and spaces around do not matter."""

    key: _Header = "key"
    """Names the row in its file."""
    number: _Header = "number"
    amount: _Header = "amount"
    kind: _Header | None = None
    """Without it all rows are of one direction."""
    reason: _Header | None = None
    available_in_days: _Header | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementFile:
    """A text with a line of headers and a movement a line, described as member files are."""

    columns: MovementColumns | None = None
    """None: the columns are headed by their own names, and the optional ones may be missing."""
    encoding: Encoding = Encoding.UTF_8
    delimiter: _Mark = ","
    decimal_mark: _Mark = "."
    grouping_mark: _Mark | None = None
    awards: tuple[str, ...] = ("award",)
    """What the kind says of points that are earned."""
    burns: tuple[str, ...] = ("burn",)
    """What it says of points that are spent."""


@dataclass(frozen=True, slots=True)
class FormRefused(Refusal):
    """The description of the file cannot be used."""

    reason: str

    @property
    def message(self) -> str:
        """With the reason."""
        return f"The description of the file cannot be used: {self.reason}."


@dataclass(frozen=True, slots=True)
class RowUnreadable(Refusal):
    """A row is no order."""

    line: int
    column: str
    reason: str

    @property
    def message(self) -> str:
        """Where and why."""
        return f"Line {self.line}: {self.column or 'the row'} {self.reason}."


@dataclass(frozen=True, slots=True)
class FileWish:
    """A file to import, and on whose behalf."""

    program: str
    path: Path
    brand: str | None
    """The acting brand's code; None: the program's own."""
    client_id: str
    batch: str | None = None
    """The name of the batch; None: one made from the file's content, so that the same file is the same batch."""
    direction: Direction = Direction.AWARD


MovementImport: TypeAlias = Batch | ImportRefused | UnknownProgram | NotYourProgram | KeyUnusable | IdempotencyConflict


def read_form(text: bytes) -> MovementFile | FormRefused:
    """How a file is written, from TOML in the words of a network file's `member_file`."""
    try:
        return msgspec.toml.decode(text, type=MovementFile)
    except msgspec.MsgspecError as error:
        return FormRefused(str(error).rstrip("."))


async def import_movements(
    database: Database,
    wish: FileWish,
    form: MovementFile,
    *,
    outbox: Outbox = SILENT,
    progress: Progress | None = None,
) -> MovementImport:
    """Record what the file orders, a thousand rows in a commit. The same file again goes on where it stopped."""
    async with database.connection() as connection:
        known = await directory(connection)
    program = known.program(wish.program)
    brand = known.brand(wish.brand) if wish.brand else program and known.brands[program.brand_id]
    if program is None:
        return UnknownProgram(wish.program)
    if brand is None or brand.id not in known.descendants(program.brand_id):
        return NotYourProgram(wish.program)
    try:
        with open_table(wish.path) as file:
            reading = _Reading(file, form, program, brand.id, wish)
            return await reading.into(database, outbox, progress or (lambda _done, _total: None))
    except Unimportable as unimportable:
        return unimportable.refusal


@dataclass(frozen=True, slots=True)
class _Reading:
    """One file on its way."""

    file: FileIO
    form: MovementFile
    program: Program
    brand_id: UUID
    wish: FileWish

    async def into(self, database: Database, outbox: Outbox, progress: Progress) -> MovementImport:
        contents = survey(self.file, self.form)
        columns = self.form.columns or _own_names(contents.headers)
        missing = missing_headers([header for header in asdict(columns).values() if header], contents.headers)
        if missing is not None:
            return missing
        digest = hashlib.blake2b(f"{contents.digest}{self.form!r}{self.wish.direction}".encode(), digest_size=32)
        key = self.wish.batch or digest.hexdigest()[:BATCH_KEY_DIGITS]
        owner = (self.wish.client_id, key, self.brand_id, self.program.id)
        batch = BatchWish(*owner, digest.digest(), contents.row_count)
        read = map(_Reader(self, contents.headers, columns).read, islice(rows(self.file, self.form), 1, None))
        total = contents.row_count
        return await move_batch(database, batch, read, outbox=outbox, progress=lambda done: progress(done, total))


class _Reader:
    """Reads the rows of a file whose headers lack nothing."""

    def __init__(self, reading: _Reading, headers: tuple[str, ...], columns: MovementColumns) -> None:
        self._reading = reading
        self._headers = headers
        self._places = column_places(asdict(columns), headers)

    def read(self, row: Row) -> BatchRow:
        """The order that the row is, or why it is none."""
        fault: BrokenRow | None = row_fault(row, self._headers, self._reading.form.encoding)
        if fault is not None:
            return BatchRow("", RowUnreadable(row.line, fault.column, fault.reason))
        key = self._cell(row, "key").strip()
        column = "amount"
        try:
            amount = read_amount(self._cell(row, "amount"), self._reading.form, self._reading.program.scale)
            column = "kind"
            award = self._is_award(row)
            column = "available_in_days"
            days = _days(self._cell(row, "available_in_days"))
        except Unfit as unfit:
            header = self._headers[self._places[column]].strip()
            return BatchRow(key, RowUnreadable(row.line, header, str(unfit)))
        return BatchRow(key, self._order(row, amount, days if award else None))

    def _order(self, row: Row, amount: int, days: int | None) -> Award | Burn:
        reading = self._reading
        reason, number = self._cell(row, "reason").strip(), self._cell(row, "number")
        facts = (reading.program.code, number, amount, reading.brand_id, reading.wish.client_id, "", reason)
        return Burn(*facts) if days is None else Award(*facts, pending_days=days)

    def _is_award(self, row: Row) -> bool:
        form, said = self._reading.form, self._cell(row, "kind").strip().casefold()
        if not said:
            return self._reading.wish.direction is Direction.AWARD
        if said in {word.casefold() for word in form.awards}:
            return True
        if said in {word.casefold() for word in form.burns}:
            return False
        words = ", ".join((*form.awards, *form.burns))
        message = f"is none of {words}"
        raise Unfit(message)

    def _cell(self, row: Row, name: str) -> str:
        return row.cells[self._places[name]] if name in self._places else ""


def _days(text: str) -> int:
    written = text.strip()
    if not written:
        return 0
    if not (written.isascii() and written.isdigit() and len(written) <= len("366")):
        raise Unfit("is not a number of days")
    return int(written)


def _own_names(headers: tuple[str, ...]) -> MovementColumns:
    found = {plain(header).casefold() for header in headers}
    optional = ("kind", "reason", "available_in_days")
    return MovementColumns(**{name: name for name in optional if name in found})
