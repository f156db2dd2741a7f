"""Every expected "no" to reversals and to decisions of cases. Amounts are minor units of the program's points.

Refusal
├── UnknownExchange         no such exchange, or none of yours
├── NotReversible           (state) it is not completed
├── ReversalUnderWay        (sequence) another one has not ended
├── ReversalTooMuch         (left) more than is left of it
├── PointsSpent             (needed, available) the member has spent them
├── ReversalUnsupported     (program, whole_only) the brand's system cannot
├── ReversalTooLate         (program, until) the brand's window has passed
├── UnknownReversal         no such reversal waits for a decision
├── UnknownCase             no such case
├── CaseClosed              (closed_as)
├── ActionNotAllowed        (allowed)
├── AlreadyProposed         (action, proposed_by)
├── NothingProposed
├── ReasonMissing           the step has to be explained
├── SamePerson              (subject) whoever proposed cannot approve
└── EvidenceChanged         (digest) what was proposed is not what is there now
"""

from dataclasses import dataclass
from datetime import datetime

from core.errors import Refusal


@dataclass(frozen=True, slots=True)
class UnknownExchange(Refusal):
    """There is no such exchange."""


@dataclass(frozen=True, slots=True)
class NotReversible(Refusal):
    """Only a completed exchange can be taken back."""

    state: str


@dataclass(frozen=True, slots=True)
class ReversalUnderWay(Refusal):
    """Another reversal of the exchange has not ended yet."""

    sequence: int


@dataclass(frozen=True, slots=True)
class ReversalTooMuch(Refusal):
    """That is more than is left of the exchange."""

    left: int
    """Of the target's points."""


@dataclass(frozen=True, slots=True)
class PointsSpent(Refusal):
    """The member has spent some of the points; less can still be taken back."""

    needed: int
    available: int


@dataclass(frozen=True, slots=True)
class ReversalUnsupported(Refusal):
    """The brand's system cannot take this back."""

    program: str
    whole_only: bool
    """Whether it could take back the whole."""


@dataclass(frozen=True, slots=True)
class ReversalTooLate(Refusal):
    """The brand's system takes nothing back any more."""

    program: str
    until: datetime


@dataclass(frozen=True, slots=True)
class UnknownReversal(Refusal):
    """No such reversal waits for a decision."""


@dataclass(frozen=True, slots=True)
class UnknownCase(Refusal):
    """There is no such case."""


@dataclass(frozen=True, slots=True)
class CaseClosed(Refusal):
    """The case is closed."""

    closed_as: str


@dataclass(frozen=True, slots=True)
class ActionNotAllowed(Refusal):
    """The case cannot be settled like this."""

    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlreadyProposed(Refusal):
    """Something was proposed already and waits for a second person."""

    action: str
    proposed_by: str


@dataclass(frozen=True, slots=True)
class NothingProposed(Refusal):
    """Nothing waits for a second person."""


@dataclass(frozen=True, slots=True)
class ReasonMissing(Refusal):
    """The step has to be explained: give a reason."""


@dataclass(frozen=True, slots=True)
class SamePerson(Refusal):
    """Whoever proposed it cannot approve it."""

    subject: str


@dataclass(frozen=True, slots=True)
class EvidenceChanged(Refusal):
    """What you decide on is not what is there now; look again."""

    digest: str
    """Of what is there now."""
