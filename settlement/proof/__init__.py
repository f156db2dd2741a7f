"""From a figure to its lines, and from a line to its transfers, its exchange and the brand's own line."""

from settlement.proof.balances import InstantAhead, TrialBalance, trial_balance_at
from settlement.proof.explaining import (
    BrandLine,
    BreakBehind,
    Explanation,
    LineElsewhere,
    LineNotFound,
    Within,
    explain,
)
from settlement.proof.line_pages import PAGE_MAX, LinePage, LinesWanted, ParticipantNotFound, lines_of

__all__ = [
    "PAGE_MAX",
    "BrandLine",
    "BreakBehind",
    "Explanation",
    "InstantAhead",
    "LineElsewhere",
    "LineNotFound",
    "LinePage",
    "LinesWanted",
    "ParticipantNotFound",
    "TrialBalance",
    "Within",
    "explain",
    "lines_of",
    "trial_balance_at",
]
