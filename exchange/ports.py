"""What exchanges need from the house around them; the gateway wires it."""

from collections.abc import Sequence
from typing import Protocol

from core.database import Connection
from exchange.exchanges import Exchange
from exchange.movements import Movement


class Outbox(Protocol):
    """Told of what happened inside the transaction in which it happens: jobs and webhooks are committed with it.

    It may write to the connection it is given and must call nothing outside. When it raises, nothing happened.
    """

    async def exchanged(self, connection: Connection, exchanges: Sequence[Exchange]) -> None:
        """These exchanges were completed."""
        ...

    async def moved(self, connection: Connection, movements: Sequence[Movement]) -> None:
        """These awards and burns were recorded."""
        ...


class Silent:
    """An outbox that tells nobody."""

    async def exchanged(self, connection: Connection, exchanges: Sequence[Exchange]) -> None:
        """Tell nobody."""

    async def moved(self, connection: Connection, movements: Sequence[Movement]) -> None:
        """Tell nobody."""


SILENT = Silent()
"""Nobody listens."""
