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
        self._places = column_places(asdict(form.columns), headers)
        self._pattern = re.compile(_line(program, form, headers, self._places))
        named = sorted(self._places, key=self._places.__getitem__)
        self._order = {name: place for place, name in enumerate(named)}

    @staticmethod
    def can_read(form: StatementFile) -> bool:
        """Whether rows are written so that this helps."""
        columns = form.columns
        return not (columns.sign or columns.value) and DateForm.ISO in form.dates and form.decimal_mark == "."

    def of(self, number: int, lines: str) -> Rows | None:
        """The rows of whole lines, the first of which has this number; None: at least one is written otherwise."""
        found = self._pattern.findall(lines)
        if len(found) != lines.count("\n") + (not lines.endswith("\n")):
            return None
        cells = dict(zip(self._order, zip(*found, strict=True), strict=True)) if len(self._order) > 1 else {}
        try:
            return self._rows(number, cells) if cells else None
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
    """The pattern of a whole line, a group for each column that means something."""
    delimiter = re.escape(form.delimiter)
    whole = (
        r"(?:[1-9][0-9]{0,12})" if not program.scale else rf"(?!0+\.0+(?![0-9]))[0-9]{{1,9}}\.[0-9]{{{program.scale}}}"
    )
    named = {place: name for name, place in places.items()}
    patterns = _PATTERNS | {"amount": f"-?{whole}", "status": rf"[^{delimiter}\r\n]*"}
    cells = [
        f"({patterns[named[place]]})" if place in named else rf"[^{delimiter}\r\n]*" for place in range(len(headers))
    ]
    return rf"(?m)^{delimiter.join(cells)}\r?$"
