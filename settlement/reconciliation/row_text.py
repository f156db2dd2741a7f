"""A movement as rows of COPY's text: one in points, and one in money where the brand says so."""

from typing import Final

from settlement.reconciliation.line import Line
from settlement.reconciliation.row import BrandLine

PLACES_PER_ROW: Final = 2
"""A row has a line in points and may have one in money: its number in the staging is twice the row's, or one more."""

COPIED: Final = ("n", "booked", "key", "reference", "brand_reference", "asset", "amount", "member", "day")

_ESCAPED: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def row_text(it: BrandLine) -> str:
    """Its rows. What the brand has taken back is not booked."""
    booked = "t" if it.booked and it.line.amount else "f"
    text = _text(PLACES_PER_ROW * it.row, booked, it.line, it.line.key)
    return text if it.money is None else text + _text(PLACES_PER_ROW * it.row + 1, booked, it.money, it.line.key)


def _text(n: int, booked: str, line: Line, name: str) -> str:
    texts = (line.key, line.reference, name, line.asset, str(line.amount), line.member, line.day.isoformat())
    return "\t".join((str(n), booked, *(text.translate(_ESCAPED) for text in texts))) + "\n"
