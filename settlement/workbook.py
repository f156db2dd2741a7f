"""A workbook (Office Open XML) that is written as it grows: one sheet after the other, a row at a time.

Texts stand in their cells, never formulas, and no cell is kept; the order of the sheets in the workbook is that in
which they are named, not that in which they are written. The same rows are the same bytes: nothing tells the time but
what is handed in.
"""

import re
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from io import BufferedIOBase
from typing import IO, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

WRITER: Final = f"sheets 1, zipfile {sys.version_info.major}.{sys.version_info.minor}, zlib {zlib.ZLIB_RUNTIME_VERSION}"
"""What decides on the bytes besides the rows."""

PLAIN, BOLD, AMOUNT = range(3)
"""The styles of cells: as it comes, a heading, an amount with six decimals."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's name and looks."""

    name: str
    widths: Sequence[int]
    """Of the first columns, in characters."""
    frozen: bool = False
    """Whether the first row stays in sight."""


class Workbook:
    """Written to a file that need not be able to go back. One sheet is open at a time."""

    def __init__(self, file: BinaryIO) -> None:
        self._outlet = _Outlet(file)
        self._zip = ZipFile(self._outlet, "w", ZIP_DEFLATED)
        self._part: IO[bytes] | None = None
        self._row = 0
        self._sheets = 0

    def open(self, sheet: Sheet) -> None:
        """Begin the next sheet, and end the one before."""
        self._end_sheet()
        self._sheets += 1
        self._row = 0
        self._part = self._zip.open(_part(f"xl/worksheets/sheet{self._sheets}.xml"), "w")
        self._part.write(_sheet_head(sheet).encode())

    def rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows of cells, each as one of the functions below made it: without its address."""
        assert self._part is not None, "a sheet is open"
        first = self._row + 1
        self._row += len(rows)
        self._part.write("".join([_row(first + place, cells) for place, cells in enumerate(rows)]).encode())

    def finish(self, sheets: Sequence[tuple[str, int]], title: str, dated: datetime) -> None:
        """The rest of the file; `sheets`: names in the order of the workbook, each with its place among those opened.

        Raises OSError when the file cannot be written to.
        """
        self._end_sheet()
        self._write("[Content_Types].xml", _content_types(len(sheets)))
        self._write("_rels/.rels", _RELATIONS)
        self._write("docProps/core.xml", _properties(title, dated))
        self._write("xl/workbook.xml", _book(sheets))
        self._write("xl/_rels/workbook.xml.rels", _book_relations(len(sheets)))
        self._write("xl/styles.xml", _STYLES)
        self._zip.close()

    def discard(self) -> None:
        """Let go of what is unfinished: nothing more reaches the file."""
        self._outlet.closed_to_all = True
        if self._part is not None:
            self._part.close()
        self._zip.close()

    def _end_sheet(self) -> None:
        if self._part is not None:
            self._part.write(b"</sheetData></worksheet>")
            self._part.close()
            self._part = None

    def _write(self, name: str, content: str) -> None:
        self._zip.writestr(_part(name), content.encode())


def text(value: str, style: int = PLAIN) -> str:
    """A cell with a text, whatever it begins with; nothing where there is none."""
    return f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{_escaped(value)}</t></is></c>' if value else ""


def number(value: str) -> str:
    """A cell with an amount, given as a decimal."""
    return f' s="{AMOUNT}"><v>{value}</v></c>'


class _Outlet(BufferedIOBase):
    """Lets nothing through any more once it is closed to all."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.closed_to_all = False

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        return len(content) if self.closed_to_all else self._file.write(content)


_COLUMNS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _row(place: int, cells: Sequence[str]) -> str:
    found = "".join([f'<c r="{column}{place}"{cell}' for column, cell in zip(_COLUMNS, cells, strict=False) if cell])
    return f'<row r="{place}">{found}</row>'


@lru_cache(maxsize=4_096)
def _escaped(value: str) -> str:
    return _UNPRINTABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", escape(value, quote=False))


_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML cannot hold, and what would be read back as such a letter."""


def _part(name: str) -> ZipInfo:
    part = ZipInfo(name)  # of the first day that such a file knows
    part.compress_type = ZIP_DEFLATED
    return part


_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_KINDS: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _sheet_head(sheet: Sheet) -> str:
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' if sheet.frozen else ""
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate(sheet.widths, 1)
    )
    views = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    return f'{_HEAD}<worksheet xmlns="{_MAIN}">{views}<cols>{columns}</cols><sheetData>'


def _content_types(sheets: int) -> str:
    parts = [("/xl/workbook.xml", f"{_KINDS}.sheet.main+xml"), ("/xl/styles.xml", f"{_KINDS}.styles+xml")]
    parts += [(f"/xl/worksheets/sheet{place}.xml", f"{_KINDS}.worksheet+xml") for place in range(1, sheets + 1)]
    parts.append(("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"))
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    named = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts)
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{defaults}{named}</Types>'


def _relations(*targets: tuple[str, str]) -> str:
    found = "".join(
        f'<Relationship Id="rId{place}" Type="{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{found}</Relationships>'


_RELATIONS: Final = _relations(
    (f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
    (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
)


def _book_relations(sheets: int) -> str:
    found = [(f"{_OFFICE}/worksheet", f"worksheets/sheet{place}.xml") for place in range(1, sheets + 1)]
    return _relations(*found, (f"{_OFFICE}/styles", "styles.xml"))


def _book(sheets: Sequence[tuple[str, int]]) -> str:
    found = "".join(f'<sheet name="{escape(name)}" sheetId="{place}" r:id="rId{place}"/>' for name, place in sheets)
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{found}</sheets></workbook>'


def _properties(title: str, dated: datetime) -> str:
    at = f'<dcterms:created xsi:type="dcterms:W3CDTF">{dated.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</dcterms:created>'
    spaces = (
        f'xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    return f"{_HEAD}<cp:coreProperties {spaces}><dc:title>{_escaped(title)}</dc:title>{at}</cp:coreProperties>"


_FACE: Final = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
_STYLES: Final = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.000000"/></numFmts>'
    f'<fonts count="2"><font>{_FACE}</font><font><b/>{_FACE}</font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
