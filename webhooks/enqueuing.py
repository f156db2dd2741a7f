"""Writing events and their deliveries in the transaction in which they happen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from brands import Directory
from core.database import Connection
from core.ids import new_id
from members import memberships_by_id
from webhooks.endpoints import Endpoint
from webhooks.events import Event
from webhooks.payloads import Payloads
from webhooks.registry import Registry


@dataclass(frozen=True, slots=True)
class Hall:
    """Who listens at this moment."""

    directory: Directory
    registry: Registry
    now: datetime

    def hears(self, brand_ids: set[UUID]) -> bool:
        """Whether anybody is told anything about one of the brands."""
        return bool(self.registry.listening(self.directory, brand_ids))

    def hears_of(self, *program_ids: UUID) -> bool:
        """Whether anybody is told anything about the brand of one of the programs."""
        return self.hears({self.directory.programs[program_id].brand_id for program_id in program_ids})

    async def payloads(self, connection: Connection, membership_ids: Iterable[UUID]) -> Payloads:
        """What makes the events, with the cards that it needs."""
        wanted = set(membership_ids)
        cards = await memberships_by_id(connection, wanted) if wanted else {}
        return Payloads(self.directory, self.now, cards)

    async def enqueue(self, connection: Connection, events: Sequence[Event]) -> None:
        """Keep the events that somebody is told of, and a delivery for each endpoint that is in use."""
        told = [(event, endpoints) for event in events if (endpoints := self.registry.told_of(self.directory, event))]
        if told:
            await connection.execute(_ENQUEUE, *_columns(told), self.now)


def _columns(told: Sequence[tuple[Event, Sequence[Endpoint]]]) -> Iterable[list[object]]:
    events = [event for event, _ in told]
    # An endpoint that is disabled gets no delivery; the event is kept, so that it can be replayed.
    sent = [(event.id, each.id) for event, endpoints in told for each in endpoints if each.disabled_at is None]
    yield [event.id for event in events]
    yield [event.type.value for event in events]
    yield [event.brand_id for event in events]
    yield [event.occurred_at for event in events]
    yield [event.body for event in events]
    yield [new_id() for _ in sent]
    yield [event_id for event_id, _ in sent]
    yield [endpoint_id for _, endpoint_id in sent]


_ENQUEUE: Final = """
WITH told AS (
    INSERT INTO webhooks_event (id, type, brand_id, occurred_at, body, recorded_at)
    SELECT *, $9 FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[], $5::text[])
)
INSERT INTO webhooks_delivery (id, event_id, endpoint_id, state, attempts, due_at, is_replay, recorded_at)
SELECT id, event_id, endpoint_id, 'PENDING', 0, $9, false, $9
FROM unnest($6::uuid[], $7::uuid[], $8::uuid[]) AS sent (id, event_id, endpoint_id)
"""
