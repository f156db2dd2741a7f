"""One row of a brand's statement file as a movement, or why it is none."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from typing import Final, TypeVar
from uuid import UUID

from msgspec import Struct

from brands import Program, StatementFile
from core.table import Row
from exchange.brand_system import Operation
from exchange.saga.postings import reversal_id
from members.cells import Unfit, read_amount, read_day, read_number
from members.normalise import plain
from members.row import BrokenRow, column_places, masked, row_fault
from settlement.reconciliation.line import MONEY, MONEY_SCALE, OWN_ID, Line, money_key

REFERENCE_LENGTH_MAX: Final = 100
AMOUNT_MAX: Final = 10**13
"""Minor units: more than this in one row is a mistake."""
VALUE_MAX: Final = 10**15
"""The same for micro-CNY."""

_FORMULA: Final = tuple("=+-@\t\r")
"""With these a spreadsheet's formula can begin."""

_SIMPLE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}", re.ASCII)
"""What needs no normalising: nearly every reference."""
_INSTRUCTION: Final = re.compile(r"([0-9a-f]{32})-(?:source|target)-([a-z]+)(?:-(\d{1,6}))?", re.ASCII | re.IGNORECASE)
"""The name of an instruction to a brand's system: `exchange.brand_system.Reference.text`."""
_DIGITS: Final = re.compile(r"-?[0-9]{1,13}", re.ASCII)
_KEPT_MAX: Final = 10_000

_Value = TypeVar("_Value")


class BrandLine(Struct, frozen=True, gc=False):
    """One movement as the brand states it."""

    row: int
    """Where it begins in the file, from 1, the headers included."""
    booked: bool
    """False: the brand refused it."""
    line: Line
    """Its key is the brand's reference. In a correction its amount may be zero: the brand takes the line back."""
    money: Line | None
    """The same movement in CNY, where the brand says so."""
    written: int
    """The amount as it counts in the file's total, signed as the brand signs it."""


class Refused(Struct, frozen=True):
    """A row that is not taken in, and what it would have added to the totals, if that can be read."""

    row: BrokenRow
    amount: int | None
    value: int | None


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
        self._booked = words(form.booked, form.failed)
        self._gains = words(form.gains, form.loses)
        self._status = lru_cache(_KEPT_MAX)(self._read_status)  # few words and days, many rows
        self._day = lru_cache(_KEPT_MAX)(self._read_day)

    def read(self, row: Row) -> BrandLine | Refused:
        """The movement that the row states, or the first thing that is wrong with it."""
        fault = row_fault(row, self._headers, self._form.encoding)
        if fault is not None:
            return Refused(fault, None, None)
        try:
            return self._line(row)
        except _Broken as broken:
            return Refused(broken.row, *self._amounts(row))

    def day(self, text: str) -> date:
        """A day of the period. Raises Unfit."""
        return self._day(text)

    def booked(self, text: str) -> bool:
        """What a status says. Raises Unfit."""
        return self._status(text)

    def _line(self, row: Row) -> BrandLine:
        name = self._read(row, "brand_reference", _reference)
        written = self._read(row, "amount", self._amount) * self._sign(row)
        booked = self._read(row, "status", self._status)
        line = Line(
            name,
            self._read(row, "reference", _our_reference),
            name,
            self._read(row, "asset", _optional) or self._program.asset,
            -written if self._form.seen_by_brand else written,
            self._read(row, "member", _member),
            self._read(row, "day", self._day),
        )
        value = self._read(row, "value", self._value)
        return BrandLine(row.line, booked, line, _in_money(line, value), written)

    def _sign(self, row: Row) -> int:
        return 1 if "sign" not in self._places else self._read(row, "sign", self._read_sign)

    def _amounts(self, row: Row) -> tuple[int | None, int | None]:
        """What a row that is not taken in adds to both totals."""
        try:
            sign = 1 if "sign" not in self._places else self._read_sign(self._cell(row, "sign"))
            amount = sign * read_amount(self._cell(row, "amount"), self._form, self._program.scale)
        except Unfit:
            return None, None
        try:
            return amount, self._value(self._cell(row, "value"))
        except Unfit:
            return amount, None

    def _cell(self, row: Row, name: str) -> str:
        return row.cells[self._places[name]] if name in self._places else ""

    def _read(self, row: Row, name: str, reader: Callable[[str], _Value]) -> _Value:
        place = self._places.get(name)
        text = row.cells[place] if place is not None else ""
        try:
            return reader(text)
        except Unfit as unfit:
            header = plain(self._headers[self._places[name]])
            shown = masked("number" if name == "member" else name, text)
            raise _Broken(BrokenRow(row.line, header, str(unfit), shown)) from unfit

    def _amount(self, text: str) -> int:
        """Signed as the file signs it."""
        amount = int(text) if self._is_plain(text) else self._read_amount(text, self._program.scale)
        if not amount and not self._correcting:
            raise Unfit("is zero")
        if abs(amount) > AMOUNT_MAX:
            raise Unfit("is larger than any movement can be")
        if amount < 0 and "sign" in self._places:
            raise Unfit("has a sign, although another column says which way it went")
        return amount

    def _is_plain(self, text: str) -> bool:
        return not self._program.scale and _DIGITS.fullmatch(text) is not None

    def _read_amount(self, text: str, scale: int) -> int:
        written = text.strip()
        if not written.isascii() and not (self._form.full_width_digits and _is_full_width(written)):
            raise Unfit("is not written in plain digits")
        if written[:1] in {"=", "@", "+"}:
            raise Unfit("is a formula")
        return read_amount(text, self._form, scale)

    def _value(self, text: str) -> int:
        """Micro-CNY; zero: none stated."""
        if not text.strip():
            return 0
        value = self._read_amount(text, MONEY_SCALE)
        if abs(value) > VALUE_MAX:
            raise Unfit("is larger than any movement can be")
        return value

    def _read_sign(self, text: str) -> int:
        gains = self._gains.get(_word(_plain(text)))
        if gains is None:
            raise Unfit("is a sign that the configuration does not know")
        return 1 if gains else -1

    def _read_status(self, text: str) -> bool:
        if "status" not in self._places:
            return True
        booked = self._booked.get(_word(_plain(text)))
        if booked is None:
            raise Unfit("is a status that the configuration does not know")
        return booked

    def _read_day(self, text: str) -> date:
        day = read_day(_plain(text), self._form.dates)
        first, last = self._period
        if not first <= day <= last:
            reason = f"is not within {first} to {last}"
            raise Unfit(reason)
        return day


def words(yes: tuple[str, ...], no: tuple[str, ...]) -> Mapping[str, bool]:
    """What the words of a brand's file mean."""
    return {_word(text): True for text in yes} | {_word(text): False for text in no}


def our_reference(written: str) -> str:
    """Our ids in one spelling, whatever the brand makes of them; of an instruction, the exchange's or reversal's."""
    if OWN_ID.fullmatch(written):
        return written
    found = _INSTRUCTION.fullmatch(written)
    try:
        key = UUID(found[1] if found else written)
        reverses = found is not None and found[2].lower() == Operation.REVERSAL
        return str(reversal_id(key, int(found[3] or 0)) if found and reverses else key)
    except ValueError:
        return written


def _in_money(line: Line, value: int) -> Line | None:
    if not value:
        return None
    return Line(money_key(line.key), line.reference, line.key, MONEY, value, line.member, line.day)


def _is_full_width(text: str) -> bool:
    return unicodedata.normalize("NFKC", text).isascii()


def _plain(text: str) -> str:
    """The text. Raises Unfit for what a spreadsheet would run."""
    if unicodedata.normalize("NFKC", text).lstrip(" ").startswith(_FORMULA):
        raise Unfit("is a formula")
    return text


def _optional(text: str) -> str:
    if not text or _SIMPLE.fullmatch(text):
        return text
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
    return our_reference(_optional(text))


def _member(text: str) -> str:
    return read_number(_plain(text)) if text.strip() else ""


def _word(text: str) -> str:
    return plain(text).casefold()
