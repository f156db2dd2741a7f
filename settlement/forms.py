"""The forms in which a statement is written, and what writes each."""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from importlib.metadata import version
from types import MappingProxyType
from typing import BinaryIO, Final, cast

from settlement.csv_form import CsvForm
from settlement.files import HashingFile
from settlement.json_form import JsonForm
from settlement.lettering import CUT
from settlement.statement import StatementForm
from settlement.workbook import WRITER
from settlement.xlsx_form import XlsxForm


class Format(StrEnum):
    """In which form a statement is written; also the ending of the file's name. In the order of writing."""

    CSV = "csv"
    """For spreadsheets and for keeping: a table of text."""
    JSON = "json"
    """For programs."""
    XLSX = "xlsx"
    """For spreadsheets: a workbook with numbers."""
    PDF = "pdf"
    """For the persons who sign; names the CSV file by its hash."""


PRODUCERS: Final[Mapping[Format, str]] = MappingProxyType(
    {
        Format.CSV: "",
        Format.JSON: "",
        Format.XLSX: WRITER,
        Format.PDF: f"form 2, fpdf2 {version('fpdf2')}, fonttools {version('fonttools')}, letters {CUT}, "
        f"zlib {zlib.ZLIB_RUNTIME_VERSION}",
    }
)
"""What else than the books decides on the bytes; another version may pack the same otherwise. CSV and JSON: nothing."""


@contextmanager
def forms_of(files: Mapping[Format, HashingFile], csv_name: str, font: bytes) -> Iterator[list[StatementForm]]:
    """What writes the files, all four; whatever is unfinished at the end of the block is let go."""
    # Most processes write no statement, and the library for PDF takes a fifth of a second to read.
    from settlement.pdf_form import PdfForm  # noqa: PLC0415 - as above

    opened = {written: cast("BinaryIO", file) for written, file in files.items()}
    with ExitStack() as stack:
        workbook = XlsxForm(opened[Format.XLSX])
        stack.callback(workbook.discard)
        document = PdfForm(opened[Format.PDF], font, csv_name, files[Format.CSV])
        yield [CsvForm(opened[Format.CSV]), JsonForm(opened[Format.JSON]), workbook, document]
