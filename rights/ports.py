"""What rights need from the house around them; the gateway wires it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.database import Connection
from rights.grants import Grant
from rights.redemptions import Redeemed


@dataclass(frozen=True, slots=True)
class Honoured:
    """A redemption, and the grant it took a use from (as it stood before)."""

    redeemed: Redeemed
    grant: Grant


class Outbox(Protocol):
    """Told of what happened inside the transaction in which it happens; see `exchange.ports.Outbox`."""

    async def granted(self, connection: Connection, grants: Sequence[Grant]) -> None:
        """These rights were given to members."""
        ...

    async def redeemed(self, connection: Connection, honoured: Sequence[Honoured]) -> None:
        """These rights were honoured."""
        ...


class Silent:
    """An outbox that tells nobody."""

    async def granted(self, connection: Connection, grants: Sequence[Grant]) -> None:
        """Tell nobody."""

    async def redeemed(self, connection: Connection, honoured: Sequence[Honoured]) -> None:
        """Tell nobody."""


SILENT = Silent()
"""Nobody listens."""
