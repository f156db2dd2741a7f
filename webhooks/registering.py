"""Adding, changing and removing endpoints; rotating their secrets."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from core.database import Connection, Database
from core.ids import new_id
from core.locks import lock_keys
from core.refusals import IdempotencyConflict, KeyUnusable, key_usable
from webhooks.addresses import check_url
from webhooks.endpoints import Endpoint, endpoints_by_id
from webhooks.errors import (
    OverlapUnusable,
    RegistrationRefusal,
    RotationRefusal,
    TooManyEndpoints,
    UnknownEndpoint,
    UnknownEventType,
)
from webhooks.events import EventType
from webhooks.secrets import EndpointSecrets

ENDPOINTS_MAX: Final = 20
"""Of one brand."""
OVERLAP: Final = timedelta(hours=24)
"""How long the secret before the present one still signs, unless told otherwise."""
OVERLAP_MAX: Final = timedelta(days=30)
DESCRIPTION_LENGTH_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Registration:
    """A brand's wish to be told."""

    brand_id: UUID
    url: str
    types: tuple[str, ...]
    """Of `EventType`; none: all."""
    client_id: str
    idempotency_key: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """An endpoint and, this once, its secret."""

    endpoint: Endpoint
    secret: str | None
    """None when the same wish was fulfilled before: rotate to get a new one."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """A wish for a new secret."""

    endpoint_id: UUID
    idempotency_key: str
    overlap: timedelta = OVERLAP
    """How long the present secret goes on signing beside the new one: nothing to OVERLAP_MAX."""


Registering: TypeAlias = Registered | RegistrationRefusal


async def register(
    database: Database, secrets: EndpointSecrets, wish: Registration, *, loopback: bool = False
) -> Registering:
    """Register an endpoint. The caller answers for it that the client may act for the brand."""
    refusal = _unusable(wish, loopback=loopback)
    if refusal is not None:
        return refusal
    async with database.transaction() as connection:
        await lock_keys(connection, "webhooks.endpoint", {wish.client_id, str(wish.brand_id)})
        known = await _earlier(connection, wish)
        if known is not None:
            return _repeated(known, wish)
        if await connection.fetchval(_COUNT, wish.brand_id) >= ENDPOINTS_MAX:
            return TooManyEndpoints(ENDPOINTS_MAX)
        return await _insert(connection, secrets, wish, database.clock.now())


def _unusable(wish: Registration, *, loopback: bool) -> RegistrationRefusal | None:
    if not key_usable(wish.idempotency_key):
        return KeyUnusable()
    unknown = next((name for name in wish.types if name not in set(EventType)), None)
    return check_url(wish.url, loopback=loopback) if unknown is None else UnknownEventType(unknown[:80])


async def _earlier(connection: Connection, wish: Registration) -> Endpoint | None:
    found = await connection.fetchval(_BY_KEY, wish.client_id, wish.idempotency_key)
    return (await endpoints_by_id(connection, [found])).get(found) if found else None


def _repeated(known: Endpoint, wish: Registration) -> Registered | IdempotencyConflict:
    same = {
        "brand": known.brand_id == wish.brand_id,
        "url": known.url == wish.url,
        "types": known.types == frozenset(wish.types),
    }
    field = next((name for name, equal in same.items() if not equal), None)
    return Registered(known, None) if field is None else IdempotencyConflict(field)


async def _insert(connection: Connection, secrets: EndpointSecrets, wish: Registration, now: datetime) -> Registered:
    endpoint_id, secret = new_id(), secrets.make()
    await connection.execute(
        _INSERT,
        endpoint_id,
        wish.brand_id,
        wish.url,
        sorted(set(wish.types)),
        "".join(filter(str.isprintable, wish.description))[:DESCRIPTION_LENGTH_MAX],
        secrets.seal(endpoint_id, secret),
        wish.client_id,
        wish.idempotency_key,
        now,
    )
    return Registered((await endpoints_by_id(connection, [endpoint_id]))[endpoint_id], secret)


async def rotate(
    database: Database, secrets: EndpointSecrets, wish: Rotation, *, brand_ids: Collection[UUID] | None
) -> Registered | RotationRefusal:
    """Give the endpoint a new secret; the present one goes on signing for a while.

    The same key again changes nothing and shows no secret. `brand_ids` are the brands whose endpoints may be touched;
    None: everybody's.
    """
    if not key_usable(wish.idempotency_key):
        return KeyUnusable()
    if not timedelta() <= wish.overlap <= OVERLAP_MAX:
        return OverlapUnusable(OVERLAP_MAX // timedelta(hours=1))
    async with database.transaction() as connection:
        row = await connection.fetchrow(_LOCK, wish.endpoint_id)
        if row is None or not _may(row["brand_id"], brand_ids):
            return UnknownEndpoint()
        secret = None
        if row["rotation_key"] != wish.idempotency_key:
            secret = secrets.make()
            until = database.clock.now() + wish.overlap
            sealed = secrets.seal(wish.endpoint_id, secret)
            await connection.execute(_ROTATE, wish.endpoint_id, sealed, until, wish.idempotency_key)
        return Registered((await endpoints_by_id(connection, [wish.endpoint_id]))[wish.endpoint_id], secret)


async def enable(
    database: Database, endpoint_id: UUID, *, brand_ids: Collection[UUID] | None
) -> Endpoint | UnknownEndpoint:
    """Send to the endpoint again; what was waiting is sent at once, what was missed can be replayed."""
    return await _change(database, _ENABLE, endpoint_id, brand_ids)


async def disable(
    database: Database, endpoint_id: UUID, *, brand_ids: Collection[UUID] | None
) -> Endpoint | UnknownEndpoint:
    """Send nothing to the endpoint until it is enabled again."""
    return await _change(database, _DISABLE, endpoint_id, brand_ids, database.clock.now())


async def remove(
    database: Database, endpoint_id: UUID, *, brand_ids: Collection[UUID] | None
) -> Endpoint | UnknownEndpoint:
    """Forget the endpoint, its secrets and its deliveries; the endpoint as it was."""
    async with database.transaction() as connection:
        known = (await endpoints_by_id(connection, [endpoint_id])).get(endpoint_id)
        if known is None or not _may(known.brand_id, brand_ids):
            return UnknownEndpoint()
        await connection.execute("DELETE FROM webhooks_endpoint WHERE id = $1", endpoint_id)
        await connection.execute(_FORGET, endpoint_id)
        return known


async def _change(
    database: Database, statement: str, endpoint_id: UUID, brand_ids: Collection[UUID] | None, *arguments: object
) -> Endpoint | UnknownEndpoint:
    async with database.transaction() as connection:
        known = (await endpoints_by_id(connection, [endpoint_id])).get(endpoint_id)
        if known is None or not _may(known.brand_id, brand_ids):
            return UnknownEndpoint()
        await connection.execute(statement, endpoint_id, *arguments)
        return (await endpoints_by_id(connection, [endpoint_id]))[endpoint_id]


def _may(brand_id: UUID, brand_ids: Collection[UUID] | None) -> bool:
    return brand_ids is None or brand_id in brand_ids


_COUNT: Final = "SELECT count(*) FROM webhooks_endpoint WHERE brand_id = $1"
_BY_KEY: Final = "SELECT id FROM webhooks_endpoint WHERE client_id = $1 AND idempotency_key = $2"
_LOCK: Final = "SELECT brand_id, rotation_key FROM webhooks_endpoint WHERE id = $1 FOR UPDATE"

_INSERT: Final = """
INSERT INTO webhooks_endpoint
    (id, brand_id, url, types, description, sealed_secret, client_id, idempotency_key, created_at)
VALUES ($1, $2, $3, $4::text[], $5, $6, $7, $8, $9)
"""

_ROTATE: Final = """
UPDATE webhooks_endpoint
SET sealed_former_secret = sealed_secret, former_until = $3, sealed_secret = $2, rotation_key = $4 WHERE id = $1
"""

_ENABLE: Final = """
UPDATE webhooks_endpoint SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL WHERE id = $1
"""

_DISABLE: Final = """
UPDATE webhooks_endpoint SET disabled_at = $2, disabled_reason = 'switched off by hand'
WHERE id = $1 AND disabled_at IS NULL
"""

_FORGET: Final = """
WITH forgotten AS (DELETE FROM webhooks_delivery WHERE endpoint_id = $1 RETURNING id)
DELETE FROM webhooks_attempt USING forgotten WHERE delivery_id = forgotten.id
"""
