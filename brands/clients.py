"""OAuth2 clients: the machines of brands (a till, a CRM) that call us with a token of their own."""

from dataclasses import dataclass
from uuid import UUID

from brands.scopes import Scope
from core.database import Connection


@dataclass(frozen=True, slots=True)
class Client:
    """One client that has not been revoked."""

    id: str
    """Its OAuth2 `client_id`."""
    brand_id: UUID
    """The brand for which it acts, with everything below it."""
    name: str
    till: str | None
    """The till within the brand, for clients that are one."""
    scopes: frozenset[Scope]
    secret_hash: str


async def client(connection: Connection, client_id: str) -> Client | None:
    """The client; None when it is unknown or revoked, or its brand is closed."""
    raise NotImplementedError


def verify_secret(found: Client, secret: str) -> bool:
    """Whether `secret` is the client's. Takes some 50 ms of one core: call it outside the event loop."""
    raise NotImplementedError


async def authenticate(connection: Connection, client_id: str, secret: str) -> Client | None:
    """The client with that id and secret; an unknown id takes as long as a wrong secret."""
    raise NotImplementedError
