"""What members needs from outside: somebody who says who signs in, and somebody to tell what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.database import Connection
from core.errors import Refusal
from members.sign_in import SignInIdentity


class SignInProvider(Protocol):
    """A mini-program platform or another identity provider."""

    async def exchange_code(self, code: str, phone_code: str | None = None) -> SignInIdentity | Refusal:
        """Who holds the one-time code. A code that was used, is too old or was never given out is refused.

        With `phone_code`, another one-time code, the member lets us see the phone number that the provider knows.
        Raises OSError when the provider cannot be reached or does not answer sensibly; try again later.
        """
        ...


@dataclass(frozen=True, slots=True)
class TierChange:
    """A membership that came into another tier of its program."""

    membership_id: UUID
    program_id: UUID
    number: str
    before: str
    """The tier's code."""
    after: str
    changed_at: datetime


class Outbox(Protocol):
    """Told of what happened inside the transaction in which it happens; see `exchange.ports.Outbox`."""

    async def tiered(self, connection: Connection, changes: Sequence[TierChange]) -> None:
        """These memberships have changed their tier."""
        ...


class Silent:
    """An outbox that tells nobody."""

    async def tiered(self, connection: Connection, changes: Sequence[TierChange]) -> None:
        """Tell nobody."""


SILENT = Silent()
"""Nobody listens."""
