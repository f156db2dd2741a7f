"""The simulator's clock: it runs, jumps or stands still, as it is told."""

from datetime import UTC, datetime, timedelta

from core.clock import Clock, SystemClock


class SimulatorClock:
    """A clock that can be stopped at an instant, moved, and started again from there."""

    def __init__(self, real: Clock | None = None) -> None:
        self._real = real or SystemClock()
        self._offset = timedelta()
        self._stopped: datetime | None = None

    def now(self) -> datetime:
        """The instant it shows."""
        return self._stopped or self._real.now() + self._offset

    @property
    def running(self) -> bool:
        """Whether it goes on by itself."""
        return self._stopped is None

    def stop(self, instant: datetime | None = None) -> None:
        """Stand still at `instant`, or now."""
        self._stopped = (instant or self.now()).astimezone(UTC)

    def advance(self, step: timedelta) -> None:
        """Jump by `step`, running or not."""
        if self._stopped is not None:
            self._stopped += step
        else:
            self._offset += step

    def run(self) -> None:
        """Go on from where it stands."""
        if self._stopped is not None:
            self._offset = self._stopped - self._real.now()
            self._stopped = None
