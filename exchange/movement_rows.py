"""Movements in the database: read and written in sets, by hand-written SQL."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

import asyncpg

from core.database import Connection
from exchange.movements import Movement, MovementKind

_BY_KEY: Final = """
SELECT movement.*
FROM unnest($1::text[], $2::text[]) AS asked (client_id, idempotency_key)
JOIN exchange_movement AS movement USING (client_id, idempotency_key)
"""

_BY_ID: Final = "SELECT * FROM exchange_movement WHERE id = ANY($1::uuid[])"

_BETWEEN: Final = """
SELECT * FROM exchange_movement
WHERE ($1::uuid IS NULL OR id > $1) AND ($2::uuid IS NULL OR id <= $2) ORDER BY id
"""

_WRITE: Final = """
INSERT INTO exchange_movement (id, kind, program_id, membership_id, amount, brand_id, client_id, idempotency_key,
    reason, unit_cost_micro, expires_at, recorded_at, pending_days, available_at, reverses_id)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::bigint[], $6::uuid[], $7::text[], $8::text[],
    $9::text[], $10::bigint[], $11::timestamptz[], $12::timestamptz[], $13::integer[], $14::timestamptz[], $15::uuid[])
"""

_REVERSED: Final = """
SELECT reverses_id, sum(amount)::bigint AS amount FROM exchange_movement
WHERE reverses_id = ANY($1::uuid[]) GROUP BY reverses_id
"""


async def movements_by_key(
    connection: Connection, keys: Iterable[tuple[str, str]]
) -> Mapping[tuple[str, str], Movement]:
    """Movements by (client id, idempotency key); unknown ones are left out."""
    wanted = list(keys)
    rows = await connection.fetch(_BY_KEY, [client_id for client_id, _ in wanted], [key for _, key in wanted])
    return {(row["client_id"], row["idempotency_key"]): _movement(row) for row in rows}


async def movements_by_id(connection: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Movement]:
    """Movements by id; unknown ones are left out."""
    return {row["id"]: _movement(row) for row in await connection.fetch(_BY_ID, list(ids))}


async def movements_between(connection: Connection, after: UUID | None, until: UUID | None) -> list[Movement]:
    """The movements with ids beyond `after` up to `until`, in order; None: without that bound."""
    return [_movement(row) for row in await connection.fetch(_BETWEEN, after, until)]


async def amounts_reversed(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, int]:
    """How much of each movement was taken back, in minor units; those of which nothing was are left out."""
    return {row["reverses_id"]: row["amount"] for row in await connection.fetch(_REVERSED, list(ids))}


async def write_movements(connection: Connection, movements: Sequence[Movement]) -> None:
    """Keep movements that were posted."""
    rows = [
        (
            movement.id,
            movement.kind.value,
            movement.program_id,
            movement.membership_id,
            movement.amount,
            movement.brand_id,
            movement.client_id,
            movement.idempotency_key,
            movement.reason,
            movement.unit_cost_micro,
            movement.expires_at,
            movement.recorded_at,
            movement.pending_days,
            movement.available_at,
            movement.reverses_id,
        )
        for movement in movements
    ]
    await connection.execute(_WRITE, *map(list, zip(*rows, strict=True)))


def _movement(row: asyncpg.Record) -> Movement:
    return Movement(
        row["id"],
        MovementKind(row["kind"]),
        row["program_id"],
        row["membership_id"],
        row["amount"],
        row["brand_id"],
        row["client_id"],
        row["idempotency_key"],
        row["reason"],
        row["unit_cost_micro"],
        row["expires_at"],
        row["recorded_at"],
        row["pending_days"],
        row["available_at"],
        row["reverses_id"],
    )
