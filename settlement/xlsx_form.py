"""Statements as workbooks: a sheet with the figures, and as many sheets of lines as a spreadsheet's limit needs."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from settlement.statement import UNREGISTERED, Footing, Heading, Line, Paying, Sum, instant, money
from settlement.workbook import BOLD, Sheet, Workbook, number, text

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

_FIGURES: Final = Sheet("Figures", (36, 36, *[20] * 5))

Row = Sequence[str | int]
"""Cells: texts, and amounts in micro-CNY."""


class XlsxForm:
    """Cells are texts or numbers, never formulas. No line stays in memory.

    Nothing but the books goes in: the workbook is dated at the cut-off.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._book = Workbook(file)
        self._names: list[str] = []
        """Of the sheets of lines."""
        self._left = 0
        """How many lines still fit into the open sheet."""
        self._heading: Heading | None = None

    def begin(self, heading: Heading) -> None:
        """Whose workbook it is; the figures are written at the end, when they are known."""
        self._heading = heading

    def lines(self, lines: Sequence[Line]) -> None:
        """A row for each line."""
        while lines:
            if not self._left:
                self._open_sheet()
            fitting, lines = lines[: self._left], lines[self._left :]
            self._left -= len(fitting)
            self._book.rows([_line(line) for line in fitting])

    def end(self, footing: Footing) -> None:
        """The figures' sheet, and the file itself."""
        assert self._heading is not None
        self._book.open(_FIGURES)
        self._book.rows([[_cell(it) for it in row] for row in _figures(self._heading, footing)])
        sheets = [(_FIGURES.name, len(self._names) + 1), *((name, it) for it, name in enumerate(self._names, 1))]
        title = f"Statement {self._heading.participant}, window {self._heading.window}"
        self._book.finish(sheets, title, self._heading.cut_off_at)

    def discard(self) -> None:
        """Let go of what an unfinished workbook holds; nothing when it was finished."""
        self._book.discard()

    def _open_sheet(self) -> None:
        self._names.append(f"Lines {len(self._names) + 1}")
        self._left = LINES_PER_SHEET
        self._book.open(Sheet(self._names[-1], [width for _, width in COLUMNS], frozen=True))
        self._book.rows([[text(name, BOLD) for name, _ in COLUMNS]])


def _cell(cell: str | int) -> str:
    return text(cell) if isinstance(cell, str) else _amount(cell)


def _amount(micro: int) -> str:
    return number(money(micro)) if abs(micro) < EXACT_BELOW else text(money(micro))


def _line(line: Line) -> Sequence[str]:
    reference = "" if line.reference is None else str(line.reference)
    texts = (instant(line.recorded_at), line.kind, reference, str(line.transfer_id), line.counterparty, line.detail)
    return (*map(text, texts), _amount(line.debit), _amount(line.credit), _amount(line.balance))


def _figures(heading: Heading, footing: Footing) -> Iterator[Row]:
    yield "window", str(heading.window)
    yield "participant", heading.participant
    yield "name", heading.name
    yield "after", "" if heading.after is None else instant(heading.after)
    yield "cut-off", instant(heading.cut_off_at)
    yield "currency", "CNY"
    yield "digest of the window's figures", heading.digest
    yield from _paying(heading.paying)
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


def _paying(paying: Paying | None) -> Iterator[Row]:
    if paying is None:
        return
    yield "due on", paying.due_on.isoformat()
    for whose, account in (("clearing house", paying.house), ("participant", paying.participant)):
        cells = (account.holder, account.number, account.bank_code) if account else (UNREGISTERED,)
        yield f"account of the {whose}", *cells


def _sum(found: Sum) -> tuple[int, int, str]:
    return found.debits, found.credits, str(found.lines)
