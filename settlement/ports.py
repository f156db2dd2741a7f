"""What settlement needs from the house around it; the gateway wires it."""

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from core.database import Connection
from settlement.cash.deposit_moves import DepositMove
from settlement.windows import Window


class Outbox(Protocol):
    """Told of what happened inside the transaction in which it happens; see `exchange.ports.Outbox`."""

    async def advised(self, connection: Connection, window: Window, participant_ids: Iterable[UUID]) -> None:
        """The statements of a window stand ready for these participants, for the first time."""
        ...

    async def deposited(self, connection: Connection, moves: Sequence[DepositMove]) -> None:
        """Deposits grew, were drawn on, or are paid back."""
        ...


class Silent:
    """An outbox that tells nobody."""

    async def advised(self, connection: Connection, window: Window, participant_ids: Iterable[UUID]) -> None:
        """Tell nobody."""

    async def deposited(self, connection: Connection, moves: Sequence[DepositMove]) -> None:
        """Tell nobody."""


SILENT = Silent()
"""Nobody listens."""
