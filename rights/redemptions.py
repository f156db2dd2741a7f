"""Redemptions: what a till asks for, and what was honoured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database import Connection


@dataclass(frozen=True, slots=True)
class Redemption:
    """A till's wish to honour the right whose code a member shows."""

    code: str
    """Eighteen digits."""
    brand_id: UUID
    """The brand that honours it: a lounge, a hotel, a shop."""
    client_id: str
    """The OAuth2 client that asks: its idempotency keys are its own."""
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Redeemed:
    """One use of a right, honoured."""

    id: UUID
    grant_id: UUID
    brand_id: UUID
    client_id: str
    idempotency_key: str
    code_step: int
    settlement_micro: int
    """What the issuer's participant owes the honouring one for it, in micro-CNY."""
    redeemed_at: datetime


COLUMNS = "id, grant_id, brand_id, client_id, idempotency_key, code_step, settlement_micro, redeemed_at"
BY_KEY = f"""
SELECT {COLUMNS} FROM rights_redemption
JOIN unnest($1::text[], $2::text[]) AS wish (client_id, idempotency_key) USING (client_id, idempotency_key)
"""
SINCE_STEP = f"SELECT {COLUMNS} FROM rights_redemption WHERE grant_id = ANY($1::uuid[]) AND code_step >= $2"
BY_ID = f"SELECT {COLUMNS} FROM rights_redemption WHERE id = ANY($1::uuid[])"
BETWEEN = f"""
SELECT {COLUMNS} FROM rights_redemption
WHERE ($1::uuid IS NULL OR id > $1) AND ($2::uuid IS NULL OR id <= $2) ORDER BY id
"""
INSERT = f"""
INSERT INTO rights_redemption ({COLUMNS})
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
    $8::timestamptz[])
"""


async def redemptions_by_id(connection: Connection, redemption_ids: Sequence[UUID]) -> dict[UUID, Redeemed]:
    """The redemptions that exist among `redemption_ids`."""
    found = await read_redemptions(connection, BY_ID, list(redemption_ids))
    return {redeemed.id: redeemed for redeemed in found}


async def read_redemptions(connection: Connection, query: str, *arguments: object) -> list[Redeemed]:
    """The redemptions that one of this module's queries finds."""
    return [redeemed_of(dict(row)) for row in await connection.fetch(query, *arguments)]


def redeemed_of(row: Mapping[str, object]) -> Redeemed:
    """A row of rights_redemption as a value."""
    return Redeemed(**{name: row[name] for name in Redeemed.__dataclass_fields__})  # type: ignore[arg-type]


def row_of(redeemed: Redeemed) -> tuple[object, ...]:
    """The columns of a redemption, in the order of COLUMNS."""
    return tuple(getattr(redeemed, name.strip()) for name in COLUMNS.split(","))
