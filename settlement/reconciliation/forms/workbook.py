"""Workbooks (XLSX), read a row at a time. Formulas stay formulas: what they came to elsewhere is nobody's statement."""

import warnings
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import FileIO
from itertools import islice
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from brands import DateForm, StatementFile
from core.table import Row, Unimportable, digest_of
from core.table_errors import EmptyFile, NotThatForm

UNPACKED_MAX: Final = 2 * 1024**3
"""Bytes of all its parts together, unpacked."""
PACKED_TIMES_MAX: Final = 200
"""How many times larger a part may become when it is unpacked; repeated rows come to 30."""
_PACKED_FREE: Final = 1024**2

_SERIAL_ZERO: Final = date(1899, 12, 30)
_FORM: Final = "a workbook (XLSX)"
_FORMULA: Final = "=formula"


class Workbook:
    """A workbook's sheet. Raises Unimportable."""

    def __init__(self, file: FileIO, form: StatementFile) -> None:
        self._file, self._form = file, form
        self.digest = digest_of(file)
        _check_parts(file)
        first = next(self._rows(), None)
        if first is None:
            raise Unimportable(EmptyFile())
        self.headers = first.cells

    def rows(self) -> Iterator[Row]:
        """All rows below the headers."""
        return islice(self._rows(), 1, None)

    def _rows(self) -> Iterator[Row]:
        from openpyxl import load_workbook  # noqa: PLC0415 - a fifth of a second that every command would pay

        self._file.seek(0)
        width = 0
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about extensions that have nothing to do with cells
                book = load_workbook(self._file, read_only=True, keep_links=False)
                sheet = book[self._form.sheet] if self._form.sheet else book.worksheets[0]
                for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
                    cells = tuple(self._text(value) for value in values)
                    width = width or len(_trimmed(cells))
                    if any(cells):
                        yield Row(number, (*_trimmed(cells), *[""] * (width - len(_trimmed(cells)))))
        except Unimportable:
            raise
        except Exception as error:  # a parser given damaged parts raises anything
            raise Unimportable(NotThatForm(_FORM, _reason(error, self._form))) from error

    def _text(self, value: Any) -> str:
        """A cell as the configuration says that amounts and days are written."""
        if value is None or isinstance(value, str):
            return value or ""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int | float):
            return format(Decimal(repr(value)), "f").removesuffix(".0").replace(".", self._form.decimal_mark)
        if isinstance(value, date):
            day = value.date() if isinstance(value, datetime) else value
            return _written(day, self._form.dates[0])
        return _FORMULA


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Without the empty cells at the end, which a sheet has by chance."""
    filled = max((place for place, cell in enumerate(cells, 1) if cell), default=0)
    return cells[:filled]


def _written(day: date, form: DateForm) -> str:
    match form:
        case DateForm.ISO:
            return day.isoformat()
        case DateForm.COMPACT:
            return f"{day:%Y%m%d}"
        case DateForm.DAY_FIRST:
            return f"{day:%d.%m.%Y}"
        case DateForm.EXCEL:
            return str((day - _SERIAL_ZERO) // timedelta(days=1))


def _check_parts(file: FileIO) -> None:
    try:
        with ZipFile(file) as parts:
            sizes = [(part.file_size, part.compress_size) for part in parts.infolist()]
    except (BadZipFile, OSError) as error:
        raise Unimportable(NotThatForm(_FORM, "it is not one")) from error
    swollen = any(size > _PACKED_FREE + PACKED_TIMES_MAX * packed for size, packed in sizes)
    if swollen or sum(size for size, _ in sizes) > UNPACKED_MAX:
        raise Unimportable(NotThatForm(_FORM, "unpacked it would be larger than any statement is"))


def _reason(error: Exception, form: StatementFile) -> str:
    if isinstance(error, KeyError) and form.sheet:
        return f"it has no sheet {form.sheet!r}"
    return f"it is damaged ({type(error).__name__})"
