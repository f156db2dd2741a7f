"""What month-end may answer in place of doing what it was asked.

Refusal                   (values)
├── MonthNotBegun         the month lies in the future
├── RollForwardDiffers    opening and lines do not lead to the closing that the ledger has
├── EstimateUnusable      the figures contradict each other
├── EstimateTooEarly      months that were reported would change
├── EstimateNotFound      there is no such version
├── EstimateDecided       it has been decided on, otherwise or by somebody else
└── ProposerDecides       whoever proposed an estimate cannot approve it
"""

from dataclasses import dataclass

from core.amounts import format_amount
from core.errors import Refusal
from settlement.month_end.month import Month


@dataclass(frozen=True, slots=True)
class MonthNotBegun(Refusal):
    """The month lies in the future."""

    month: Month

    @property
    def message(self) -> str:
        """Which month."""
        return f"{self.month} has not begun."


@dataclass(frozen=True, slots=True)
class RollForwardDiffers(Refusal):
    """Opening and lines do not lead to the closing that the ledger has."""

    program: str
    scale: int
    month: Month
    explained: int
    """Where opening and lines lead."""
    closing: int
    """What the issued account says."""
    in_being: int
    """What all other accounts of the points hold."""

    @property
    def message(self) -> str:
        """The three figures that should be one."""
        found = (format_amount(it, self.scale) for it in (self.explained, self.closing, self.in_being))
        return (
            f"{self.program} {self.month}: the lines lead to {next(found)}, the issued account says {next(found)}, "
            f"members and others hold {next(found)}."
        )


@dataclass(frozen=True, slots=True)
class EstimateUnusable(Refusal):
    """The figures contradict each other: all must be positive, and no more points expected than there are."""


@dataclass(frozen=True, slots=True)
class EstimateTooEarly(Refusal):
    """Months that were reported would change: a new expectation is caught up with in the month that learns of it."""

    from_month: Month
    earliest: Month
    """The first month from which it may hold."""

    @property
    def message(self) -> str:
        """Both months."""
        return (
            f"An estimate from {self.from_month} on comes too late: what was reported before {self.earliest} stays. "
            f"Let it begin with {self.earliest} or later; that month then catches up with the difference."
        )


@dataclass(frozen=True, slots=True)
class EstimateNotFound(Refusal):
    """There is no such version of the program's estimate."""

    version: int


@dataclass(frozen=True, slots=True)
class EstimateDecided(Refusal):
    """It has been decided on, otherwise or by somebody else."""

    version: int
    decided_by: str


@dataclass(frozen=True, slots=True)
class ProposerDecides(Refusal):
    """Whoever proposed an estimate cannot approve it."""

    subject: str
