"""Where time comes from. Everything that asks for the time takes a `Clock`."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The current instant, always with a time zone (UTC)."""

    def now(self) -> datetime:
        """The current instant."""
        ...

    @property
    def pinned(self) -> datetime | None:
        """The instant to use in place of the database's own clock; None means: ask the database."""
        ...


class SystemClock:
    """The machine's clock; postings use the database's, so that all processes agree."""

    def now(self) -> datetime:
        """The machine's current instant."""
        return datetime.now(UTC)

    @property
    def pinned(self) -> None:
        """Nothing is pinned: the database's clock decides."""
        return


class SettableClock:
    """A clock that stands still until it is set or moved; for tests and replays."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        """The instant it was last set to."""
        return self._instant

    @property
    def pinned(self) -> datetime:
        """The instant it was last set to."""
        return self._instant

    def set(self, instant: datetime) -> None:
        """Move to `instant`, forwards or backwards."""
        self._instant = instant

    def advance(self, step: timedelta) -> None:
        """Move forwards by `step`."""
        self._instant += step
