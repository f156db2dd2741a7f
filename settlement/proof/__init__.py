"""From a figure to its lines, and from a line to its transfers, its exchange and the brand's own line."""

from settlement.proof.explaining import BrandLine, Explanation, LineNotFound, explain
from settlement.proof.line_pages import PAGE_MAX, LinePage, LinesWanted, ParticipantNotFound, lines_of

__all__ = [
    "PAGE_MAX",
    "BrandLine",
    "Explanation",
    "LineNotFound",
    "LinePage",
    "LinesWanted",
    "ParticipantNotFound",
    "explain",
    "lines_of",
]
