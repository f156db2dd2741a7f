"""A brand's file as rows of cells, read line by line; what cannot be read is told per row wherever that is possible."""

import codecs
import csv
import hashlib
import io
import os
import re
import stat
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TextIO

from core.errors import AgioError
from core.table_errors import EmptyFile, FileUnreadable, ImportRefused, LineTooLong, NotAText, WrongEncoding

LINE_LENGTH_MAX: Final = 20_000
"""Characters of one line."""

ROW_LINES_MAX: Final = 8
"""Lines over which one row may run, within quotation marks."""

_DAMAGED_SHARE: Final = 20
_DAMAGED_FREE: Final = 3

_UTF_16: Final = "utf-16"
_MARKED: Final = "agio.marked"
"""How what cannot be decoded is marked in UTF-16, whose halves of characters `surrogateescape` does not take."""


def _mark_broken(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff", error.end


codecs.register_error(_MARKED, _mark_broken)

_BYTE_ORDER_MARK: Final = "\ufeff"
_LONE: Final = re.compile("[\udc80-\udcff]")
"""What stands for a byte that could not be decoded."""
_NOT_CLOSED: Final = "has a quotation mark that is not closed"


class TableForm(Protocol):
    """How the file is written."""

    @property
    def encoding(self) -> str:
        """Its name in Python."""
        ...

    @property
    def delimiter(self) -> str:
        """One character."""
        ...


class Unimportable(AgioError):
    """The file cannot be imported, for the reason that the refusal gives."""

    def __init__(self, refusal: ImportRefused) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank."""

    line: int
    """Where it begins, from 1."""
    cells: tuple[str, ...]
    """Bytes that cannot be decoded stand as lone surrogates."""
    fault: str = ""
    """Why its cells are not to be trusted, as it follows "the row" in a sentence; empty: they are."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds, as found by reading all of it."""

    headers: tuple[str, ...]
    row_count: int
    """Without the headers."""
    digest: str
    """Of its bytes: SHA-256, hexadecimal."""


@contextmanager
def open_table(path: Path) -> Iterator[io.FileIO]:
    """The regular file at `path`. Raises Unimportable."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe without a writer would wait for ever
    except (OSError, ValueError) as error:
        raise Unimportable(FileUnreadable(f"{path}: {getattr(error, 'strerror', None) or error}")) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unimportable(FileUnreadable(f"{path} is not a regular file"))
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        yield file


def survey(file: io.FileIO, form: TableForm) -> Contents:
    """Read all of the file before anything of it is used. Raises Unimportable."""
    found = rows(file, form)
    headers = next(found, None)
    if headers is None:
        raise Unimportable(EmptyFile())
    if damaged(headers.cells):
        raise Unimportable(WrongEncoding(form.encoding, headers.line))
    count = sum(1 for _ in sound(found, form.encoding))
    return Contents(headers.cells, count, digest_of(file))


def digest_of(file: io.FileIO) -> str:
    """SHA-256 of the whole file, hexadecimal."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def sound(found: Iterator[Row], encoding: str) -> Iterator[Row]:
    """The rows as they are. Raises Unimportable at their end when too many of them could not be decoded."""
    count, damaged_count, first = 0, 0, 0
    for row in found:
        count += 1
        if damaged(row.cells):
            damaged_count += 1
            first = first or row.line
        yield row
    if damaged_count > max(_DAMAGED_FREE, count // _DAMAGED_SHARE):
        raise Unimportable(WrongEncoding(encoding, first))


def damaged(cells: tuple[str, ...]) -> bool:
    """Whether bytes in it could not be decoded."""
    text = "".join(cells)
    return not text.isascii() and _LONE.search(text) is not None


def rows(file: io.FileIO, form: TableForm) -> Iterator[Row]:
    """The rows from the beginning, headers included, without blank ones. Raises Unimportable."""
    with text_of(file, form.encoding) as text:
        yield from _rows(_Lines(text), form.delimiter)


@contextmanager
def text_of(file: io.FileIO, encoding: str) -> Iterator[TextIO]:
    """The file as a text from its beginning; what cannot be decoded stands as lone surrogates. Raises Unimportable."""
    file.seek(0)
    if encoding == _UTF_16 and file.read(2) not in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        raise Unimportable(WrongEncoding(encoding, 1))
    file.seek(0)
    descriptor = os.dup(file.fileno())  # at the same place; the text closes its own and leaves the file open
    errors = _MARKED if encoding == _UTF_16 else "surrogateescape"
    try:
        with os.fdopen(descriptor, encoding=encoding, errors=errors, newline="") as text:
            yield text
    except OSError as error:
        raise Unimportable(FileUnreadable(error.strerror or str(error))) from error


def lines_of(file: io.FileIO, encoding: str) -> Iterator[tuple[int, str]]:
    """Its lines that are not blank, without their endings, each with its number from 1. Raises Unimportable."""
    with text_of(file, encoding) as text:
        lines = _Lines(text)
        while line := lines.take():
            if lines.number == 1:
                line = line.removeprefix(_BYTE_ORDER_MARK)
            if line.strip():
                yield lines.number, line.rstrip("\r\n")


class _Lines:
    """Lines with their numbers; those that were looked at in vain are given again."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._waiting: deque[str] = deque()
        self._read_count = 0
        self.number = 0
        """Of the line given last."""

    def take(self) -> str:
        """The next line with its ending; empty at the end."""
        self.number += 1
        return self._waiting.popleft() if self._waiting else self._read()

    def look(self, ahead: int) -> str:
        """The line `ahead` lines (from 1) after the last one taken; empty at the end."""
        while len(self._waiting) < ahead:
            self._waiting.append(self._read())
        return self._waiting[ahead - 1]

    def _read(self) -> str:
        self._read_count += 1
        line = self._text.readline(LINE_LENGTH_MAX + 1)
        if len(line) > LINE_LENGTH_MAX:
            raise Unimportable(LineTooLong(self._read_count, LINE_LENGTH_MAX))
        if "\0" in line:
            raise Unimportable(NotAText(self._read_count))
        return line


def _rows(lines: _Lines, delimiter: str) -> Iterator[Row]:
    width = 0
    while line := lines.take():
        if lines.number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if not line.strip():
            continue
        row = _row(lines, line, delimiter, width)
        width = width or len(row.cells)
        if any(cell.strip() for cell in row.cells):
            yield row


def _row(lines: _Lines, line: str, delimiter: str, width: int) -> Row:
    number = lines.number
    spread = _spread_row(lines, line, delimiter, width) if line.count('"') % 2 else None
    cells = spread or _cells(line, delimiter)
    return Row(number, tuple(line.split(delimiter)), _NOT_CLOSED) if cells is None else Row(number, cells)


def _spread_row(lines: _Lines, line: str, delimiter: str, width: int) -> tuple[str, ...] | None:
    """A row that runs over several lines; None, with no line taken, when it does not come out even."""
    text = line
    for ahead in range(1, ROW_LINES_MAX):
        text += (following := lines.look(ahead))
        if following.count('"') % 2:
            cells = _cells(text, delimiter)
            if cells is None or len(cells) != width:
                return None
            for _ in range(ahead):
                lines.take()
            return cells
    return None


def _cells(text: str, delimiter: str) -> tuple[str, ...] | None:
    try:
        return tuple(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)))
    except csv.Error:
        return None
