"""The delivery log: what was sent where, how often, and what the other side said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from core.database import Connection
from webhooks.events import EventType


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "PENDING"
    """It is sent, or sent again, when it is due."""
    DELIVERED = "DELIVERED"
    """The endpoint has taken it."""
    FAILED = "FAILED"
    """No attempt succeeded, and there are no more. It can be replayed."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request and what came of it."""

    number: int
    sent_at: datetime
    duration_ms: int
    status: int | None
    """HTTP's; None: no answer."""
    failure: str | None
    """Why there was no answer."""
    answer: str
    """Its first bytes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to an endpoint."""

    id: UUID
    event_id: UUID
    endpoint_id: UUID
    type: EventType
    occurred_at: datetime
    state: DeliveryState
    attempts_begun: int
    """More than are logged when a worker was killed in the middle of one."""
    due_at: datetime | None
    """Of the next attempt; None: there is none."""
    is_replay: bool
    recorded_at: datetime
    attempts: Sequence[Attempt] = ()


async def deliveries_of(
    connection: Connection,
    endpoint_id: UUID,
    *,
    count: int,
    before: UUID | None = None,
    states: Collection[DeliveryState] = (),
) -> Sequence[Delivery]:
    """The deliveries to an endpoint, the latest first, with all their attempts.

    At most `count` that were made before the delivery `before`; in one of `states`, if any are given.
    """
    rows = await connection.fetch(_OF_ENDPOINT, endpoint_id, before, list(states), count)
    attempts = await _attempts(connection, [row["id"] for row in rows])
    return [
        Delivery(
            row["id"],
            row["event_id"],
            row["endpoint_id"],
            EventType(row["type"]),
            row["occurred_at"],
            DeliveryState(row["state"]),
            row["attempts"],
            row["due_at"] if row["state"] == DeliveryState.PENDING else None,
            row["is_replay"],
            row["recorded_at"],
            attempts.get(row["id"], ()),
        )
        for row in rows
    ]


async def _attempts(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Attempt]]:
    found: dict[UUID, list[Attempt]] = {}
    for row in await connection.fetch(_ATTEMPTS, ids):
        values = (row[name] for name in ("number", "sent_at", "duration_ms", "status", "failure", "answer"))
        found.setdefault(row["delivery_id"], []).append(Attempt(*values))
    return found


_OF_ENDPOINT: Final = """
SELECT delivery.*, event.type, event.occurred_at
FROM webhooks_delivery AS delivery JOIN webhooks_event AS event ON event.id = delivery.event_id
WHERE endpoint_id = $1 AND ($2::uuid IS NULL OR delivery.id < $2)
    AND (cardinality($3::text[]) = 0 OR state = ANY($3))
ORDER BY delivery.id DESC LIMIT $4
"""

_ATTEMPTS: Final = "SELECT * FROM webhooks_attempt WHERE delivery_id = ANY($1::uuid[]) ORDER BY delivery_id, number"
