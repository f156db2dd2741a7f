"""JSON: one document with its rows in it, read a row at a time, or a document on each line."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from io import FileIO
from typing import Any, Final, TextIO

from brands import StatementFile
from brands.adapter.templates import compiled
from core.table import Row, Unimportable, digest_of, lines_of, text_of
from core.table_errors import NotThatForm
from settlement.reconciliation.forms.source import control_columns, wanted_columns

VALUE_LENGTH_MAX: Final = 1_000_000
"""Characters of one row, or of everything around the rows together."""

_CHUNK: Final = 65_536
_FORM: Final = "JSON"
_MARK: Final = "mark"
_BYTE_ORDER_MARK: Final = "\ufeff"


class _TwiceNamed(ValueError):
    """An object has one name twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceNamed("has a name twice")
    return found


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=Decimal)


class _Columns:
    """Evaluates the configuration's expressions."""

    def __init__(self, form: StatementFile) -> None:
        self._form = form
        names = wanted_columns(form)
        self.headers = (_MARK, *names)
        self._expressions = [compiled(name) for name in names]

    def row(self, number: int, found: Any, mark: str = "") -> Row:
        """An object as a row."""
        if not isinstance(found, dict):
            return Row(number, (mark,), "is not an object")
        return Row(number, (mark, *(self._text(expression.search(found)) for expression in self._expressions)))

    def _text(self, value: Any) -> str:
        """A value as the configuration says that amounts are written."""
        if value is None or isinstance(value, str):
            return value or ""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, Decimal | float | int):
            return format(Decimal(str(value)), "f").replace(".", self._form.decimal_mark)
        return json.dumps(value, ensure_ascii=False, default=str)


class Lines:
    """A document on each line; the control row is the one that has the mark as a name."""

    def __init__(self, file: FileIO, form: StatementFile) -> None:
        self._file, self._form = file, form
        self._columns = _Columns(form)
        self.headers = self._columns.headers
        self.digest = digest_of(file)

    def rows(self) -> Iterator[Row]:
        """All lines."""
        mark = self._form.control.mark
        for number, line in lines_of(self._file, self._form.encoding):
            try:
                found = _DECODER.decode(line)
            except _TwiceNamed as error:
                yield Row(number, ("",), str(error))
            except (ValueError, RecursionError):
                yield Row(number, ("",), "is not a JSON document")
            else:
                controls = isinstance(found, dict) and mark in found
                yield self._columns.row(number, found, mark if controls else "")


class Document:
    """One document; its control figures are found from its top, in which the rows are left out.

    The control row comes last, whatever the configuration says, with the number after the last row's; rows are numbered
    from 1, since lines mean nothing in a document.
    """

    def __init__(self, file: FileIO, form: StatementFile) -> None:
        self._file, self._form = file, form
        self._columns = _Columns(form)
        self.headers = self._columns.headers
        self.digest = digest_of(file)

    def rows(self) -> Iterator[Row]:
        """All rows, then the control row."""
        around: dict[str, Any] = {}
        number = 0
        with text_of(self._file, self._form.encoding) as text:
            for found in _Scanner(text, self._form).rows(around):
                number += 1
                yield found if isinstance(found, Row) else self._columns.row(number, found)
        yield self._control(number + 1, around)

    def _control(self, number: int, around: Mapping[str, Any]) -> Row:
        row = self._columns.row(number, dict(around), self._form.control.mark)
        figures = set(control_columns(self._form.control).values())
        cells = (cell if name in figures else "" for name, cell in zip(self.headers[1:], row.cells[1:], strict=True))
        return Row(number, (self._form.control.mark, *cells))


class _Scanner:
    """Walks to the rows by their names, and keeps what stands around them."""

    def __init__(self, text: TextIO, form: StatementFile) -> None:
        self._text = text
        self._path = form.rows.split(".") if form.rows else []
        self._buffer = ""
        self._place = 0
        self._ended = False

    def rows(self, around: dict[str, Any]) -> Iterator[Any]:
        """The rows; `around` is filled with the rest of the document. Raises Unimportable."""
        if self._peek() == _BYTE_ORDER_MARK:
            self._place += 1
        yield from self._value(self._path, around)
        if self._peek():
            raise _broken("something follows after its end")

    def _value(self, path: list[str], around: dict[str, Any]) -> Iterator[Any]:
        if not path:
            yield from self._array()
            return
        self._take("{")
        found = False
        while self._peek() != "}":
            name = self._decoded()
            self._take(":")
            if name == path[0] and not found:
                found = True
                inner = around.setdefault(name, {}) if len(path) > 1 else {}
                yield from self._value(path[1:], inner)
            elif not isinstance(name, str) or name in around or name == path[0]:
                raise _broken("a name is there twice, or is none")
            else:
                around[name] = self._decoded()
            self._comma("}")
        self._take("}")
        if not found:
            raise _broken("it has no rows where they should be")

    def _array(self) -> Iterator[Any]:
        self._take("[")
        while self._peek() != "]":
            yield self._decoded()
            self._comma("]")
        self._take("]")

    def _comma(self, end: str) -> None:
        if self._peek() != end:
            self._take(",")
            if self._peek() == end:
                raise _broken("a comma stands before an end")

    def _take(self, wanted: str) -> None:
        if self._peek() != wanted:
            reason = f"{wanted!r} is missing: it is cut off or damaged"
            raise _broken(reason)
        self._place += 1

    def _peek(self) -> str:
        while True:
            while self._place < len(self._buffer) and self._buffer[self._place] in " \t\r\n":
                self._place += 1
            if self._place < len(self._buffer):
                return self._buffer[self._place]
            if not self._more():
                return ""

    def _decoded(self) -> Any:
        self._peek()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._buffer, self._place)
            except _TwiceNamed as error:
                raise _broken("an object has a name twice") from error
            except (ValueError, RecursionError) as error:
                if not self._more():
                    raise _broken("it is cut off or damaged") from error
                continue
            if end == len(self._buffer) and self._more():  # a number may go on
                continue
            self._place = end
            return found

    def _more(self) -> bool:
        if len(self._buffer) - self._place > VALUE_LENGTH_MAX:
            raise _broken("a row is longer than any row can be, or damaged")
        read = self._text.read(_CHUNK)
        self._buffer, self._place = self._buffer[self._place :] + read, 0
        return bool(read)


def _broken(reason: str) -> Unimportable:
    return Unimportable(NotThatForm(_FORM, reason))
