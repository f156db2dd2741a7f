"""Reads the content of an answer file: all of it, and only when its control row proves it whole and ours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unicodedata import normalize

from adapters.brand_systems.figures import Figures, Unreadable
from brands.adapter.drop_folder import AnswerFile, DropFolder
from core.table import Row, Unimportable, damaged, open_table, rows
from exchange.brand_system import Answer, Done, Failed, Failure, Pending
from members.cells import read_day


class NotTaken(ValueError):
    """The file is not used."""

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason)
        self.problem = FileProblem(line, reason)


class Incomplete(NotTaken):
    """The file ends before its control row: it is cut off, or the brand is still writing it."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What was not taken from a file."""

    line: int | None
    """From 1; None: the file as a whole."""
    reason: str


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """One row."""

    line: int
    reference: str
    amount: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class AnswerContent:
    """A whole file."""

    day: date
    answers: tuple[FileAnswer, ...]
    problems: tuple[FileProblem, ...]


def read_answers(path: Path, folder: DropFolder, figures: Figures) -> AnswerContent:
    """The file. Raises NotTaken."""
    try:
        with open_table(path) as file:
            found = list(rows(file, folder))
    except Unimportable as error:
        raise NotTaken(None, str(error)) from None
    if not found:
        raise Incomplete(None, "The file is empty.")
    return _Reader(folder, figures, found[0]).content(found[1:])


class _Reader:
    def __init__(self, folder: DropFolder, figures: Figures, headers: Row) -> None:
        self._folder = folder
        self._form: AnswerFile = folder.answers
        self._figures = figures
        self._places = {_plain(cell): place for place, cell in enumerate(headers.cells)}
        self._check_headers(headers)

    def _check_headers(self, headers: Row) -> None:
        if damaged(headers.cells):
            raise NotTaken(headers.line, f"The file is not written in {self._folder.encoding}.")
        columns, control = self._form.columns, self._form.control
        wanted = [columns.reference, columns.amount, columns.status]
        wanted += [control.count, control.total, control.day, control.issuer]
        wanted += [name for name in (columns.brand_reference, columns.code, columns.message, columns.balance) if name]
        missing = [name for name in dict.fromkeys(wanted) if _plain(name) not in self._places]
        if missing:
            raise NotTaken(headers.line, f"The columns {', '.join(missing)} are missing.")

    def content(self, found: Sequence[Row]) -> AnswerContent:
        """Everything. Raises NotTaken."""
        if not found or _plain(found[-1].cells[0]) != _plain(self._form.control.mark):
            raise Incomplete(None, "The control row is missing at the end: the file is cut off.")
        control, lines = found[-1], found[:-1]
        day = self._check_control(control, lines)
        answers: list[FileAnswer] = []
        problems: list[FileProblem] = []
        for row in lines:
            try:
                answers.append(self._answer(row))
            except (Unreadable, ValueError) as error:
                problems.append(FileProblem(row.line, str(error)))
        return AnswerContent(day, tuple(answers), tuple(problems))

    def _check_control(self, control: Row, lines: Sequence[Row]) -> date:
        figures = self._form.control
        issuer = self._cell(control, figures.issuer)
        if _plain(issuer) != _plain(figures.issuer_name):
            raise NotTaken(control.line, f"It is a file of {issuer or 'nobody'}, not of {figures.issuer_name}.")
        if (count := self._cell(control, figures.count)) != str(len(lines)):
            raise NotTaken(control.line, f"The control row says {count} rows; there are {len(lines)}.")
        self._check_total(control, lines)
        try:
            return read_day(self._cell(control, figures.day), (self._folder.day_form,))
        except ValueError:
            raise NotTaken(control.line, f"{self._cell(control, figures.day)!r} is not a day.") from None

    def _check_total(self, control: Row, lines: Sequence[Row]) -> None:
        said = self._cell(control, self._form.control.total)
        try:
            total = sum(self._amount(row, self._form.columns.amount) for row in lines)
            matches = self._amount(control, self._form.control.total) == total
        except Unreadable as error:
            raise NotTaken(control.line, f"The total cannot be checked: {error}.") from None
        if not matches:
            raise NotTaken(
                control.line, f"The control row says {said}; the amounts come to {self._figures.written(total)}."
            )

    def _answer(self, row: Row) -> FileAnswer:
        if row.fault or damaged(row.cells):
            message = f"The row {row.fault or 'cannot be decoded'}."
            raise Unreadable(message)
        reference = self._cell(row, self._form.columns.reference)
        if not reference:
            raise Unreadable("The reference is missing.")
        return FileAnswer(row.line, reference, self._amount(row, self._form.columns.amount), self._outcome(row))

    def _outcome(self, row: Row) -> Answer:
        columns, form = self._form.columns, self._form
        status = self._cell(row, columns.status)
        brand_reference = self._cell(row, columns.brand_reference) or None
        if status in form.done:
            balance = self._cell(row, columns.balance)
            return Done(brand_reference, None, self._figures.balance(self._number(balance)) if balance else None)
        if status in form.pending:
            return Pending(brand_reference)
        if status not in form.failed:
            message = f"The status {status!r} has no meaning."
            raise Unreadable(message)
        code = self._cell(row, columns.code)
        failure = form.failures.get(code, Failure.INVALID)
        return Failed(failure, self._cell(row, columns.message), code or None)

    def _amount(self, row: Row, name: str) -> int:
        return self._figures.amount(self._number(self._cell(row, name)))

    def _number(self, text: str) -> str | int:
        """Cells are text; whole minor units are read as numbers."""
        is_whole = text.lstrip("-").isascii() and text.lstrip("-").isdigit()
        return int(text) if self._figures.form == "minor" and is_whole else text

    def _cell(self, row: Row, name: str | None) -> str:
        place = -1 if name is None else self._places[_plain(name)]
        return row.cells[place].strip() if 0 <= place < len(row.cells) else ""


def _plain(text: str) -> str:
    """Upper and lower case, width and spaces around do not matter."""
    return normalize("NFKC", text).strip().casefold()


def shown(problems: Sequence[FileProblem]) -> Iterator[str]:
    """One a line, for people."""
    for problem in problems:
        yield problem.reason if problem.line is None else f"line {problem.line}: {problem.reason}"
