"""How fast callers may come: a bucket that fills with the real time."""

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """A second's worth of calls may come at once; then as many a second as are allowed."""

    _left: float | None = None
    _at: float = 0

    def admits(self, requests_per_second: float) -> bool:
        """Whether one more may come now."""
        now = time.monotonic()
        full = max(1.0, requests_per_second)
        left = full if self._left is None else min(full, self._left + (now - self._at) * requests_per_second)
        self._at, self._left = now, left - 1 if left >= 1 else left
        return left >= 1
