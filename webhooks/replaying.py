"""Sending events again, under their own ids: by name, or all of a time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from brands import directory
from core.database import Connection, Database
from core.ids import derive_id, new_id
from core.locks import lock_keys
from core.refusals import KeyUnusable, key_usable
from webhooks.endpoints import Endpoint, endpoints_by_id
from webhooks.errors import RangeUnusable, ReplayRefusal, UnknownEndpoint
from webhooks.events import Event, EventType
from webhooks.forgetting import KEPT_DAYS

EVENTS_MAX: Final = 10_000
"""Events that one call sends again; the earliest first."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A wish to have events again: those named, and those of the time range."""

    endpoint_id: UUID
    event_ids: tuple[UUID, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    """The first instant that does not belong to it."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay will send."""

    count: int
    """Events; those on their way already are not counted."""
    complete: bool
    """Whether these are all; otherwise ask again from `last_at`."""
    last_at: datetime | None
    """When the latest of them happened."""


async def replay(database: Database, wish: Replay, *, brand_ids: Collection[UUID] | None) -> Replayed | ReplayRefusal:
    """Send events to an endpoint again that it may see, whether or not it took them before.

    What is on its way to it already is left alone, so that the same call twice sends once. `brand_ids` are the brands
    whose endpoints may be touched; None: everybody's.
    """
    if not _usable(wish):
        return RangeUnusable(KEPT_DAYS)
    async with database.transaction() as connection:
        endpoint = (await endpoints_by_id(connection, [wish.endpoint_id])).get(wish.endpoint_id)
        if endpoint is None or not (brand_ids is None or endpoint.brand_id in brand_ids):
            return UnknownEndpoint()
        await lock_keys(connection, "webhooks.replay", {str(endpoint.id)})
        return await _enqueue(connection, endpoint, wish, database.clock.now())


def _usable(wish: Replay) -> bool:
    if wish.since is None:
        return wish.until is None and bool(wish.event_ids)
    until = wish.until or wish.since + timedelta(days=KEPT_DAYS)
    return timedelta() < until - wish.since <= timedelta(days=KEPT_DAYS)


async def _enqueue(connection: Connection, endpoint: Endpoint, wish: Replay, now: datetime) -> Replayed:
    family = list((await directory(connection)).descendants(endpoint.brand_id))
    until = wish.until or (wish.since + timedelta(days=KEPT_DAYS) if wish.since else None)
    asked = (family, sorted(endpoint.types), list(wish.event_ids), wish.since, until, endpoint.id, EVENTS_MAX + 1)
    found = await connection.fetch(_FIND, *asked)
    sent = found[:EVENTS_MAX]
    ids = [row["id"] for row in sent]
    await connection.execute(_WRITE, [new_id() for _ in ids], ids, endpoint.id, now)
    return Replayed(len(ids), len(found) == len(sent), sent[-1]["occurred_at"] if sent else None)


async def send_test(
    database: Database, endpoint_id: UUID, idempotency_key: str, *, brand_ids: Collection[UUID] | None
) -> UUID | UnknownEndpoint | KeyUnusable:
    """Send a `webhook.test` to this endpoint alone, whatever it listens to; the event's id."""
    if not key_usable(idempotency_key):
        return KeyUnusable()
    now = database.clock.now()
    async with database.transaction() as connection:
        endpoint = (await endpoints_by_id(connection, [endpoint_id])).get(endpoint_id)
        if endpoint is None or not (brand_ids is None or endpoint.brand_id in brand_ids):
            return UnknownEndpoint()
        event_id = derive_id(endpoint_id, f"test {idempotency_key}")
        event = Event(event_id, EventType.TEST, endpoint.brand_id, now, {"url": endpoint.url})
        content = (event.id, event.type, event.brand_id, event.body, now)
        # The delivery's own id is of now: the log lists by it, and the event's is as old as the endpoint.
        await connection.execute(_TEST, *content, new_id(), endpoint_id)
        return event_id


_FIND: Final = """
SELECT id, occurred_at FROM webhooks_event AS event
WHERE brand_id = ANY($1::uuid[]) AND (cardinality($2::text[]) = 0 OR type = ANY($2))
    AND (id = ANY($3::uuid[]) OR (occurred_at >= $4 AND occurred_at < $5))
    AND NOT EXISTS (
        SELECT FROM webhooks_delivery WHERE event_id = event.id AND endpoint_id = $6 AND state = 'PENDING'
    )
ORDER BY occurred_at, id LIMIT $7
"""

_WRITE: Final = """
INSERT INTO webhooks_delivery (id, event_id, endpoint_id, state, attempts, due_at, is_replay, recorded_at)
SELECT id, event_id, $3, 'PENDING', 0, $4, true, $4 FROM unnest($1::uuid[], $2::uuid[]) AS given (id, event_id)
"""

_TEST: Final = """
WITH told AS (
    INSERT INTO webhooks_event (id, type, brand_id, body, occurred_at, recorded_at)
    VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO webhooks_delivery (id, event_id, endpoint_id, state, attempts, due_at, is_replay, recorded_at)
SELECT $6, id, $7, 'PENDING', 0, $5, false, $5 FROM told
"""
