"""A printed document: A4, one typeface, tables that go on from page to page, a foot with `page x of y`."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import Final

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos
from fpdf.fonts import TTFFont

FAMILY: Final = "letters"
LINE_MM: Final = 5.2
MARGIN_MM: Final = 18
FOOT_MM: Final = 16
GREY: Final = 110
WIDTH_MM: Final = 210 - 2 * MARGIN_MM

Column = tuple[float, Align]
"""Width in millimetres, and the side at which its text stands."""


class Document(FPDF):
    """Pages under construction. `font`: a font file, see `lettering.cut`. Dated once, so that bytes can be the same."""

    def __init__(self, font: bytes, title: str, foot: str, dated: datetime) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self._folder = TemporaryDirectory(prefix="agio-letters-")
        path = f"{self._folder.name}/letters.otf"
        with open(path, "wb") as file:  # noqa: PTH123 - a path of our own making
            file.write(font)
        self.add_font(FAMILY, fname=path)
        self._typeface().ttfont.recalcBBoxes = False
        self.set_creation_date(dated)
        self.set_title(title)
        self.set_producer("agio")
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=FOOT_MM + LINE_MM)
        self.letters(9)
        self.add_page()

    def footer(self) -> None:
        """Whose page, and which one of how many."""
        self.set_y(-FOOT_MM)
        self.letters(7, GREY)
        self.cell(WIDTH_MM - 30, LINE_MM, self.foot)
        self.cell(30, LINE_MM, f"page {self.page_no()} of {{nb}}", align=Align.R)

    def finished(self) -> bytes:
        """The file."""
        content = bytes(self.output())
        self._typeface().close()
        self._folder.cleanup()
        return content

    def _typeface(self) -> TTFFont:
        letters = self.fonts[FAMILY]
        assert isinstance(letters, TTFFont), "core fonts are not used"
        return letters

    def letters(self, size: float, grey: int = 0) -> None:
        """Points, and how light: 0 is black."""
        self.set_font(FAMILY, size=size)
        self.set_text_color(grey)

    def say(self, text: str, size: float = 9, grey: int = 0, *, align: Align = Align.L) -> None:
        """A paragraph."""
        self.letters(size, grey)
        self.multi_cell(0, size * 0.6, printable(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def rule(self) -> None:
        """A line across the page, and some room."""
        self.ln(1.5)
        self.set_draw_color(GREY)
        self.line(MARGIN_MM, self.get_y(), MARGIN_MM + WIDTH_MM, self.get_y())
        self.ln(2.5)

    def table(  # type: ignore[override]
        self, columns: Sequence[Column], heading: Sequence[str], rows: Sequence[Sequence[str]], size: float = 8
    ) -> None:
        """Rows beneath a heading that every page repeats; text that does not fit ends in an ellipsis."""
        self.row(columns, heading, size - 1, GREY)
        for cells in rows:
            if self.will_page_break(LINE_MM):
                self.add_page()
                self.row(columns, heading, size - 1, GREY)
            self.row(columns, cells, size)

    def row(self, columns: Sequence[Column], cells: Sequence[str], size: float = 8, grey: int = 0) -> None:
        """One row of a table."""
        self.letters(size, grey)
        for (width, align), text in zip(columns, cells, strict=True):
            self.cell(width, LINE_MM, self._fitting(printable(text), width - 2), align=align)
        self.ln(LINE_MM)

    def keep_together(self, height_mm: float) -> None:
        """Begin another page unless there is so much room on this one."""
        if self.will_page_break(height_mm):
            self.add_page()

    def _fitting(self, text: str, width: float) -> str:
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(f"{text}…") > width:
            text = text[:-1]
        return f"{text}…"


def printable(text: str) -> str:
    """The text without what controls printers or turns directions round: a blank for each."""
    return "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} else letter for letter in text
    )
