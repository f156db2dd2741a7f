"""Keeping count of what becomes of the rows of one file."""

from collections.abc import Iterable, Sequence

from brands import Program
from core.amounts import format_amount
from members.batch import BatchOutcome
from members.report import Difference, ImportReport
from members.row import BrokenRow, MemberRow, masked


class Tally:
    """The counts so far, and the numbers seen: of two rows for one number, the first one counts."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._seen: dict[str, tuple[int, int]] = {}
        self._broken: list[BrokenRow] = []
        self._differing: list[Difference] = []
        self._imported = self._updated = self._unchanged = self._duplicates = self._points = 0
        self.rows = 0

    def sort(self, rows: Iterable[MemberRow | BrokenRow]) -> Sequence[MemberRow]:
        """The rows that can be loaded: neither broken nor about a number that an earlier row was about."""
        good = []
        for row in rows:
            self.rows += 1
            if isinstance(row, BrokenRow):
                self._broken.append(row)
            elif self._is_first(row):
                good.append(row)
        return good

    def count(self, outcome: BatchOutcome) -> None:
        """Add what became of a batch."""
        self._imported += len(outcome.imported)
        self._updated += len(outcome.updated)
        self._unchanged += outcome.unchanged
        if not self._program.booked_by_brand:
            self._points += sum(row.balance for row in outcome.imported)
        self._differing.extend(self._difference(row, opening) for row, opening in outcome.differing)

    def report(self) -> ImportReport:
        """The whole."""
        return ImportReport(
            program=self._program.code,
            rows=self.rows,
            imported=self._imported,
            updated=self._updated,
            unchanged=self._unchanged,
            duplicates=self._duplicates,
            points=self._decimal(self._points),
            differing=tuple(self._differing),
            broken=tuple(self._broken),
        )

    def _is_first(self, row: MemberRow) -> bool:
        said = (row.line, _said(row))
        line, content = self._seen.setdefault(row.number, said)
        if line == row.line:
            return True
        if content == said[1]:
            self._duplicates += 1
        else:
            self._broken.append(BrokenRow(row.line, "", f"contradicts line {line}, which counts", ""))
        return False

    def _difference(self, row: MemberRow, opening: int) -> Difference:
        return Difference(row.line, masked("number", row.number), self._decimal(opening), self._decimal(row.balance))

    def _decimal(self, minor: int) -> str:
        return format_amount(minor, self._program.scale)


def _said(row: MemberRow) -> int:
    return hash((row.name, row.identifiers, row.tier, row.balance, row.enrolled_on, row.last_day))
