"""Texts in which every line is one row: quoted are whole cells at most, and every line can be decoded.

They are read by the block.

A month has a million lines; taken one by one they cost as much as everything that is done with them.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import FileIO
from operator import itemgetter
from typing import Final

from brands import StatementFile
from core.table import LINE_LENGTH_MAX, Row
from settlement.reconciliation.control import is_control

_BLOCK_BYTES: Final = 1 << 18
_BYTE_ORDER_MARK: Final = "\ufeff"
_UNQUOTED: Final = itemgetter(1)
_BY_BYTES: Final = frozenset({"utf-8", "gb18030"})
"""In these, a byte that is the end of a line is nothing else."""


@dataclass(slots=True)
class PlainText:
    """What one look at all of a plain text found; rows are counted from 1, the headers left out."""

    digest: str = ""
    row_count: int = 0
    marked: list[tuple[int, Row]] = field(default_factory=list)
    """Control rows, each with its place among the rows."""
    last: Row | None = None


def look(file: FileIO, form: StatementFile) -> PlainText | None:
    """Look at all of it; None: it is not plain, and has to be read row by row."""
    if form.encoding not in _BY_BYTES or '"' in form.delimiter:
        return None
    mark, blank = _patterns(form)
    found, digest, lines, last = PlainText(), hashlib.sha256(), 0, ""
    for number, block in blocks(file, form, digest):
        if block is None or '"' in block or "\0" in block or block.count("\r") != block.count("\r\n"):
            return None
        if blank.search("\n" + block) or max(map(len, block.split("\n"))) > LINE_LENGTH_MAX:
            return None
        found.marked += _marked(mark, number, block, form)
        lines = number + block.count("\n") - (1 if block.endswith("\n") else 0)
        last = block
    ending = last.rstrip("\r\n").rpartition("\n")[2]
    if not ending.strip():
        return None
    found.digest, found.row_count = digest.hexdigest(), lines - 1
    found.last = _row(lines, ending, form)
    return found


def _marked(mark: re.Pattern[str], number: int, block: str, form: StatementFile) -> Iterator[tuple[int, Row]]:
    for found in mark.finditer("\n" + block):  # so that the start of a line in the block is where the find begins
        start = found.start()
        line = number + block.count("\n", 0, start)
        row = _row(line, block[start : (block.find("\n", start) + 1) or None], form)
        if is_control(row, form):
            yield line - 1, row


def blocks(
    file: FileIO, form: StatementFile, digest: "hashlib._Hash | None" = None
) -> Iterator[tuple[int, str | None]]:
    """Whole lines, many at a time, with the number of the first one; None for what cannot be decoded.

    Cells that are quoted without need are as if they were not.
    """
    file.seek(0)
    rest, number, quoted = b"", 1, _quoted(form.delimiter)
    while True:
        read = file.read(_BLOCK_BYTES)
        if digest is not None:
            digest.update(read)
        rest += read
        end = rest.rfind(b"\n") + 1 if read else len(rest)
        if end:
            text = _decoded(rest[:end], form.encoding)
            if text is not None and number == 1:
                text = text.removeprefix(_BYTE_ORDER_MARK)
            yield number, quoted.sub(_UNQUOTED, text) if text and '"' in text else text
            number += rest.count(b"\n", 0, end)
            rest = rest[end:]
        if not read:
            return


def _decoded(text: bytes, encoding: str) -> str | None:
    try:
        return text.decode(encoding)
    except UnicodeDecodeError:
        return None


# Each pattern begins with one character as it stands: that is what is looked for at the speed of memory.
def _quoted(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    return re.compile(rf'"(?<![^{mark}\n]")([^"{mark}\r\n]*)"(?![^{mark}\r\n])')


def _patterns(form: StatementFile) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What begins a control row, and a row that says nothing; the end of the line before belongs to them."""
    delimiter = re.escape(form.delimiter)
    mark = re.escape(form.control.mark.strip())
    folded = re.escape(unicodedata.normalize("NFKC", form.control.mark).strip())
    # Wider than need be, for what is written in full width: each find is compared as every first cell is.
    begun = re.compile(rf"\n[ \t]*(?:(?i:{mark}|{folded})|[^\x00-\x7f])")
    return begun, re.compile(rf"\n[ \t{delimiter}]*\r?\n")


def _row(line: int, text: str, form: StatementFile) -> Row:
    return Row(line, tuple(text.rstrip("\r\n").split(form.delimiter)))
