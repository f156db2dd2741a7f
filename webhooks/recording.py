"""What came of an attempt: the log, the next attempt, and the end of an endpoint that has failed for too long."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from brands import directory
from core.database import Connection
from core.ids import new_id
from webhooks.due import Due
from webhooks.endpoints import Endpoint, endpoints_by_id
from webhooks.enqueuing import Hall
from webhooks.events import Event, EventType
from webhooks.ports import Answer
from webhooks.registry import Registry
from webhooks.schedule import DISABLED_AFTER, due_again

GONE: Final = 410
"""HTTP: never again."""
WAIT_MAX: Final = timedelta(hours=24)
"""The longest that an endpoint may ask to be left alone."""


async def record(connection: Connection, due: Due, answer: Answer, now: datetime) -> None:
    """Log the attempt and decide what comes next."""
    duration_ms = round(answer.duration / timedelta(milliseconds=1))
    sent_at = now - answer.duration
    logged = (sent_at, duration_ms, answer.status, answer.failure, answer.body)
    await connection.execute(_LOG, due.delivery_id, due.number, *logged)
    if answer.accepted:
        await connection.execute(_DELIVERED, due.delivery_id, now)
        await connection.execute(_HEALTHY, due.endpoint_id)
        return
    wait = timedelta() if answer.status is None else min(answer.retry_after, WAIT_MAX)
    again = due_again(due.delivery_id, due.number, now, wait_min=wait)
    await connection.execute(_FAILED, due.delivery_id, due.number, again, now)
    failing_since = await connection.fetchval(_FAILING, due.endpoint_id, now)
    reason = _too_bad(answer, failing_since, now)
    if reason and await connection.fetchval(_DISABLE, due.endpoint_id, now, reason):
        await _notice(connection, due.endpoint_id, now)


def _too_bad(answer: Answer, failing_since: datetime | None, now: datetime) -> str | None:
    if answer.status == GONE:
        return "it answered that it is gone for good (410)"
    if failing_since is not None and now - failing_since >= DISABLED_AFTER:
        return f"nothing has succeeded there for {DISABLED_AFTER.days} days"
    return None


async def _notice(connection: Connection, endpoint_id: UUID, now: datetime) -> None:
    """Tell the brand's other endpoints that this one is no longer used."""
    endpoint = (await endpoints_by_id(connection, [endpoint_id]))[endpoint_id]
    version = await connection.fetchval("SELECT version FROM webhooks_registry")
    hall = Hall(await directory(connection), await Registry.read(connection, version), now)
    await hall.enqueue(
        connection, [Event(new_id(), EventType.ENDPOINT_DISABLED, endpoint.brand_id, now, told(endpoint))]
    )


def told(endpoint: Endpoint) -> Mapping[str, object]:
    """What is said about an endpoint that was disabled."""
    return {
        "url": endpoint.url,
        "disabledAt": endpoint.disabled_at,
        "reason": endpoint.disabled_reason,
        "failingSince": endpoint.failing_since,
    }


# A worker that was taken for dead may still come back with an answer: it counts, unless the next attempt has begun.
_LOG: Final = """
INSERT INTO webhooks_attempt (delivery_id, number, sent_at, duration_ms, status, failure, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""

_DELIVERED: Final = """
UPDATE webhooks_delivery SET state = 'DELIVERED', leased_until = NULL, finished_at = $2
WHERE id = $1 AND state = 'PENDING'
"""

_FAILED: Final = """
UPDATE webhooks_delivery
SET leased_until = NULL, due_at = coalesce($3, due_at),
    state = CASE WHEN $3::timestamptz IS NULL THEN 'FAILED' ELSE state END,
    finished_at = CASE WHEN $3::timestamptz IS NULL THEN $4::timestamptz END
WHERE id = $1 AND state = 'PENDING' AND attempts = $2
"""

_HEALTHY: Final = "UPDATE webhooks_endpoint SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL"

_FAILING: Final = """
UPDATE webhooks_endpoint SET failing_since = coalesce(failing_since, $2) WHERE id = $1 RETURNING failing_since
"""

_DISABLE: Final = """
UPDATE webhooks_endpoint SET disabled_at = $2, disabled_reason = $3
WHERE id = $1 AND disabled_at IS NULL RETURNING true
"""
