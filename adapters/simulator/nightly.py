"""A brand that speaks by files only: it takes a night's instructions, books them at its desk, and answers in a file.

The forms are those of the program's network file, read from the other side. Files that do not prove themselves by
their control row are put aside and not answered.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from adapters.drop.days import written_day
from adapters.drop.folders import Folders
from adapters.simulator.books import Entry, EntryStatus
from adapters.simulator.desk import Desk
from adapters.simulator.ordering import ordered
from adapters.simulator.orders import Code, EntryKind, Order, Refused
from adapters.simulator.terms import Terms
from adapters.simulator.wire import amount_from
from brands.adapter.drop_folder import DropFolder
from brands.adapter.failures import Failure
from brands.adapter.kinds import Call
from core.amounts import format_amount
from members.cells import read_day

TAKEN = "taken"
REFUSED = "refused"

_FIELDS = {
    "${reference}": "reference",
    "${member.number}": "memberId",
    "${amount}": "amount",
    "${original.reference}": "originalReference",
}
"""What a column holds, by the template from which the network fills it."""
_WORD = "${word}"
_KINDS = {Call.DEBIT: EntryKind.DEBIT, Call.CREDIT: EntryKind.CREDIT, Call.REVERSE: EntryKind.REVERSAL}
_MEANINGS: Mapping[Code, tuple[Failure, ...]] = {
    Code.INSUFFICIENT_BALANCE: (Failure.INSUFFICIENT,),
    Code.MEMBER_NOT_FOUND: (Failure.MEMBER_NOT_FOUND,),
    Code.MEMBER_INELIGIBLE: (Failure.INELIGIBLE,),
    Code.REVERSAL_TOO_LATE: (Failure.INELIGIBLE,),
    Code.LIMIT_EXCEEDED: (Failure.LIMIT, Failure.INELIGIBLE),
    Code.FRAUD_SUSPECTED: (Failure.FRAUD, Failure.INELIGIBLE),
    Code.DUPLICATE_CHANGED: (Failure.DUPLICATE_CHANGED,),
    Code.ALREADY_REVERSED: (Failure.ALREADY_REVERSED, Failure.REVERSAL_EXCEEDS),
    Code.REVERSAL_EXCEEDS: (Failure.REVERSAL_EXCEEDS,),
}
"""What the brand's refusals mean to the network; the first that the network file has a code for is written."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """A row of the answer file, before it has its columns."""

    reference: str
    amount: int
    status: str
    code: str = ""
    brand_reference: str = ""
    balance: str = ""


class Unplayable(ValueError):
    """The columns of the network file hold something that the simulated brand does not understand."""


@dataclass(slots=True)
class NightClerk:
    """Who does the brand's nightly work in the folders of one program."""

    terms: Terms
    desk: Desk
    form: DropFolder
    folders: Folders

    def work(self) -> list[str]:
        """Take every file that lies there and answer it; the names of the answer files."""
        return [answer for path in self._waiting() if (answer := self._answered(path))]

    def _waiting(self) -> list[Path]:
        found = self.folders.outgoing.glob("*") if self.folders.outgoing.exists() else ()
        return sorted(path for path in found if path.is_file() and not path.name.startswith("."))

    def _answered(self, path: Path) -> str | None:
        """The name of the file that answers this one; none if it was put aside."""
        written = path.read_bytes().decode(self.form.encoding)
        rows = list(csv.reader(io.StringIO(written), delimiter=self.form.delimiter))
        day = self._proven(rows)
        _put_away(path, REFUSED if day is None else TAKEN)
        if day is None:
            return None
        answers = [self._booked(dict(zip(rows[0], row, strict=False))) for row in rows[1:-1]]
        return self._write(f"{path.stem}-answers{self.form.answers.suffix}", day, answers)

    def _proven(self, rows: Sequence[Sequence[str]]) -> date | None:
        """The day of the file, if its control row says as many rows as there are and the sum of their amounts."""
        if len(rows) < 2:  # noqa: PLR2004 - headers and control row
            return None
        control = dict(zip(self.form.instructions.control, rows[-1], strict=False))
        place = self._headers()["${amount}"]
        total = sum(self._amount(dict(zip(rows[0], row, strict=False)).get(place, "")) for row in rows[1:-1])
        wanted = {"${count}": str(len(rows) - 2), "${total}": format_amount(total, self.terms.decimals)}
        if any(control.get(template, value) != value for template, value in wanted.items()):
            return None
        return read_day(control["${day}"], (self.form.day_form,))

    def _booked(self, row: Mapping[str, str]) -> _Answer:
        order = self._order(row)
        reference, amount = row[self._headers()["${reference}"]], self._amount(row[self._headers()["${amount}"]])
        outcome = order if isinstance(order, Refused) else self.desk.move(order)
        if isinstance(outcome, Refused) and outcome.code is Code.DUPLICATE_SAME:
            outcome = self.desk.books.entries[outcome.original_id or ""]
        if isinstance(outcome, Refused):
            return _Answer(reference, amount, self.form.answers.failed[0], self._code(outcome.code))
        return self._told(outcome, reference, amount)

    def _told(self, entry: Entry, reference: str, amount: int) -> _Answer:
        if entry.status is EntryStatus.PENDING and self.form.answers.pending:
            return _Answer(reference, amount, self.form.answers.pending[0], brand_reference=entry.id)
        if entry.status is not EntryStatus.SUCCESS:
            return _Answer(reference, amount, self.form.answers.failed[0], self._code(entry.code or Code.INTERNAL))
        balance = "" if entry.balance is None else format_amount(entry.balance, self.terms.decimals)
        return _Answer(reference, amount, self.form.answers.done[0], "", entry.id, balance)

    def _order(self, row: Mapping[str, str]) -> Order | Refused:
        headers = self._headers()
        kinds = {self.form.word(call): kind for call, kind in _KINDS.items()}
        kind = kinds.get(row[headers[_WORD]])
        if kind is None:
            return Refused(Code.INVALID_REQUEST)
        fields = {name: row.get(headers.get(template, ""), "") for template, name in _FIELDS.items()}
        return ordered(kind, fields, self.terms)

    def _headers(self) -> dict[str, str]:
        """The header above each template. Raises Unplayable."""
        found = {column.value: column.header for column in self.form.instructions.columns}
        if missing := {_WORD, "${reference}", "${member.number}", "${amount}"} - found.keys():
            message = f"no column holds {', '.join(sorted(missing))}"
            raise Unplayable(message)
        return found

    def _amount(self, written: str) -> int:
        amount = amount_from(written, self.terms)
        return 0 if isinstance(amount, Refused) else amount

    def _code(self, code: Code) -> str:
        """What the network file calls it; the brand's own code where it has no name for it."""
        names = {failure: name for name, failure in self.form.answers.failures.items()}
        return next((names[failure] for failure in _MEANINGS.get(code, ()) if failure in names), code.value)

    def _write(self, name: str, day: date, answers: Sequence[_Answer]) -> str:
        """The answer file, whole or not at all."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.form.delimiter, lineterminator="\r\n")
        writer.writerows(self._rows(day, answers))
        self.folders.incoming.mkdir(parents=True, exist_ok=True)
        hidden = self.folders.incoming / f".{name}"
        hidden.write_bytes(text.getvalue().encode(self.form.encoding))
        hidden.rename(self.folders.incoming / name)
        return name

    def _rows(self, day: date, answers: Sequence[_Answer]) -> Iterator[list[str]]:
        columns, control = self.form.answers.columns, self.form.answers.control
        named = (columns.reference, columns.amount, columns.status, columns.code, columns.brand_reference)
        figures = (control.count, control.total, control.day, control.issuer)
        headers = list(dict.fromkeys(name for name in (*named, columns.balance, *figures) if name))
        yield headers
        for answer in answers:
            cells = {
                columns.reference: answer.reference,
                columns.amount: format_amount(answer.amount, self.terms.decimals),
                columns.status: answer.status,
                columns.code: answer.code,
                columns.brand_reference: answer.brand_reference,
                columns.balance: answer.balance,
            }
            yield [cells.get(header, "") for header in headers]
        total = format_amount(sum(answer.amount for answer in answers), self.terms.decimals)
        shown = (str(len(answers)), total, written_day(day, self.form.day_form), control.issuer_name)
        last = dict(zip(figures, shown, strict=True))
        yield [control.mark, *(last.get(header, "") for header in headers[1:])]


def _put_away(path: Path, place: str) -> None:
    folder = path.parent / place
    folder.mkdir(exist_ok=True)
    path.rename(folder / path.name)
