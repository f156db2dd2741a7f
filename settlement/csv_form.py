"""Statements for spreadsheets."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import BinaryIO, Final

from settlement.statement import Footing, Heading, Line, Sum, instant, money


class CsvForm:
    """UTF-8 with a byte order mark, because spreadsheets take a file without one for the local legacy encoding.

    One flat table, so that it can be filtered and pivoted as it is: the first column says what a row is.
    """

    COLUMNS: Final = (
        *("row", "window", "participant", "recorded_at", "kind", "reference", "transfer"),
        *("counterparty", "detail", "debit", "credit", "balance"),
    )

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._both: tuple[str, str] = ("", "")
        self._cut_off = ""

    def begin(self, heading: Heading) -> None:
        """The column names and the opening balance."""
        self._both = (str(heading.window), neutral(heading.participant))
        self._cut_off = instant(heading.cut_off_at)
        self._file.write(b"\xef\xbb\xbf")
        after = "" if heading.after is None else instant(heading.after)
        opening = ("opening", *self._both, after, "", "", "", "", "", "", "", money(heading.opening))
        self._write([self.COLUMNS, opening])

    def lines(self, lines: Sequence[Line]) -> None:
        """A row for each line."""
        self._write(self._line(line) for line in lines)

    def end(self, footing: Footing) -> None:
        """Subtotals, the total, the closing balance, and what becomes of it."""
        rows = [self._sum("kind", found, kind=kind) for kind, found in sorted(footing.by_kind.items())]
        rows += [self._sum("counterparty", s, counterparty=who) for who, s in sorted(footing.by_counterparty.items())]
        rows.append(self._sum("total", footing.total))
        rows.append(self._balance("closing", footing.closing))
        rows.append(self._balance("settled", footing.settled, reference=footing.payment_reference or ""))
        rows += [self._balance("payment", due.amount, reference=due.reference) for due in footing.payments]
        self._write([*rows, self._balance("carried", footing.carried)])

    def _line(self, line: Line) -> Sequence[str]:
        reference = "" if line.reference is None else str(line.reference)
        left = ("line", *self._both, instant(line.recorded_at), line.kind, reference, str(line.transfer_id))
        amounts = (money(line.debit), money(line.credit), money(line.balance))
        return (*left, neutral(line.counterparty), neutral(line.detail), *amounts)

    def _sum(self, row: str, found: Sum, *, kind: str = "", counterparty: str = "") -> Sequence[str]:
        detail = f"lines: {found.lines}"
        left = (row, *self._both, "", kind, "", "", neutral(counterparty), detail)
        return (*left, money(found.debits), money(found.credits), "")

    def _balance(self, row: str, amount: int, *, reference: str = "") -> Sequence[str]:
        return (row, *self._both, self._cut_off, "", reference, "", "", "", "", "", money(amount))

    def _write(self, rows: Iterable[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        self._file.write(text.getvalue().encode())


def neutral(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: what could begin one is preceded by an apostrophe."""
    seen = unicodedata.normalize("NFKC", text)  # full-width signs begin formulas as well
    return f"'{text}" if seen.startswith(("\t", "\r", "\n")) or seen.lstrip().startswith(("=", "+", "-", "@")) else text
