"""Rows of a plain text as rows of COPY, a block at a time: what is written as most rows are is never looked at singly.

A line that is written in any other way goes to the one who reads rows, with whatever it may turn out to be.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import repeat
from typing import Final, TypeAlias

from brands import DateForm, Program, StatementFile
from core.table import Row
from members.cells import Unfit
from members.row import column_places
from settlement.reconciliation.row import BrandLine, Refused, RowReader
from settlement.reconciliation.row_text import row_text

_PATTERNS: Final = {
    "brand_reference": r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}",
    "reference": r"(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})?",
    "asset": r"(?:[0-9A-Za-z][0-9A-Za-z_-]{0,99})?",
    "member": r"[0-9A-Z]{0,64}",
    "day": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
}
"""As the reader of rows would leave it: ours in small letters, members in capital ones."""

Read: TypeAlias = Callable[[Row], BrandLine | Refused]


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows: those of COPY's text, how many there are, and what their amounts come to as the file signs them."""

    text: str
    count: int
    written: int


class PlainRows:
    """Reads the lines of one file."""

    def __init__(self, program: Program, form: StatementFile, headers: tuple[str, ...], reader: RowReader) -> None:
        self._program, self._form, self._reader = program, form, reader
        self._places, self._width = column_places(asdict(form.columns), headers), len(headers)
        self._lines = re.compile(rf"(?:{_line(program, form, headers, self._places)}\r?\n)*+")

    @staticmethod
    def can_read(form: StatementFile) -> bool:
        """Whether rows are written so that this helps."""
        columns, delimiter = form.columns, form.delimiter
        usual = DateForm.ISO in form.dates and form.decimal_mark == "." and not (columns.sign or columns.value)
        return usual and not delimiter.isalnum() and delimiter not in "-_. "

    def of(self, number: int, lines: str) -> Rows | None:
        """The rows of whole lines, the first of which has this number; None: at least one is written otherwise."""
        whole = lines if lines.endswith("\n") else lines + "\n"
        if not self._lines.fullmatch(whole):
            return None
        if "\r" in whole:
            whole = whole.replace("\r\n", "\n")
        cells = whole[:-1].replace("\n", self._form.delimiter).split(self._form.delimiter)
        try:
            return self._rows(number, {name: cells[place :: self._width] for name, place in self._places.items()})
        except Unfit:
            return None

    def _rows(self, number: int, cells: Mapping[str, Sequence[str]]) -> Rows:
        count, keys = len(cells["amount"]), cells["brand_reference"]
        for day in set(cells["day"]):
            self._reader.day(day)
        booked = {text: "t" if self._reader.booked(text) else "f" for text in set(cells.get("status", ()))}
        states = [booked[text] for text in cells["status"]] if "status" in cells else repeat("t", count)
        amounts, written = self._amounts(cells["amount"])
        own = self._program.asset
        assets = [text or own for text in cells["asset"]] if "asset" in cells else repeat(own, count)
        empty = repeat("", count)
        places = map(str, range(2 * number, 2 * (number + count), 2))
        columns = keys, cells.get("reference", empty), keys, assets, amounts, cells.get("member", repeat("", count))
        rows = zip(places, states, *columns, cells["day"], strict=True)
        return Rows("\n".join(map("\t".join, rows)) + "\n", count, written)

    def _amounts(self, texts: Sequence[str]) -> tuple[Sequence[str], int]:
        whole = [text.replace(".", "") for text in texts] if self._program.scale else texts
        amounts = list(map(int, whole))
        if self._form.seen_by_brand:
            return [str(-amount) for amount in amounts], sum(amounts)
        return whole, sum(amounts)


def single(reader: RowReader, number: int, lines: str, delimiter: str) -> Iterator[tuple[BrandLine | Refused, str]]:
    """Each line for itself, with its row of COPY's text."""
    for place, line in enumerate(lines.removesuffix("\n").split("\n"), number):
        read = reader.read(Row(place, tuple(line.removesuffix("\r").split(delimiter))))
        yield read, row_text(read) if isinstance(read, BrandLine) else ""


def _line(program: Program, form: StatementFile, headers: tuple[str, ...], places: Mapping[str, int]) -> str:
    """The pattern of a whole line, without its end."""
    delimiter = re.escape(form.delimiter)
    whole = "[1-9][0-9]{0,12}" if not program.scale else rf"(?!0+\.0+(?![0-9]))[0-9]{{1,9}}\.[0-9]{{{program.scale}}}"
    named = {place: name for name, place in places.items()}
    patterns = _PATTERNS | {"amount": f"-?{whole}"}
    other = rf"[^{delimiter}\r\n]*"
    return delimiter.join(patterns.get(named.get(place, ""), other) for place in range(len(headers)))
