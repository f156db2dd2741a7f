"""Endpoints: where a brand wants to be told, and of what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from core.database import Connection
from webhooks.events import EventType


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to which a brand's events are sent."""

    id: UUID
    brand_id: UUID
    """Whose events: this brand's and those of the brands below it."""
    url: str
    types: frozenset[EventType]
    """Empty: all of them, those to come included."""
    description: str
    client_id: str
    """Who registered it."""
    idempotency_key: str
    created_at: datetime
    failing_since: datetime | None
    """Since when nothing has succeeded there; None: the last attempt succeeded, or there was none."""
    disabled_at: datetime | None
    """Since when nothing is sent there; events are kept for a replay meanwhile."""
    disabled_reason: str | None
    former_until: datetime | None
    """Until when signatures are made with the secret before the present one as well."""

    def wants(self, event_type: EventType) -> bool:
        """Whether it is told of such events."""
        return not self.types or event_type in self.types


_COLUMNS: Final = """
id, brand_id, url, types, description, client_id, idempotency_key, created_at, failing_since, disabled_at,
disabled_reason, former_until
"""

_BY_ID: Final = f"SELECT {_COLUMNS} FROM webhooks_endpoint WHERE id = ANY($1::uuid[])"
_OF_BRANDS: Final = f"SELECT {_COLUMNS} FROM webhooks_endpoint WHERE brand_id = ANY($1::uuid[]) ORDER BY id"
_ALL: Final = f"SELECT {_COLUMNS} FROM webhooks_endpoint ORDER BY id"


async def endpoints_by_id(connection: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Endpoint]:
    """Endpoints by id; unknown ones are left out."""
    return {row["id"]: endpoint_of(row) for row in await connection.fetch(_BY_ID, list(ids))}


async def endpoints_of(connection: Connection, brand_ids: Iterable[UUID]) -> Sequence[Endpoint]:
    """The endpoints of these brands, the oldest first."""
    return [endpoint_of(row) for row in await connection.fetch(_OF_BRANDS, list(brand_ids))]


async def all_endpoints(connection: Connection) -> Sequence[Endpoint]:
    """Everybody's, the oldest first."""
    return [endpoint_of(row) for row in await connection.fetch(_ALL)]


def endpoint_of(row: asyncpg.Record) -> Endpoint:
    """A row of webhooks_endpoint as a value."""
    return Endpoint(
        row["id"],
        row["brand_id"],
        row["url"],
        frozenset(map(EventType, row["types"])),
        row["description"],
        row["client_id"],
        row["idempotency_key"],
        row["created_at"],
        row["failing_since"],
        row["disabled_at"],
        row["disabled_reason"],
        row["former_until"],
    )
