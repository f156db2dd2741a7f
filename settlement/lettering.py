"""The letters of printed pages: Noto Sans CJK, cut down to the characters that are needed.

The whole font has 65,000 glyphs and is slow to cut; a cut serves all pages of a window. Which characters are in the
cut depends on the texts alone, so that the same pages come out the same. What horizontal lines of text do not need is
left unread, and each glyph gets its parts in place: to sort 29,000 shared parts takes longer than all the rest.
"""

from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from settlement.capitals import LETTERS

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

SIMPLIFIED_CHINESE: Final = 2
"""The collection's face whose shapes are those of mainland China; it has the other scripts' characters as well."""

CUT: Final = 3
"""How fonts are cut and pages are set; another number, other bytes."""

_UNREAD: Final = ("BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx")
"""Tables of vertical text, kerning and variants."""

_WHOLE_UNICODE: Final = (3, 10)
"""The one character map that has all characters: platform and encoding."""

_ALWAYS: Final = frozenset(
    {*map(chr, range(0x20, 0x7F)), *"结算单参与方清算期初贷借末结转签字付款日账户开户行大写…", *LETTERS}
)
"""What the form itself prints: ASCII, and its own labels."""


def cut(texts: Iterable[str]) -> bytes:
    """A font file with the letters of the texts and of the form. A character that the font lacks becomes a box."""
    return _cut(frozenset().union(*texts) | _ALWAYS)


@lru_cache(maxsize=8)
def _cut(characters: frozenset[str]) -> bytes:
    # A tenth of a second that only those pay who print.
    from fontTools import subset  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # noqa: PLC0415
    from noto_cjk_sans_otc import FONT_PATH  # noqa: PLC0415

    font = TTFont(Path(str(FONT_PATH)), fontNumber=SIMPLIFIED_CHINESE, lazy=True, recalcTimestamp=False)
    with font:
        font.recalcBBoxes = False
        _strip(font)
        cutter = subset.Subsetter(subset.Options(notdef_outline=True, layout_features=[], desubroutinize=True))
        cutter.populate(unicodes=sorted(map(ord, characters)))
        cutter.subset(font)
        font["CFF "].cff.remove_hints()
        file = BytesIO()
        font.save(file)
    return file.getvalue()


def _strip(font: "TTFont") -> None:
    for tag in _UNREAD:
        if tag in font:
            del font[tag]
    maps = font["cmap"]
    maps.tables = [it for it in maps.tables if (it.platformID, it.platEncID) == _WHOLE_UNICODE]
