"""Taking deliveries that are due, so that no other worker takes the same attempt, and recording what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from core.database import Connection

CONCURRENCY: Final = 4
"""Requests to one endpoint at a time, whichever workers make them."""

LEASE: Final = timedelta(seconds=60)
"""How long a worker has for an attempt; after that it is taken for dead, and another makes the next attempt."""


@dataclass(frozen=True, slots=True)
class Due:
    """One attempt that is ours to make."""

    delivery_id: UUID
    event_id: UUID
    endpoint_id: UUID
    brand_id: UUID
    """The endpoint's."""
    number: int
    """Of the attempt, from 1."""
    url: str
    body: str
    sealed_secrets: tuple[bytes, ...]
    """Those that sign, the newest first."""


async def take_due(connection: Connection, now: datetime, count_max: int) -> Sequence[Due]:
    """Attempts to make now, the oldest of each endpoint first: at most `count_max`, CONCURRENCY to an endpoint.

    The caller commits before it sends anything.
    """
    rows = await connection.fetch(_TAKE, now, now + LEASE, count_max)
    return [
        Due(
            row["id"],
            row["event_id"],
            row["endpoint_id"],
            row["brand_id"],
            row["attempts"],
            row["url"],
            row["body"],
            tuple(sealed for sealed in (row["sealed_secret"], row["former"]) if sealed is not None),
        )
        for row in sorted(rows, key=lambda row: row["id"])
    ]


# The endpoint's row is the lock under which its free places are counted. Whoever comes second sees the deliveries as
# they were before and picks the same; the last condition, judged anew on the changed rows, leaves them to the first.
_TAKE: Final = f"""
WITH ready AS MATERIALIZED (
    SELECT endpoint.*
    FROM webhooks_endpoint AS endpoint
    WHERE disabled_at IS NULL AND EXISTS (
        SELECT FROM webhooks_delivery AS delivery
        WHERE delivery.endpoint_id = endpoint.id AND state = 'PENDING' AND due_at <= $1
            AND (leased_until IS NULL OR leased_until <= $1)
    )
    FOR UPDATE SKIP LOCKED
), chosen AS MATERIALIZED (
    SELECT ready.url, ready.brand_id, ready.sealed_secret,
        CASE WHEN ready.former_until > $1 THEN ready.sealed_former_secret END AS former, candidate.id
    FROM ready CROSS JOIN LATERAL (
        SELECT id, due_at FROM webhooks_delivery
        WHERE endpoint_id = ready.id AND state = 'PENDING' AND due_at <= $1
            AND (leased_until IS NULL OR leased_until <= $1)
        ORDER BY due_at, id
        LIMIT greatest(0, {CONCURRENCY} - (
            SELECT count(*) FROM webhooks_delivery
            WHERE endpoint_id = ready.id AND state = 'PENDING' AND leased_until > $1
        ))
    ) AS candidate
    ORDER BY candidate.due_at, candidate.id LIMIT $3
)
UPDATE webhooks_delivery AS delivery
SET attempts = delivery.attempts + 1, leased_until = $2
FROM chosen, webhooks_event AS event
WHERE delivery.id = chosen.id AND event.id = delivery.event_id
    AND delivery.state = 'PENDING' AND (delivery.leased_until IS NULL OR delivery.leased_until <= $1)
RETURNING delivery.id, delivery.event_id, delivery.endpoint_id, delivery.attempts, chosen.brand_id, chosen.url,
    chosen.sealed_secret, chosen.former, event.body
"""
