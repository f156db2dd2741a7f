"""One row of a brand's statement file as a movement, or why it is none."""

import unicodedata
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from msgspec import Struct

from brands import Program, StatementFile
from core.table import Row
from members.cells import Unfit, read_amount, read_day, read_number
from members.normalise import plain
from members.row import BrokenRow, column_places, masked, row_fault
from settlement.reconciliation.line import Line

REFERENCE_LENGTH_MAX: Final = 100
AMOUNT_MAX: Final = 10**13
"""Minor units: more than this in one row is a mistake."""

_FORMULA: Final = tuple("=+-@\t\r")
"""With these a spreadsheet's formula can begin."""

_Value = TypeVar("_Value")


class BrandLine(Struct, frozen=True, gc=False):
    """One movement as the brand states it."""

    row: int
    """Where it begins in the file, from 1, the headers included."""
    booked: bool
    """False: the brand refused it."""
    line: Line
    """Its key is the brand's reference. In a correction its amount may be zero: the brand takes the line back."""


class Refused(Struct, frozen=True):
    """A row that is not taken in, and what it would have added to the total, if that can be read."""

    row: BrokenRow
    amount: int | None


class _Broken(Exception):
    def __init__(self, row: BrokenRow) -> None:
        super().__init__(row.reason)
        self.row = row


class RowReader:
    """Reads the rows of one file, whose headers lack nothing, between its headers and its control row."""

    def __init__(
        self,
        program: Program,
        form: StatementFile,
        headers: tuple[str, ...],
        period: tuple[date, date],
        *,
        correcting: bool,
    ) -> None:
        self._program = program
        self._form = form
        self._headers = headers
        self._period = period
        self._correcting = correcting
        self._places = column_places(asdict(form.columns), headers)
        self._booked = {_word(text): True for text in form.booked} | {_word(text): False for text in form.failed}

    def read(self, row: Row) -> BrandLine | Refused:
        """The movement that the row states, or the first thing that is wrong with it."""
        fault = row_fault(row, self._headers, self._form.encoding)
        if fault is not None:
            return Refused(fault, None)
        try:
            return self._line(row)
        except _Broken as broken:
            return Refused(broken.row, self._amount_or_none(row))

    def _line(self, row: Row) -> BrandLine:
        name = self._read(row, "brand_reference", _reference)
        amount = self._read(row, "amount", self._amount)
        booked = self._read(row, "status", self._status)
        line = Line(
            name,
            self._read(row, "reference", _our_reference),
            name,
            self._read(row, "asset", _optional) or self._program.asset,
            amount,
            self._read(row, "member", _member),
            self._read(row, "day", self._day),
        )
        return BrandLine(row.line, booked, line)

    def _amount_or_none(self, row: Row) -> int | None:
        try:
            return read_amount(self._cell(row, "amount"), self._form, self._program.scale)
        except Unfit:
            return None

    def _cell(self, row: Row, name: str) -> str:
        return row.cells[self._places[name]] if name in self._places else ""

    def _read(self, row: Row, name: str, reader: Callable[[str], _Value]) -> _Value:
        text = self._cell(row, name)
        try:
            return reader(text)
        except Unfit as unfit:
            header = plain(self._headers[self._places[name]])
            shown = masked("number" if name == "member" else name, text)
            raise _Broken(BrokenRow(row.line, header, str(unfit), shown)) from unfit

    def _amount(self, text: str) -> int:
        if not text.strip().isascii():
            raise Unfit("is not written in plain digits")
        if text.lstrip()[:1] in {"=", "@", "+"}:
            raise Unfit("is a formula")
        amount = read_amount(text, self._form, self._program.scale)
        if not amount and not self._correcting:
            raise Unfit("is zero")
        if abs(amount) > AMOUNT_MAX:
            raise Unfit("is larger than any movement can be")
        return amount

    def _status(self, text: str) -> bool:
        if "status" not in self._places:
            return True
        booked = self._booked.get(_word(_plain(text)))
        if booked is None:
            raise Unfit("is a status that the configuration does not know")
        return booked

    def _day(self, text: str) -> date:
        day = read_day(_plain(text), self._form.dates)
        first, last = self._period
        if not first <= day <= last:
            reason = f"is not within {first} to {last}"
            raise Unfit(reason)
        return day


def _plain(text: str) -> str:
    """The text. Raises Unfit for what a spreadsheet would run."""
    if unicodedata.normalize("NFKC", text).lstrip(" ").startswith(_FORMULA):
        raise Unfit("is a formula")
    return text


def _optional(text: str) -> str:
    written = plain(_plain(text))
    if len(written) > REFERENCE_LENGTH_MAX or not written.isprintable():
        raise Unfit("is too long or cannot be printed")
    return written


def _reference(text: str) -> str:
    written = _optional(text)
    if not written:
        raise Unfit("is missing")
    return written


def _our_reference(text: str) -> str:
    """Our ids in one spelling, whatever the brand makes of them."""
    written = _optional(text)
    try:
        return str(UUID(written))
    except ValueError:
        return written


def _member(text: str) -> str:
    return read_number(_plain(text)) if text.strip() else ""


def _word(text: str) -> str:
    return plain(text).casefold()
