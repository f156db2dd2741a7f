"""Statements as workbooks: a sheet with the figures, and as many sheets of lines as a spreadsheet's limit needs."""

from collections.abc import Iterator, Sequence
from io import BufferedIOBase
from typing import Any, BinaryIO, Final

from xlsxwriter import Workbook

from settlement.statement import SCALE, Footing, Heading, Line, Sum, instant, money

LINES_PER_SHEET: Final = 1_048_575
"""What a sheet takes beneath its heading."""

EXACT_BELOW: Final = 10**15
"""Micro-CNY that a spreadsheet holds to the last digit (it keeps fifteen); what is larger is written as text."""

COLUMNS: Final = (
    ("recorded at", 32),
    ("kind", 20),
    ("reference", 38),
    ("transfer", 38),
    ("counterparty", 18),
    ("detail", 44),
    ("debit", 18),
    ("credit", 18),
    ("balance", 18),
)

_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Row = Sequence[str | int]
"""Cells: texts, and amounts in micro-CNY."""


class XlsxForm:
    """Cells are texts or numbers, never formulas. A line leaves memory as soon as the next one is written.

    Nothing but the books goes in: the workbook is dated at the cut-off.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._book: Any = Workbook(file, _OPTIONS)
        self._figures: Any = self._book.add_worksheet("Figures")
        self._title = self._book.add_format({"bold": True})
        self._amount = self._book.add_format({"num_format": f"#,##0.{'0' * SCALE}"})
        self._sheet: Any = None
        self._next = LINES_PER_SHEET
        self._heading: Heading | None = None

    def begin(self, heading: Heading) -> None:
        """Whose workbook it is; the figures are written at the end, when they are known."""
        self._heading = heading
        self._book.set_properties(
            {"title": f"Statement {heading.participant}, window {heading.window}", "created": heading.cut_off_at}
        )

    def lines(self, lines: Sequence[Line]) -> None:
        """A row for each line."""
        for line in lines:
            if self._next == LINES_PER_SHEET:
                self._open_sheet()
            self._next += 1
            self._write(self._sheet, self._next, _line(line))

    def end(self, footing: Footing) -> None:
        """The figures' sheet, and the file itself."""
        assert self._heading is not None
        self._figures.set_column(0, 1, 36)
        self._figures.set_column(2, 6, 20)
        for place, row in enumerate(_figures(self._heading, footing)):
            self._write(self._figures, place, row)
        self._book.close()

    def discard(self) -> None:
        """Let go of what an unfinished workbook holds; nothing when it was finished."""
        if not self._book.fileclosed:
            self._book.filename = _Nowhere()
            self._book.close()

    def _open_sheet(self) -> None:
        number = len(self._book.worksheets())
        self._sheet, self._next = self._book.add_worksheet(f"Lines {number}"), 0
        for column, (_, width) in enumerate(COLUMNS):
            self._sheet.set_column(column, column, width)
        self._sheet.freeze_panes(1, 0)
        for column, (name, _) in enumerate(COLUMNS):
            self._sheet.write_string(0, column, name, self._title)

    def _write(self, sheet: Any, row: int, cells: Row) -> None:
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(row, column, cell)
            elif abs(cell) < EXACT_BELOW:
                sheet.write_number(row, column, cell / 10**SCALE, self._amount)
            else:
                sheet.write_string(row, column, money(cell))


class _Nowhere(BufferedIOBase):
    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        return len(content)


def _line(line: Line) -> Row:
    reference = "" if line.reference is None else str(line.reference)
    texts = (instant(line.recorded_at), line.kind, reference, str(line.transfer_id), line.counterparty, line.detail)
    return (*texts, line.debit, line.credit, line.balance)


def _figures(heading: Heading, footing: Footing) -> Iterator[Row]:
    yield "window", str(heading.window)
    yield "participant", heading.participant
    yield "name", heading.name
    yield "after", "" if heading.after is None else instant(heading.after)
    yield "cut-off", instant(heading.cut_off_at)
    yield "currency", "CNY"
    yield "digest of the window's figures", heading.digest
    yield ()
    yield "opening", "", heading.opening
    yield "", "", "debits", "credits", "lines"
    for kind, found in sorted(footing.by_kind.items()):
        yield "kind", kind, *_sum(found)
    for counterparty, found in sorted(footing.by_counterparty.items()):
        yield "counterparty", counterparty, *_sum(found)
    yield "total", "", *_sum(footing.total)
    yield "closing", "", footing.closing
    yield "settled", footing.payment_reference or "", footing.settled
    for due in footing.payments:
        yield "payment", due.reference, due.amount
    yield "carried", "", footing.carried


def _sum(found: Sum) -> tuple[int, int, str]:
    return found.debits, found.credits, str(found.lines)
