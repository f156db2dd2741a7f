"""Exchanges in the database: read and written in sets, by hand-written SQL."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import asyncpg

from core.database import Connection
from core.ids import new_id
from exchange.columns import conversion, sides
from exchange.exchanges import Exchange
from exchange.states import State
from exchange.usage import ROLLED
from ledger import Part

_EXCHANGES: Final = "SELECT * FROM exchange_exchange WHERE id = ANY($1::uuid[])"

_EXCHANGES_OF: Final = """
SELECT * FROM exchange_exchange
WHERE source_membership_id = ANY($1::uuid[])
    AND ($2::uuid IS NULL OR (accepted_at, id) < (SELECT accepted_at, id FROM exchange_exchange WHERE id = $2))
ORDER BY accepted_at DESC, id DESC LIMIT $3
"""

_EXCHANGES_BETWEEN: Final = """
SELECT * FROM exchange_exchange
WHERE ($1::uuid IS NULL OR id > $1) AND ($2::uuid IS NULL OR id <= $2)
    AND $3 = EXISTS (SELECT FROM exchange_errand AS errand WHERE errand.exchange_id = exchange_exchange.id
        AND errand.role IN ('DEBIT', 'CREDIT') AND errand.sequence = 0)
ORDER BY id
"""

_GIVEN: Final = """
SELECT item.*, quote.*, source_day.day AS source_day, target_day.day AS target_day
FROM unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::uuid[], ?::uuid[], ?::timestamptz[], ?::timestamptz[],
    ?::text[]) AS item (exchange_id, history_id, quote_id, idempotency_key, source_participant_id,
    target_participant_id, target_expires_at, accepted_at, state)
JOIN exchange_quote AS quote ON quote.id = item.quote_id
JOIN unnest(?::uuid[], ?::date[]) AS source_day (program_id, day) ON source_day.program_id = quote.source_program_id
JOIN unnest(?::uuid[], ?::date[]) AS target_day (program_id, day) ON target_day.program_id = quote.target_program_id
"""

_KEPT: Final = """
INSERT INTO exchange_exchange (id, member_id, source_membership_id, target_membership_id, source_program_id,
    target_program_id, source_rate_id, target_rate_id, source_amount, target_amount, value_micro, fee_micro,
    credit_micro, rounding_micro, source_tier, pair_rate_id, quote_id, idempotency_key, source_participant_id,
    target_participant_id, state, target_expires_at, accepted_at)
SELECT exchange_id, member_id, source_membership_id, target_membership_id, source_program_id,
    target_program_id, source_rate_id, target_rate_id, source_amount, target_amount, value_micro, fee_micro,
    credit_micro, rounding_micro, source_tier, pair_rate_id, quote_id, idempotency_key, source_participant_id,
    target_participant_id, state, target_expires_at, accepted_at
FROM exchanges_given
"""

_TOLD: Final = """
INSERT INTO exchange_history (id, exchange_id, sequence, state, recorded_at)
SELECT history_id, exchange_id, 1, state, accepted_at FROM exchanges_given
"""

_COUNTED: Final = f"""
INSERT INTO exchange_usage AS usage (membership_id, target_program_id, day_start, day_amount, month_start,
    month_amount, year_start, year_amount, total_amount)
SELECT source_membership_id, target_program_id, source_day, sum(source_amount),
    date_trunc('month', source_day), sum(source_amount), date_trunc('year', source_day), sum(source_amount),
    sum(source_amount)
FROM exchanges_given
GROUP BY source_membership_id, target_program_id, source_day
ON CONFLICT (membership_id, target_program_id) DO UPDATE SET {ROLLED}
"""

_ISSUED: Final = f"""
INSERT INTO exchange_issuance AS usage (program_id, day_start, day_amount, month_start, month_amount, year_start,
    year_amount, total_amount)
SELECT target_program_id, target_day, sum(target_amount), date_trunc('month', target_day), sum(target_amount),
    date_trunc('year', target_day), sum(target_amount), sum(target_amount)
FROM exchanges_given
GROUP BY target_program_id, target_day ORDER BY target_program_id
ON CONFLICT (program_id) DO UPDATE SET {ROLLED}
"""


async def exchanges_by_id(connection: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Exchange]:
    """Exchanges by id; unknown ones are left out."""
    return {row["id"]: exchange_of(row) for row in await connection.fetch(_EXCHANGES, list(ids))}


async def exchanges_of(
    connection: Connection, membership_ids: Iterable[UUID], *, count: int, after_id: UUID | None = None
) -> list[Exchange]:
    """What was exchanged out of the memberships, the latest first: at most `count` that come after `after_id`."""
    return [exchange_of(row) for row in await connection.fetch(_EXCHANGES_OF, list(membership_ids), after_id, count)]


async def exchanges_at_once(connection: Connection, after: UUID | None, until: UUID | None) -> list[Exchange]:
    """The exchanges with ids beyond `after` up to `until` that needed no brand's own system, in order."""
    return await _between(connection, after, until, in_steps=False)


async def exchanges_in_steps(connection: Connection, after: UUID | None, until: UUID | None) -> list[Exchange]:
    """The same of those that needed one."""
    return await _between(connection, after, until, in_steps=True)


async def _between(connection: Connection, after: UUID | None, until: UUID | None, *, in_steps: bool) -> list[Exchange]:
    return [exchange_of(row) for row in await connection.fetch(_EXCHANGES_BETWEEN, after, until, in_steps)]


def exchange_parts(exchanges: Sequence[Exchange], days: Mapping[UUID, date]) -> list[Part]:
    """What writes new exchanges, their history, and what they use of limits on the present day of each program."""
    columns = (
        [exchange.id for exchange in exchanges],
        [new_id() for _ in exchanges],
        [exchange.quote_id for exchange in exchanges],
        [exchange.idempotency_key for exchange in exchanges],
        [exchange.source_participant_id for exchange in exchanges],
        [exchange.target_participant_id for exchange in exchanges],
        [exchange.target_expires_at for exchange in exchanges],
        [exchange.accepted_at for exchange in exchanges],
        [exchange.state.value for exchange in exchanges],
    )
    by_day = list(days), list(days.values())
    return [
        Part("exchanges_given", _GIVEN, (*columns, *by_day, *by_day)),
        Part("exchanges_kept", _KEPT, ()),
        Part("exchanges_told", _TOLD, ()),
        Part("exchanges_counted", _COUNTED, ()),
        Part("exchanges_issued", _ISSUED, ()),
    ]


def exchange_of(row: asyncpg.Record) -> Exchange:
    """The exchange of a row of `exchange_exchange`."""
    source, target = sides(row)
    return Exchange(
        row["id"],
        row["quote_id"],
        row["member_id"],
        row["idempotency_key"],
        source,
        target,
        conversion(row),
        row["source_participant_id"],
        row["target_participant_id"],
        State(row["state"]),
        row["target_expires_at"],
        row["accepted_at"],
    )
