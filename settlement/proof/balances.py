"""What everybody holds, now or at an instant that is over."""

from dataclasses import dataclass
from datetime import UTC, datetime

from core.database import Database
from core.errors import Refusal
from ledger import TrialLine, trial_balance
from ledger.journal import scales


@dataclass(frozen=True, slots=True)
class InstantAhead(Refusal):
    """Nobody knows what will be held at an instant to come."""

    at: datetime
    now: datetime

    @property
    def message(self) -> str:
        """Until when one can ask."""
        at, now = (f"{it.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for it in (self.at, self.now))
        return f"{at} has not come yet: it is {now}, and nobody knows what will be held then."


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """What all accounts held, and how many decimals each asset has."""

    at: datetime
    lines: tuple[TrialLine, ...]
    decimals: dict[str, int]


async def trial_balance_at(database: Database, at: datetime | None = None) -> TrialBalance | InstantAhead:
    """The trial balance at an instant (with its offset) that is over; None: now."""
    now = database.clock.now()
    if at is not None and at > now:
        return InstantAhead(at, now)
    async with database.connection() as connection:
        lines = await trial_balance(connection, at or now)
        return TrialBalance(at or now, tuple(lines), await scales(connection))
