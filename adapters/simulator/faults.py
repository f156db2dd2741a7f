"""What goes wrong, where and how often: ordered by a list of faults, or by the amount of an instruction.

A list is the same every time it runs: chances are drawn from the seed and the number of the call.
"""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from adapters.simulator.orders import Code, Effect, NowPending, Operation, Refused, Stumble


class FaultKind(StrEnum):
    """A way in which a call goes wrong."""

    LATENCY = "latency"
    """The brand waits `seconds` before it acts."""
    SLOW_ANSWER = "slow_answer"
    """The brand acts, and waits `seconds` before it answers."""
    LOST_REQUEST = "lost_request"
    """The connection closes before the brand acts."""
    LOST_ANSWER = "lost_answer"
    """The brand acts, and the connection closes without an answer."""
    BLACK_HOLE = "black_hole"
    """The brand neither acts nor answers; the caller has to give up."""
    DUPLICATE = "duplicate"
    """The request reaches the brand twice; the second answer is the one that is sent."""
    MALFORMED = "malformed"
    """The brand acts, and the answer is no JSON."""
    HALF = "half"
    """The brand acts, and the connection closes in the middle of the answer."""
    TOO_MANY = "too_many"
    """429 with Retry-After (`seconds`, else 1); the brand does not act."""
    ERROR_BEFORE = "error_before"
    """500, and the brand has not acted."""
    ERROR_AFTER = "error_after"
    """500, and the brand has acted."""
    SYSTEM_ERROR = "system_error"
    """The brand notes the instruction, but its books are not reached: it may be sent again."""
    PENDING_SUCCESS = "pending_success"
    """It is decided after `seconds` (else 60) of the brand's clock, in favour."""
    PENDING_FAILURE = "pending_failure"
    """It is decided after `seconds` (else 60) of the brand's clock, against."""
    LATE_SUCCESS = "late_success"
    """No answer, and inquiries find nothing; after `seconds` (else 3,600) of the brand's clock it is booked."""
    MAINTENANCE = "maintenance"
    """503 with Retry-After (`seconds`, else 30); the brand does not act."""
    REFUSE = "refuse"
    """The brand refuses with `code`."""


BEFORE = {
    FaultKind.LOST_REQUEST,
    FaultKind.BLACK_HOLE,
    FaultKind.TOO_MANY,
    FaultKind.ERROR_BEFORE,
    FaultKind.MAINTENANCE,
}
"""Faults with which the brand does not act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, and the calls that it meets: those that fit everything which is given."""

    kind: FaultKind
    operation: Operation | None = None
    reference: str | None = None
    """A reference, or a pattern with * and ?."""
    call: int | None = None
    """Only the n-th of the calls that fit, counted from 1 since the list was set."""
    times: int | None = None
    """At most so often."""
    probability: float = 1
    seed: int = 0
    seconds: float | None = None
    code: Code = Code.MEMBER_INELIGIBLE

    def effect(self) -> Effect:
        """What it makes the brand do with an instruction."""
        match self.kind:
            case FaultKind.SYSTEM_ERROR:
                return Stumble()
            case FaultKind.PENDING_SUCCESS:
                return NowPending(self.seconds_or(60))
            case FaultKind.PENDING_FAILURE:
                return NowPending(self.seconds_or(60), succeeds=False)
            case FaultKind.LATE_SUCCESS:
                return NowPending(self.seconds_or(3600), hidden=True)
            case FaultKind.REFUSE:
                return Refused(self.code)
            case _:
                return None

    def seconds_or(self, usual: float) -> float:
        """How long, when nothing else is said."""
        return usual if self.seconds is None else self.seconds


MAGIC = {
    9001: Fault(kind=FaultKind.REFUSE, code=Code.INSUFFICIENT_BALANCE),
    9002: Fault(kind=FaultKind.REFUSE, code=Code.LIMIT_EXCEEDED),
    9003: Fault(kind=FaultKind.REFUSE, code=Code.MEMBER_INELIGIBLE),
    9004: Fault(kind=FaultKind.REFUSE, code=Code.FRAUD_SUSPECTED),
    9101: Fault(kind=FaultKind.LOST_REQUEST),
    9102: Fault(kind=FaultKind.LOST_ANSWER),
    9103: Fault(kind=FaultKind.MALFORMED),
    9104: Fault(kind=FaultKind.HALF),
    9105: Fault(kind=FaultKind.TOO_MANY),
    9106: Fault(kind=FaultKind.ERROR_BEFORE),
    9107: Fault(kind=FaultKind.ERROR_AFTER),
    9108: Fault(kind=FaultKind.SYSTEM_ERROR),
    9109: Fault(kind=FaultKind.PENDING_SUCCESS),
    9110: Fault(kind=FaultKind.PENDING_FAILURE),
    9111: Fault(kind=FaultKind.LATE_SUCCESS),
    9112: Fault(kind=FaultKind.DUPLICATE),
    9113: Fault(kind=FaultKind.SLOW_ANSWER, seconds=2),
    9114: Fault(kind=FaultKind.BLACK_HOLE),
    9115: Fault(kind=FaultKind.MAINTENANCE),
}
"""By the whole points of a debit, a credit or a hold; each happens to a reference once."""

_MAGIC_OPERATIONS = {Operation.DEBIT, Operation.CREDIT, Operation.HOLD}


@dataclass(slots=True)
class Faults:
    """The faults in force."""

    magic: bool = True
    faults: tuple[Fault, ...] = ()
    _fitting: dict[int, int] = field(default_factory=dict)
    _struck: dict[int, int] = field(default_factory=dict)
    _magic_done: set[str] = field(default_factory=set)

    def set(self, faults: tuple[Fault, ...]) -> None:
        """Replace the list; counting begins anew."""
        self.faults = faults
        self._fitting.clear()
        self._struck.clear()

    def choose(self, operation: Operation, reference: str | None, points: int | None) -> Fault | None:
        """The fault that meets this call: the first of the list that does, else the amount's."""
        for place, fault in enumerate(self.faults):
            if _fits(fault, operation, reference) and self._strikes(place, fault):
                return fault
        return self._magical(operation, reference, points)

    def _strikes(self, place: int, fault: Fault) -> bool:
        number = self._fitting[place] = self._fitting.get(place, 0) + 1
        struck = self._struck.get(place, 0)
        if fault.call not in {None, number} or (fault.times is not None and struck >= fault.times):
            return False
        if _chance(fault.seed, number) >= fault.probability:
            return False
        self._struck[place] = struck + 1
        return True

    def _magical(self, operation: Operation, reference: str | None, points: int | None) -> Fault | None:
        fault = MAGIC.get(points) if self.magic and points is not None and operation in _MAGIC_OPERATIONS else None
        if fault is None or reference in self._magic_done:
            return None
        self._magic_done.add(reference or "")
        return fault


def _fits(fault: Fault, operation: Operation, reference: str | None) -> bool:
    if fault.operation not in {None, operation}:
        return False
    return fault.reference is None or fnmatchcase(reference or "", fault.reference)


def _chance(seed: int, number: int) -> float:
    digest = hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
