"""A whole statement file: read, proved by its control row, and either its movements or the reason why it is refused."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import FileIO
from itertools import islice
from pathlib import Path

from brands import Program, StatementFile
from core.amounts import format_amount
from core.table import Contents, Row, Unimportable, open_table, rows, survey
from core.table_errors import ImportRefused
from members.row import BrokenRow, missing_headers
from settlement.reconciliation.control import Control, control_headers, is_control, read_control
from settlement.reconciliation.errors import ControlRowMissing, CountDiffers, TotalDiffers
from settlement.reconciliation.row import BrandLine, Refused, RowReader


@dataclass(frozen=True, slots=True)
class Stated:
    """What a brand's file states."""

    name: str
    digest: str
    """SHA-256 of its bytes, hexadecimal."""
    control: Control
    lines: tuple[BrandLine, ...]
    quarantined: tuple[BrokenRow, ...]
    """The rows that are not taken in, in the order of the file."""


def read_statement(path: Path, program: Program, form: StatementFile, *, correcting: bool) -> Stated | ImportRefused:
    """Read all of it. What is wrong with one row is told of the row; what makes all doubtful refuses all."""
    try:
        with open_table(path) as file:
            contents = survey(file, form)
            control = _control(file, contents, program, form)
            if isinstance(control, ImportRefused):
                return control
            period = control.first_day, control.last_day
            reader = RowReader(program, form, contents.headers, period, correcting=correcting)
            return _stated(path.name, contents, control, map(reader.read, _body(file, form, control)), program)
    except Unimportable as unimportable:
        return unimportable.refusal


def _control(file: FileIO, contents: Contents, program: Program, form: StatementFile) -> Control | ImportRefused:
    wanted = [header for header in asdict(form.columns).values() if header]
    missing = missing_headers([*wanted, *control_headers(form.control).values()], contents.headers)
    if missing is not None:
        return missing
    first, last = None, None
    for row in islice(rows(file, form), 1, None):
        last = row
        first = first or (row if is_control(row, form) else None)
    if first is not None and last is not None and first.line != last.line:
        return ControlRowMissing(form.control.mark, last.line)
    control = read_control(last, form, program, contents.headers)
    found = contents.row_count - 1
    if isinstance(control, Control) and control.count != found:
        return CountDiffers(control.count, found)
    return control


def _body(file: FileIO, form: StatementFile, control: Control) -> Iterator[Row]:
    return islice(rows(file, form), 1, control.count + 1)


def _stated(
    name: str, contents: Contents, control: Control, found: Iterator[BrandLine | Refused], program: Program
) -> Stated | TotalDiffers:
    lines: dict[str, BrandLine] = {}
    quarantined: list[BrokenRow] = []
    total, provable = 0, True
    for read in found:
        amount = read.line.amount if isinstance(read, BrandLine) else read.amount
        total, provable = total + (amount or 0), provable and amount is not None
        if isinstance(read, Refused):
            quarantined.append(read.row)
        elif (first := lines.setdefault(read.line.key, read)) is not read:
            quarantined.append(_repeated(read, first))
    if provable and total != control.total:
        return TotalDiffers(format_amount(control.total, program.scale), format_amount(total, program.scale))
    return Stated(name, contents.digest, control, tuple(lines.values()), tuple(quarantined))


def _repeated(read: BrandLine, first: BrandLine) -> BrokenRow:
    verb = "repeats" if (read.booked, read.line) == (first.booked, first.line) else "contradicts"
    return BrokenRow(read.row, "", f"{verb} line {first.row}, which counts", read.line.key)
