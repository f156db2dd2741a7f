"""What exchanges need from the house around them; the gateway wires it. A brand's own system: `brand_system`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.database import Connection
from exchange.exchanges import Exchange
from exchange.movements import Movement


@dataclass(frozen=True, slots=True)
class CapNotice:
    """A participant has used up a part of what it may owe before the next settlement."""

    participant_id: UUID
    threshold_percent: int
    """The part that was crossed, of the cap; of a notice about hours: the part that is used."""
    used_micro: int
    """What the participant owes now, in micro-CNY."""
    cap_micro: int
    """What it may owe, in micro-CNY."""
    runs_out_at: datetime | None
    """When nothing is left at the present pace; None: not foreseeable."""
    noticed_at: datetime
    within_hours: int | None = None
    """It runs out within these hours at the present pace; None: the notice is about a part of the cap."""


@dataclass(frozen=True, slots=True)
class Lockout:
    """A brand's system refuses our credentials, or takes them again."""

    program_id: UUID
    refused_at: datetime
    accepted_at: datetime | None
    """None: it goes on."""
    words: str | None = None
    """What the system said when it refused them."""


class Outbox(Protocol):
    """Told of what happened inside the transaction in which it happens: jobs and webhooks are committed with it.

    It may write to the connection it is given and must call nothing outside. When it raises, nothing happened.
    Each occurrence is told once; what is told twice is announced twice.
    """

    async def exchanged(self, connection: Connection, exchanges: Sequence[Exchange]) -> None:
        """These exchanges have just come into the state that they show."""
        ...

    async def moved(self, connection: Connection, movements: Sequence[Movement]) -> None:
        """These awards and burns, or reversals of such, were recorded."""
        ...

    async def capped(self, connection: Connection, notices: Sequence[CapNotice]) -> None:
        """These participants have just crossed a threshold of their net debit caps."""
        ...

    async def locked_out(self, connection: Connection, lockouts: Sequence[Lockout]) -> None:
        """These brands' systems have just begun to refuse our credentials, or just ceased to."""
        ...


class Silent:
    """An outbox that tells nobody."""

    async def exchanged(self, connection: Connection, exchanges: Sequence[Exchange]) -> None:
        """Tell nobody."""

    async def moved(self, connection: Connection, movements: Sequence[Movement]) -> None:
        """Tell nobody."""

    async def capped(self, connection: Connection, notices: Sequence[CapNotice]) -> None:
        """Tell nobody."""

    async def locked_out(self, connection: Connection, lockouts: Sequence[Lockout]) -> None:
        """Tell nobody."""


SILENT = Silent()
"""Nobody listens."""
