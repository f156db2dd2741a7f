"""What settlement may answer in place of doing what it was asked, and what it raises.

Refusal                   (values)
├── WindowNotFound        there is no such window
├── WrongStep             the window is not at the point where this step can be taken
├── SamePerson            whoever submitted cannot also decide
├── ReasonMissing         the step has to be explained
├── FiguresChanged        the figures are not those that were submitted; the submission is void
├── BooksDiffer           lines of the window are not borne out by the exchanges and rights they stand for
├── LaterWindowClosed     a later window already builds on this one
├── CashSeen              money has come in or gone out for the window
├── AbortTooLate          the bank has been told to pay, or everything is paid
├── CutOffImpossible      the instant is not later than the window before, or not past
├── TwoPersonsNeeded      what two persons approved, only two persons take back
├── ModelRefused          what was written about a settlement model cannot be
└── CapInUse              a participant owes more than the new cap already

AgioError
└── BooksBroken           the ledger contradicts the window's figures: tampering, or a bug
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.amounts import format_amount
from core.errors import AgioError, Refusal
from settlement.steps import Status


class BooksBroken(AgioError):
    """The ledger contradicts the window's figures."""


@dataclass(frozen=True, slots=True)
class WindowNotFound(Refusal):
    """There is no such window."""

    window: str


@dataclass(frozen=True, slots=True)
class WrongStep(Refusal):
    """The window is not at the point where this step can be taken."""

    number: int
    status: Status
    needed: Status
    """Where the window would have to be."""

    @property
    def message(self) -> str:
        """Where it is and where it would have to be."""
        return f"Window {self.number} is {self.status}; this step can be taken when it is {self.needed}."


@dataclass(frozen=True, slots=True)
class SamePerson(Refusal):
    """Whoever submitted the window cannot also decide on it."""

    number: int
    subject: str


@dataclass(frozen=True, slots=True)
class ReasonMissing(Refusal):
    """The step has to be explained: give a reason."""


@dataclass(frozen=True, slots=True)
class FiguresChanged(Refusal):
    """The figures are not those that were submitted."""

    number: int
    submitted: str
    """The digest of the figures that were submitted."""
    found: str
    """The digest of the figures found in the books, or the one the checker named."""

    @property
    def message(self) -> str:
        """Both digests, shortened where they differ in what is left."""
        named, found = _shown(self.submitted), _shown(self.found)
        if named == found:
            named, found = self.submitted, self.found
        return f"Window {self.number} was submitted as {named}, but these figures are {found}"


def _shown(digest: str) -> str:
    return f"{digest[:12]}…"


@dataclass(frozen=True, slots=True)
class Difference:
    """One posting of a window that is not what it stands for; amounts in micro-CNY, signed, credit positive."""

    reference: UUID | None
    """The exchange, grant or redemption."""
    participant_id: UUID
    code: int
    """The transfers' code (`core.codes.Code`)."""
    expected: int
    """By the exchange's or right's own record."""
    posted: int
    """In the ledger."""


@dataclass(frozen=True, slots=True)
class BooksDiffer(Refusal):
    """Lines of the window are not borne out by the exchanges and rights they stand for."""

    number: int
    differences: tuple[Difference, ...]
    """The first ones, by reference."""

    @property
    def message(self) -> str:
        """The first difference."""
        first = self.differences[0]
        expected, posted = format_amount(first.expected, 6), format_amount(first.posted, 6)
        return f"Window {self.number}: {first.reference} should have moved CNY {expected} and moved CNY {posted}."


@dataclass(frozen=True, slots=True)
class LaterWindowClosed(Refusal):
    """A later window already builds on this one, so it can no longer be aborted."""

    number: int
    later: int

    @property
    def message(self) -> str:
        """Which one, and what is possible instead."""
        return (
            f"Window {self.later} was closed after window {self.number} and builds on it, so that it can no longer be "
            "given up. A wrong figure is corrected by an adjustment, which is settled with the open window."
        )


@dataclass(frozen=True, slots=True)
class TwoPersonsNeeded(Refusal):
    """What two persons have approved, only two persons take back: propose it."""

    number: int


@dataclass(frozen=True, slots=True)
class ModelRefused(Refusal):
    """What was written about a settlement model cannot be."""

    place: str
    """Which part of it."""
    problem: str

    @property
    def message(self) -> str:
        """Where, and what."""
        return f"{self.place}: {self.problem}"


@dataclass(frozen=True, slots=True)
class CapInUse(Refusal):
    """A participant owes more than the new cap already."""

    participant: str
    used: int
    """Micro-CNY."""

    @property
    def message(self) -> str:
        """Who, and how much."""
        return f"{self.participant} already owes CNY {format_amount(self.used, 6)}, which is more than the new cap."


@dataclass(frozen=True, slots=True)
class CutOffImpossible(Refusal):
    """A window ends after the one before it and not in the future."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AbortTooLate(Refusal):
    """A window can only be given up before the bank is told to pay."""

    number: int
    status: Status

    @property
    def message(self) -> str:
        """Since when, and what is possible instead."""
        since = "everything is paid" if self.status is Status.SETTLED else "the bank has been told to pay"
        return (
            f"Window {self.number} is {self.status}: {since}, so that it can no longer be given up. A wrong figure is "
            "corrected by an adjustment, which is settled with the open window; what a participant does not accept of "
            "a payment that is due is disputed."
        )


@dataclass(frozen=True, slots=True)
class CashSeen(Refusal):
    """Money has come in or gone out for the window, so it can no longer be aborted."""

    number: int
