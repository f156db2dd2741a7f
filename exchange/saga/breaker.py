"""A circuit breaker: after a run of failures nothing is sent for a while, then one call finds out if it is over."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FAILURES_MAX: Final = 5
"""Failures in a row that open it."""
REST_SECONDS: Final = 1.0
REST_SECONDS_MAX: Final = 60.0


class BreakerState(StrEnum):
    """Whether calls pass."""

    CLOSED = "closed"
    """They pass."""
    OPEN = "open"
    """They do not."""
    PROBING = "probing"
    """One passes, to find out."""


@dataclass(slots=True)
class Breaker:
    """One brand's breaker in one process. `now` counts seconds and never goes back."""

    now: Callable[[], float]
    state: BreakerState = BreakerState.CLOSED
    _failures: int = 0
    _rest_seconds: float = REST_SECONDS
    _until: float = 0.0

    @property
    def wait_seconds(self) -> float:
        """How long calls do not pass; 0: now one does."""
        if self.state is BreakerState.CLOSED:
            return 0.0
        return max(self._until - self.now(), 0.0)

    def enter(self) -> bool:
        """Whether this call passes. The first after the rest is the probe; it has as long as the rest was."""
        if self.state is BreakerState.CLOSED:
            return True
        if self.wait_seconds > 0:
            return False
        self.state = BreakerState.PROBING
        self._until = self.now() + self._rest_seconds
        return True

    def succeeded(self) -> None:
        """The brand answered, whatever it said."""
        self.state, self._failures, self._rest_seconds = BreakerState.CLOSED, 0, REST_SECONDS

    def failed(self) -> None:
        """The brand did not answer, or could not be understood."""
        self._failures += 1
        if self.state is BreakerState.PROBING:
            self._rest_seconds = min(self._rest_seconds * 2, REST_SECONDS_MAX)
        if self.state is BreakerState.PROBING or self._failures >= FAILURES_MAX:
            self.state = BreakerState.OPEN
            self._until = self.now() + self._rest_seconds
