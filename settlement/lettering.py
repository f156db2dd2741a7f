"""The letters of printed pages: Noto Sans CJK, cut down to the characters that are needed.

The whole font has 65,000 glyphs and is slow to cut; a cut serves all pages of a window. Which characters are in the
cut depends on the texts alone, so that the same pages come out the same.
"""

from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from fontTools import subset
from fontTools.ttLib import TTFont
from noto_cjk_sans_otc import FONT_PATH

SIMPLIFIED_CHINESE: Final = 2
"""The collection's face whose shapes are those of mainland China; it has the other scripts' characters as well."""

_ALWAYS: Final = frozenset(map(chr, range(0x20, 0x7F)))


def cut(texts: Iterable[str]) -> bytes:
    """A font file with the letters of the texts and all of ASCII. A character that the font lacks becomes a box."""
    return _cut(frozenset().union(*texts) | _ALWAYS)


@lru_cache(maxsize=8)
def _cut(characters: frozenset[str]) -> bytes:
    font = TTFont(Path(str(FONT_PATH)), fontNumber=SIMPLIFIED_CHINESE, lazy=True, recalcTimestamp=False)
    with font:
        cutter = subset.Subsetter(subset.Options(notdef_outline=True, layout_features=[], hinting=False))
        cutter.populate(unicodes=sorted(map(ord, characters)))
        cutter.subset(font)
        file = BytesIO()
        font.save(file)
    return file.getvalue()
