"""What the graph needs from the house around it; the gateway implements it."""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from core.errors import Refusal


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """What a signed-in member's front end keeps."""

    access_token: str
    refresh_token: str
    lifetime_seconds: int
    """Of the access token."""


@dataclass(frozen=True, slots=True)
class SessionEnded(Refusal):
    """The session has ended; sign in again."""


class Sessions(Protocol):
    """Sessions of members."""

    async def open(self, member_id: UUID) -> SessionTokens:
        """Begin a session for a member who has just proved who they are."""
        ...

    async def renew(self, refresh_token: str, idempotency_key: str) -> SessionTokens | SessionEnded:
        """Trade a refresh token for new tokens; the same key again gives the same refresh token again.

        A refresh token that is used a second time with another key was stolen or lost: its session ends.
        """
        ...


class Watch(Protocol):
    """What one subscription waits for. It holds little, however much happens while nobody looks."""

    def follow(self, membership_ids: Iterable[UUID]) -> None:
        """Wait for changes of these memberships, in place of those before."""
        ...

    async def changed(self) -> None:
        """Wait until something has changed since the last look, or may have."""
        ...

    def taken(self) -> frozenset[UUID] | None:
        """The exchanges that have changed since the last look; None: anything may have, look at everything."""
        ...


class Changes(Protocol):
    """Tells of changes that other processes commit."""

    def watch(self) -> AbstractAsyncContextManager[Watch]:
        """A place to wait in. Raises Overloaded when this process serves as many subscriptions as it can."""
        ...
