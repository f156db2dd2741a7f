"""Text files: with headers and a delimiter, or with everything in its place in the line."""

from collections.abc import Iterator
from io import FileIO
from itertools import islice
from typing import Final

from brands import StatementFile, Unit
from core.table import Row, Unimportable, damaged, digest_of, lines_of, rows
from core.table_errors import EmptyFile, WrongEncoding
from settlement.reconciliation.forms.plain_text import blocks, look
from settlement.reconciliation.forms.source import wanted_columns

_MARK: Final = "mark"


class Delimited:
    """A text with a line of headers. Raises Unimportable."""

    def __init__(self, file: FileIO, form: StatementFile) -> None:
        self._file, self._form = file, form
        first = next(rows(file, form), None)
        if first is None:
            raise Unimportable(EmptyFile())
        if damaged(first.cells):
            raise Unimportable(WrongEncoding(form.encoding, first.line))
        self.headers = first.cells
        self.plain = look(file, form)
        """What was seen of it, where every line is a row."""
        self.digest = self.plain.digest if self.plain else digest_of(file)

    def rows(self) -> Iterator[Row]:
        """All rows below the headers."""
        return islice(rows(self._file, self._form), 1, None)

    def blocks(self) -> Iterator[tuple[int, str]]:
        """Its lines, the headers included, many at a time, with the number of the first one; only of a plain text."""
        for number, block in blocks(self._file, self._form):
            assert block is not None, "it was looked at before"
            yield number, block


class Fixed:
    """A text of lines in which everything has its place."""

    def __init__(self, file: FileIO, form: StatementFile) -> None:
        self._file, self._form = file, form
        columns = wanted_columns(form)
        self.headers = (_MARK, *columns)
        self.digest = digest_of(file)
        spans = [tuple(map(int, column.split("-"))) for column in columns]
        self._spans = [slice(first - 1, last) for first, last in spans]
        self._length = max(last for _, last in spans)

    def rows(self) -> Iterator[Row]:
        """All lines."""
        cut = self._by_bytes if self._form.unit is Unit.BYTES else self._by_characters
        short = f"is shorter than {self._length} {self._form.unit}"
        for number, line in lines_of(self._file, self._form.encoding):
            cells = cut(line)
            yield Row(number, cells) if cells else Row(number, (line,), short)

    def _by_characters(self, line: str) -> tuple[str, ...]:
        if len(line) < self._length:
            return ()
        return (line[: len(self._form.control.mark)], *(line[span].strip() for span in self._spans))

    def _by_bytes(self, line: str) -> tuple[str, ...]:
        encoding = self._form.encoding
        written = line.encode(encoding, "surrogateescape")
        if len(written) < self._length:
            return ()
        cells = (written[span].decode(encoding, "surrogateescape").strip() for span in self._spans)
        return (line[: len(self._form.control.mark)], *cells)
