"""OAuth2 clients as files name them: their rows, and the secrets of new ones."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from brands.applied import ClientSecret
from brands.describing import ClientTerms
from brands.scopes import Scope
from brands.secrets import hash_secret, new_secret, secret_fits
from core.database import Connection

_CLIENTS = "SELECT id, brand_id, name, till, scopes, revoked_at IS NOT NULL AS revoked FROM brands_client ORDER BY id"
_HASHES = "SELECT id, secret_hash FROM brands_client WHERE id = ANY($1::text[]) AND revoked_at IS NULL"
_REVOKE = "UPDATE brands_client SET revoked_at = $2 WHERE id = ANY($1::text[])"
_TERMS = "UPDATE brands_client SET brand_id = $2, name = $3, till = $4, scopes = $5 WHERE id = $1"
_SECRET = "UPDATE brands_client SET secret_hash = $2 WHERE id = $1"  # noqa: S105 - a statement
_ADMIT = """
INSERT INTO brands_client (id, brand_id, name, till, scopes, secret_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE
SET brand_id = excluded.brand_id, name = excluded.name, till = excluded.till, scopes = excluded.scopes,
    secret_hash = excluded.secret_hash, created_at = excluded.created_at, revoked_at = NULL
"""

Clients = Mapping[str, ClientTerms]


async def read_clients(connection: Connection) -> dict[str, ClientTerms]:
    """Every client by id, revoked ones too."""
    return {
        row["id"]: ClientTerms(
            row["id"], row["brand_id"], row["name"], row["till"], frozenset(map(Scope, row["scopes"])), row["revoked"]
        )
        for row in await connection.fetch(_CLIENTS)
    }


async def write_clients(
    connection: Connection, now: Clients, target: Clients, given: Mapping[str, str], instant: datetime
) -> tuple[ClientSecret, ...]:
    """Bring the clients to `target`; the secrets that were made because none was `given`."""
    revoked = [client.id for client in target.values() if client.revoked and not now[client.id].revoked]
    await connection.execute(_REVOKE, revoked, instant)
    admitted = [client for client in target.values() if not client.revoked and _is_new(client, now)]
    secrets = {client.id: given.get(client.id) or new_secret() for client in admitted}
    rows = [(*_row(client), await _hashed(secrets[client.id]), instant) for client in admitted]
    await connection.executemany(_ADMIT, rows)
    kept = [client for client in target.values() if not client.revoked and not _is_new(client, now)]
    await connection.executemany(_TERMS, [_row(client) for client in kept if client != now[client.id]])
    return tuple(ClientSecret(client.id, secrets[client.id]) for client in admitted if client.id not in given)


async def other_secrets(connection: Connection, given: Mapping[str, str]) -> tuple[str, ...]:
    """The clients whose secret is another than the one given."""
    rows = await connection.fetch(_HASHES, list(given))
    fits = await asyncio.gather(*(asyncio.to_thread(secret_fits, given[row["id"]], row["secret_hash"]) for row in rows))
    return tuple(row["id"] for row, fit in zip(rows, fits, strict=True) if not fit)


async def write_secrets(connection: Connection, given: Mapping[str, str], client_ids: tuple[str, ...]) -> None:
    """Give these clients the secrets given for them."""
    await connection.executemany(_SECRET, [(client, await _hashed(given[client])) for client in client_ids])


def _is_new(client: ClientTerms, now: Clients) -> bool:
    return client.id not in now or now[client.id].revoked


def _row(client: ClientTerms) -> tuple[object, ...]:
    return client.id, client.brand_id, client.name, client.till, sorted(client.scopes)


async def _hashed(secret: str) -> str:
    return await asyncio.to_thread(hash_secret, secret)
