"""Quotes in the database: read and written in sets, by hand-written SQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from core.database import Connection
from core.ids import new_id
from exchange.columns import conversion, sides
from exchange.drafting import Draft
from exchange.offers import LIFETIME, Quote

_QUOTES: Final = "SELECT * FROM exchange_quote WHERE id = ANY($1::uuid[])"

_WRITE_QUOTES: Final = """
INSERT INTO exchange_quote (id, member_id, source_membership_id, target_membership_id, source_program_id,
    target_program_id, source_rate_id, target_rate_id, source_amount, target_amount, value_micro, fee_micro,
    credit_micro, rounding_micro, source_tier, pair_rate_id, quoted_at, expires_at)
SELECT item.*, moment.now, moment.now + $18::interval
FROM (SELECT coalesce($17::timestamptz, clock_timestamp()) AS now) AS moment
CROSS JOIN unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[],
    $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
    $15::text[], $16::uuid[]) AS item
RETURNING quoted_at, expires_at
"""


async def read_quotes(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Quote]:
    """Quotes by id; unknown ones are left out."""
    return {row["id"]: quote_of(row) for row in await connection.fetch(_QUOTES, list(ids))}


async def write_quotes(connection: Connection, drafts: Sequence[Draft], pinned: datetime | None) -> list[Quote]:
    """Keep quotes, promised from now on by the database's clock, or by the instant it is pinned to."""
    if not drafts:
        return []
    rows = [_quote_row(draft) for draft in drafts]
    ids = [new_id() for _ in drafts]
    moment = await connection.fetchrow(_WRITE_QUOTES, ids, *map(list, zip(*rows, strict=True)), pinned, LIFETIME)
    assert moment is not None, "every draft was written"
    return [
        Quote(
            quote_id,
            d.member_id,
            d.source,
            d.target,
            d.conversion,
            moment["quoted_at"],
            moment["expires_at"],
            d.tier,
            d.pair_rate_id,
            d.worth_micro,
        )
        for quote_id, d in zip(ids, drafts, strict=True)
    ]


def _quote_row(draft: Draft) -> tuple[UUID | int | str | None, ...]:
    source, target, conversion = draft.source, draft.target, draft.conversion
    return (
        draft.member_id,
        source.membership_id,
        target.membership_id,
        source.program_id,
        target.program_id,
        source.rate_id,
        target.rate_id,
        conversion.source,
        conversion.target,
        conversion.value_micro,
        conversion.fee_micro,
        conversion.credit_micro,
        conversion.rounding_micro,
        draft.tier,
        draft.pair_rate_id,
    )


def quote_of(row: asyncpg.Record) -> Quote:
    """The quote of a row of `exchange_quote`."""
    source, target = sides(row)
    return Quote(
        row["id"],
        row["member_id"],
        source,
        target,
        conversion(row),
        row["quoted_at"],
        row["expires_at"],
        row["source_tier"],
        row["pair_rate_id"],
    )
