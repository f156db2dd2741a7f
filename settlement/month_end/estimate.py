"""Estimates: what finance put aside for a program's points, and how many it expects to be redeemed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from settlement.month_end.month import Month


class EstimateDecision(StrEnum):
    """What became of a proposed estimate."""

    APPROVED = "APPROVED"
    """It holds."""
    REJECTED = "REJECTED"
    """It never held."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """All figures are totals since the beginning of the books, so that each version replaces the one before."""

    id: UUID
    program_id: UUID
    version: int
    """From 1, for each program."""
    from_month: Month
    """The first month for which it holds."""
    allocated_fen: int
    """The part of all prices that was put aside for points."""
    points: int
    """The points for which it was put aside, in minor units."""
    expected: int
    """How many of them will ever be redeemed, in minor units."""
    proposed_by: str
    proposed_at: datetime
    proposed_reason: str
    decision: EstimateDecision | None
    """The decision's fields are None while it is open."""
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None

    @property
    def breakage(self) -> int:
        """The points that nobody is expected to redeem, in minor units."""
        return self.points - self.expected


def in_force(estimates: Iterable[Estimate], month: Month) -> Estimate | None:
    """The estimate that holds in a month: the approved one that begins last, and of these the latest version."""
    holding = [it for it in estimates if it.decision is EstimateDecision.APPROVED and it.from_month <= month]
    return max(holding, key=lambda it: (it.from_month, it.version), default=None)
