"""OAuth2 clients: the machines of brands (a till, a CRM) that call us with a token of their own."""

import asyncio
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from brands.scopes import Scope
from brands.secrets import hash_secret, new_secret, secret_fits
from core.database import Connection, Database

_CLIENT = """
SELECT client.id, client.brand_id, client.name, client.till, client.scopes, client.secret_hash
FROM brands_client AS client JOIN brands_brand AS brand ON brand.id = client.brand_id
WHERE client.id = $1 AND client.revoked_at IS NULL AND NOT brand.closed
"""

_ROTATE = "UPDATE brands_client SET secret_hash = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING true"


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
    secret_hash: str = field(repr=False)


async def client(connection: Connection, client_id: str) -> Client | None:
    """The client; None when it is unknown or revoked, or its brand is closed."""
    if "\0" in client_id:
        return None
    row = await connection.fetchrow(_CLIENT, client_id)
    if row is None:
        return None
    scopes = frozenset(map(Scope, row["scopes"]))
    return Client(row["id"], row["brand_id"], row["name"], row["till"], scopes, row["secret_hash"])


def verify_secret(found: Client, secret: str) -> bool:
    """Whether `secret` is the client's. Takes some 50 ms of one core: call it outside the event loop."""
    return secret_fits(secret, found.secret_hash)


async def authenticate(connection: Connection, client_id: str, secret: str) -> Client | None:
    """The client with that id and secret; an unknown id takes as long as a wrong secret."""
    found = await client(connection, client_id)
    fits = await asyncio.to_thread(secret_fits, secret, found.secret_hash if found else _nobodys_hash())
    return found if fits else None


async def rotate_secret(database: Database, client_id: str) -> str | None:
    """A new secret in place of the old one, shown this once; None when there is no such client."""
    secret = new_secret()
    async with database.transaction() as connection:
        changed = await connection.fetchval(_ROTATE, client_id, await asyncio.to_thread(hash_secret, secret))
    return secret if changed else None


@cache
def _nobodys_hash() -> str:
    return hash_secret(new_secret())
