"""One row of a brand's file as a member of its program, or why it is none."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from typing import Final, TypeVar

from brands import MemberColumns, MemberFile, Program
from core.table import Row, damaged
from core.table_errors import ColumnsMissing
from members.cells import (
    Unfit,
    read_balance,
    read_day,
    read_identifier,
    read_name,
    read_number,
    read_past_day,
    read_tier,
)
from members.identifiers import Identifier, IdentifierType
from members.normalise import plain

_Value = TypeVar("_Value")

_PERSONAL: Final = frozenset({"number", "name", "phone", "email", "unionid"})
_SHOWN_MAX: Final = 40
_ENDS_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member as the brand's file describes it."""

    line: int
    number: str
    name: str
    identifiers: tuple[Identifier, ...]
    """The member number among them."""
    tier: str
    balance: int
    """Minor units."""
    enrolled_on: date
    last_day: date | None
    """Of the whole balance; None: by the program's rule. In the year 9999, as many systems write it: never."""


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that was not imported."""

    line: int
    """Where it begins, from 1, the headers included."""
    column: str
    """Its header as the file writes it; empty when it is the row as a whole."""
    reason: str
    """As it follows the column's name in a sentence: `is not a valid phone number`."""
    value: str
    """What stands there, personal data masked."""


class _Broken(Exception):
    def __init__(self, row: BrokenRow) -> None:
        super().__init__(row.reason)
        self.row = row


def missing_columns(columns: MemberColumns, headers: tuple[str, ...]) -> ColumnsMissing | None:
    """The columns that the file ought to have and has not, or has twice."""
    return missing_headers([header for header in asdict(columns).values() if header is not None], headers)


def missing_headers(wanted: Iterable[str], headers: tuple[str, ...]) -> ColumnsMissing | None:
    """The headers among `wanted` that the file has not, or has twice."""
    found = [_folded(header) for header in headers]
    places = {header: found.count(_folded(header)) for header in wanted}
    missing = tuple(header for header, count in places.items() if not count)
    doubled = tuple(header for header, count in places.items() if count > 1)
    if not missing and not doubled:
        return None
    return ColumnsMissing(missing, tuple(masked("", header) for header in headers), doubled)


def row_fault(row: Row, headers: tuple[str, ...], encoding: str) -> BrokenRow | None:
    """What is wrong with a row as a whole, whatever it is about."""
    if row.fault:
        return BrokenRow(row.line, "", row.fault, "")
    filled, width = len(row.cells), len(headers)
    if filled < width or any(cell.strip() for cell in row.cells[width:]):
        return BrokenRow(row.line, "", f"has {filled} columns in place of {width}", "")
    if not damaged(row.cells):
        return None
    broken = next(place for place, cell in enumerate(row.cells) if damaged((cell,)))
    return BrokenRow(row.line, plain(headers[broken]), f"is not written in {encoding}", "")


class RowReader:
    """Reads the rows of one file, whose headers lack nothing."""

    def __init__(self, program: Program, form: MemberFile, headers: tuple[str, ...], today: date) -> None:
        self._program = program
        self._form = form
        self._headers = headers
        self._today = today
        self._places = column_places(asdict(form.columns), headers)

    def read(self, row: Row) -> MemberRow | BrokenRow:
        """The member whom the row describes, or the first thing that is wrong with it."""
        fault = row_fault(row, self._headers, self._form.encoding)
        if fault is not None:
            return fault
        try:
            return self._member(row)
        except _Broken as broken:
            return broken.row

    def _member(self, row: Row) -> MemberRow:
        form, program = self._form, self._program
        number = self._read(row, "number", read_number)
        return MemberRow(
            row.line,
            number,
            self._read(row, "name", read_name),
            (Identifier(IdentifierType.MEMBER_NUMBER, program.code, number), *self._identifiers(row)),
            self._read(row, "tier", lambda text: read_tier(text, program)),
            self._read(row, "balance", lambda text: read_balance(text, form, program.scale)),
            self._read(row, "enrolled_on", lambda text: read_past_day(text, form.dates, self._today)),
            self._read(row, "expires_on", lambda text: read_day(text, form.dates) if text.strip() else None),
        )

    def _identifiers(self, row: Row) -> Iterator[Identifier]:
        for kind, scope in (
            (IdentifierType.PHONE, ""),
            (IdentifierType.EMAIL, ""),
            (IdentifierType.UNIONID, self._form.unionid_provider),
        ):
            found = self._read(row, kind.value, partial(read_identifier, kind=kind, scope=scope))
            if found is not None:
                yield found

    def _cell(self, row: Row, name: str) -> str:
        return row.cells[self._places[name]] if name in self._places else ""

    def _read(self, row: Row, name: str, reader: Callable[[str], _Value]) -> _Value:
        text = self._cell(row, name)
        try:
            return reader(text)
        except Unfit as unfit:
            header = plain(self._headers[self._places[name]])
            raise _Broken(BrokenRow(row.line, header, str(unfit), masked(name, text))) from unfit


def column_places(columns: Mapping[str, str | None], headers: tuple[str, ...]) -> Mapping[str, int]:
    """Where each column stands in the file, by the name under which `columns` holds its header."""
    found = [_folded(header) for header in headers]
    return {name: found.index(_folded(header)) for name, header in columns.items() if header is not None}


def _folded(header: str) -> str:
    return plain(header).casefold()


def masked(name: str, text: str) -> str:
    """What stands there, short, on one line, printable, and masked where it is about a person."""
    as_it_is = " ".join(text.split()) if name not in _PERSONAL else plain(text)
    written = "".join(character if character.isprintable() else "\ufffd" for character in as_it_is)[:_SHOWN_MAX]
    if name not in _PERSONAL:
        return written
    shown = _ENDS_SHOWN if len(written) > 3 * _ENDS_SHOWN else len(written) // 4
    return written[:shown] + "*" * (len(written) - 2 * shown) + written[len(written) - shown :]
