"""What a check finds.

Exceptions (inside a check only; the run turns each into a result)
├── Shortfall   the brand's system does not do what it has to
├── Skipped     the check makes no sense for this system, and why
└── Undecided   the system has not answered within our patience, though it may still
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NoReturn

from exchange.brand_system import CallRecord


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    OPEN = "open"
    """Not decided within our patience."""


@dataclass(frozen=True, slots=True)
class Result:
    """One check's end, with the messages that led to it."""

    code: str
    group: str
    title: str
    outcome: Outcome
    found: str
    """What was seen, or why it was skipped; empty when it passed."""
    mend: str
    """What the brand's engineers have to do; empty unless it failed."""
    seconds: float
    messages: tuple[CallRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run."""

    program: str
    kind: str
    member: str
    started_at: datetime
    finished_at: datetime
    results: tuple[Result, ...]
    only: tuple[str, ...] = ()
    """The checks and groups that were asked for; none: all."""

    def count(self, outcome: Outcome) -> int:
        """How many checks ended so."""
        return sum(result.outcome is outcome for result in self.results)

    @property
    def good(self) -> bool:
        """Whether nothing that was looked at failed or is open."""
        looked_at = self.count(Outcome.PASSED)
        return looked_at > 0 and self.count(Outcome.FAILED) == 0 and self.count(Outcome.OPEN) == 0

    @property
    def ready(self) -> bool:
        """Whether the brand may go live: all was looked at, and it is good."""
        return self.good and not self.only

    @property
    def verdict(self) -> str:
        """In words."""
        return "ready" if self.ready else "good so far" if self.good else "not ready"


class Shortfall(Exception):
    """The system does not do what it has to; the argument says what it did."""

    def __init__(self, found: str, mend: str | None = None) -> None:
        super().__init__(found)
        self.found = found
        self.mend = mend
        """In place of the check's own advice."""


class Skipped(Exception):
    """The check makes no sense here; the argument says why."""

    outcome = Outcome.SKIPPED


class Undecided(Exception):
    """No answer within our patience; the argument says how long that was."""

    outcome = Outcome.OPEN


def fall_short(found: str, mend: str | None = None) -> NoReturn:
    """End the check: the system does not do what it has to."""
    raise Shortfall(found, mend)


def skip(reason: str) -> NoReturn:
    """End the check: it makes no sense here."""
    raise Skipped(reason)


def give_up(found: str) -> NoReturn:
    """End the check: nobody knows yet."""
    raise Undecided(found)
