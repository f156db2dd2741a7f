"""Events, deliveries and attempts are kept for a while and then forgotten."""

from datetime import timedelta
from typing import Final

from core.database import Database

KEPT_DAYS: Final = 30
BATCH: Final = 1_000
"""Rows of a kind that are forgotten in one commit."""


async def forget_events(database: Database) -> int:
    """Forget a batch of what is older than KEPT_DAYS; how many deliveries and events went."""
    before = database.clock.now() - timedelta(days=KEPT_DAYS)
    async with database.transaction() as connection:
        deliveries = int(await connection.fetchval(_DELIVERIES, before, BATCH))
        events = int(await connection.fetchval(_EVENTS, before, BATCH))
    return deliveries + events


_DELIVERIES: Final = """
WITH old AS (
    SELECT id FROM webhooks_delivery WHERE recorded_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM webhooks_delivery AS delivery USING old WHERE delivery.id = old.id RETURNING delivery.id
), attempts AS (
    DELETE FROM webhooks_attempt USING gone WHERE delivery_id = gone.id
)
SELECT count(*) FROM gone
"""

# A replay late in an event's life is a delivery that outlives it; the event waits for it.
_EVENTS: Final = """
WITH old AS (
    SELECT id FROM webhooks_event AS event
    WHERE recorded_at < $1 AND NOT EXISTS (
        SELECT FROM webhooks_delivery WHERE event_id = event.id AND recorded_at >= $1
    )
    LIMIT $2
), gone AS (
    DELETE FROM webhooks_event AS event USING old WHERE event.id = old.id RETURNING event.id
)
SELECT count(*) FROM gone
"""
