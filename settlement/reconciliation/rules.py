"""Why lines belong together, and the values in which the rules say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from settlement.reconciliation.line import Line, Tolerance

Tolerances: TypeAlias = Mapping[str, Tolerance]
"""By asset."""


class Rule(StrEnum):
    """Why lines belong together. Names are stored; add, never rename."""

    REFERENCE = "REFERENCE"
    """The brand gives our reference."""
    BRAND_REFERENCE = "BRAND_REFERENCE"
    """We know the brand's reference."""
    MEMBER = "MEMBER"
    """Member, asset, amount and day agree, and nothing else does."""
    SPLIT = "SPLIT"
    """The brand booked one of ours in several parts."""
    BATCH = "BATCH"
    """The brand booked a day of ours in one sum."""
    SUGGESTED = "SUGGESTED"
    """A person accepted a suggestion of lines with the same amount."""
    PERSON = "PERSON"
    """Two persons decided."""


@dataclass(frozen=True, slots=True)
class Found:
    """Lines that belong together; several on one side at most."""

    rule: Rule
    ours: tuple[Line, ...]
    theirs: tuple[Line, ...]

    @property
    def difference(self) -> int:
        """What the brand says more than we do, in minor units."""
        return sum(line.amount for line in self.theirs) - sum(line.amount for line in self.ours)
