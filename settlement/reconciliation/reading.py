"""A whole statement file: proved by its control row, then read movement by movement, or the reason why it is refused.

The file is read twice: what its control row says has to be known before anything of it is used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from brands import ControlPlace, Program, StatementFile
from core.amounts import format_amount
from core.table import Row, Unimportable, sound
from core.table_errors import ImportRefused
from members.row import BrokenRow, missing_headers
from settlement.reconciliation.control import Control, is_control, read_control
from settlement.reconciliation.errors import ControlRowMissing, CountDiffers, TooManyBroken, TotalDiffers
from settlement.reconciliation.forms.opening import open_source
from settlement.reconciliation.forms.source import Source, control_columns
from settlement.reconciliation.forms.text import Delimited
from settlement.reconciliation.line import MONEY, MONEY_SCALE
from settlement.reconciliation.plain_rows import PlainRows, single
from settlement.reconciliation.row import BrandLine, Refused, RowReader
from settlement.reconciliation.row_text import row_text

SINGLE_MAX: Final = 8
"""Lines that are read one by one where one of them is not written as most are."""

BROKEN_MAX: Final = 20_000
"""Rows that may be set aside: a file with more has another form."""


@dataclass(slots=True)
class _Total:
    """A sum that proves something as long as every amount could be read."""

    sum: int = 0
    provable: bool = True

    def add(self, amount: int | None) -> None:
        self.sum += amount or 0
        self.provable = self.provable and amount is not None


class Statement:
    """A file that is open and whole: its control row, and its movements, which are read once."""

    def __init__(
        self, name: str, source: Source, control: Control, program: Program, form: StatementFile, *, correcting: bool
    ) -> None:
        self.name = name
        self.digest = source.digest
        self.control = control
        self.quarantined: list[BrokenRow] = []
        """The rows that are not taken in, in the order of the file, once `lines` is at its end."""
        self._source, self._form, self._scale = source, form, program.scale
        self._program, self._correcting = program, correcting
        period = control.first_day, control.last_day
        self._reader = RowReader(program, form, source.headers, period, correcting=correcting)
        self._points, self._money = _Total(), _Total()

    def lines(self) -> Iterator[BrandLine]:
        """The movements. Raises Unimportable in their midst, or at their end when they do not come to the totals."""
        for row in self._body():
            read = self._reader.read(row)
            if isinstance(read, BrandLine):
                self._points.add(read.written)
                self._money.add(read.money.amount if read.money else 0)
                yield read
            else:
                self._set_aside(read)
        self._check_totals()

    def _check_totals(self) -> None:
        self._check_total(self._points, self.control.total, "", self._scale)
        if self.control.value_total is not None:
            self._check_total(self._money, self.control.value_total, f"{MONEY} ", MONEY_SCALE)

    def texts(self) -> Iterator[tuple[int, str]]:
        """The same as rows of COPY's text, many at a time, and how many. Raises as `lines` does."""
        if not isinstance(self._source, Delimited) or self._source.plain is None or not self._is_quick:
            for line in self.lines():
                yield 1, row_text(line)
            return
        plain = PlainRows(self._program, self._form, self._source.headers, self._reader)
        for number, block in self._blocks(self._source):
            yield from self._block(plain, number, block)
        self._check_totals()

    def _block(self, plain: PlainRows, number: int, block: str) -> Iterator[tuple[int, str]]:
        """Whole where all its lines are as most are; otherwise in halves, until few are left to be read singly."""
        rows, lines = plain.of(number, block), block.count("\n")
        if rows is not None:
            self._points.sum += rows.written
            yield rows.count, rows.text
        elif lines > SINGLE_MAX:
            yield from self._block(plain, number, _cut(block, 0, lines // 2, lines))
            yield from self._block(plain, number + lines // 2, _cut(block, lines // 2, None, lines))
        else:
            yield from self._one_by_one(number, block)

    @property
    def _is_quick(self) -> bool:
        return not self._correcting and PlainRows.can_read(self._form)

    def _blocks(self, source: Delimited) -> Iterator[tuple[int, str]]:
        """The lines between the headers and the control row."""
        first = 2 + (self._form.control.place is ControlPlace.FIRST)
        end = first + self.control.count
        for number, block in source.blocks():
            here, lines = max(first, number), block.count("\n") + (not block.endswith("\n"))
            until = min(end, number + lines)
            if here < until:
                yield here, _cut(block, here - number, until - number, lines)

    def _one_by_one(self, number: int, block: str) -> Iterator[tuple[int, str]]:
        for read, text in single(self._reader, number, block, self._form.delimiter):
            if isinstance(read, BrandLine):
                self._points.add(read.written)
                yield 1, text
            else:
                self._set_aside(read)

    def _body(self) -> Iterator[Row]:
        first = int(self._form.control.place is ControlPlace.FIRST)
        return islice(self._source.rows(), first, first + self.control.count)

    def _set_aside(self, refused: Refused) -> None:
        self.quarantined.append(refused.row)
        if len(self.quarantined) > BROKEN_MAX:
            raise Unimportable(TooManyBroken(BROKEN_MAX, self.quarantined[0]))
        self._points.add(refused.amount)
        self._money.add(refused.value)

    def _check_total(self, total: _Total, stated: int, unit: str, scale: int) -> None:
        if total.provable and total.sum != stated:
            written = (f"{unit}{format_amount(amount, scale)}" for amount in (stated, total.sum))
            raise Unimportable(TotalDiffers(*written))


@contextmanager
def open_statement(path: Path, program: Program, form: StatementFile, *, correcting: bool) -> Iterator[Statement]:
    """The file, proved to be whole as far as that can be known without its amounts. Raises Unimportable."""
    with open_source(path, form) as source:
        control = _control(source, program, form)
        if not isinstance(control, Control):
            raise Unimportable(control)
        yield Statement(path.name, source, control, program, form, correcting=correcting)


def _cut(block: str, first: int, until: int | None, lines: int) -> str:
    """Lines of a block, from the first that is wanted to the one before `until`."""
    if (first, until) == (0, lines):
        return block
    return "\n".join(block.removesuffix("\n").split("\n")[first:until]) + "\n"


def _surveyed(source: Source, form: StatementFile) -> tuple[int, list[tuple[int, Row]], Row | None]:
    """How many rows there are, those of them that are control rows with their places, and the last."""
    if isinstance(source, Delimited) and source.plain is not None:
        return source.plain.row_count, source.plain.marked, source.plain.last
    count, found, last = 0, list[tuple[int, Row]](), None
    for last in sound(source.rows(), form.encoding):
        count += 1
        if is_control(last, form) and len(found) < 2:  # noqa: PLR2004 - two are already too many
            found.append((count, last))
    return count, found, last


def _control(source: Source, program: Program, form: StatementFile) -> Control | ImportRefused:
    wanted = [header for header in asdict(form.columns).values() if header]
    missing = missing_headers(dict.fromkeys([*wanted, *control_columns(form.control).values()]), source.headers)
    if missing is not None:
        return missing
    count, found, last = _surveyed(source, form)
    due = 1 if form.control.place is ControlPlace.FIRST else count
    if len(found) != 1 or found[0][0] != due:
        return ControlRowMissing(form.control.mark, last.line if last else 1)
    control = read_control(found[0][1], form, program, source.headers)
    if isinstance(control, Control) and control.count != count - 1:
        return CountDiffers(control.count, count - 1)
    return control
