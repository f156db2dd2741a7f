"""What was asked of the simulated brand and what it answered, as it stood on the wire."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from adapters.simulator.faults import FaultKind
from adapters.simulator.orders import Operation

CALLS_KEPT = 50_000


@dataclass(slots=True)
class Call:
    """One request; its answer is filled in when it has been given."""

    number: int
    at: datetime
    door: str
    """`rest` or `graphql`."""
    operation: Operation
    reference: str | None
    member: str | None
    amount: str | None
    request: str
    fault: FaultKind | None = None
    status: int | None = None
    """The HTTP status; none when nothing was answered."""
    outcome: str | None = None
    """What the answer said: its status, or the code of its refusal."""
    answer: str = ""


@dataclass(slots=True)
class Calls:
    """The last calls, oldest first."""

    kept: deque[Call] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    count: int = 0
    """All of them, those no longer kept included."""

    def add(self, call: Call) -> None:
        """Note a call."""
        self.count += 1
        self.kept.append(call)

    def after(self, number: int, limit: int = 500) -> list[Call]:
        """The last calls with a higher number, at most `limit`."""
        found = [call for call in self.kept if call.number > number]
        return found[-limit:]
