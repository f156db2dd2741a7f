"""Exchanges in great number: the same rows as accepting them one by one, without asking about each.

Quotes are drafted once for each wish; every exchange is an intent of its own, posted by the ledger in its largest
batches and written by COPY. What counts for limits is added up at the end. No quotes are kept: they are forgotten in
time anyway, and the books do without them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice, repeat
from typing import Final

from benchmarks.settle.trading import NotExchanged
from brands import Directory, directory
from core.database import Connection, Database
from core.ids import new_id
from exchange import Exchange
from exchange.legs import Intent
from exchange.offers import Quote
from exchange.posting import post_intents
from exchange.usage import ROLLED

BATCH: Final = 1_300
"""Six transfers each stay within the ledger's largest batch."""

SAME: Final = 20
"""How often a batch repeats a wish: fewer accounts move in a batch, each by more."""


async def fill(database: Database, quotes: Sequence[Quote], count: int, progress: Callable[[int], None]) -> None:
    """Make `count` exchanges, as the quotes say, by turns. Raises NotExchanged, PostingFailed."""
    turns = cycle(quotes)
    async with database.connection() as connection:
        network, since = await directory(connection), await connection.fetchval("SELECT clock_timestamp()")
    for done in range(0, count, BATCH):
        intents = [_intent(network, quote) for quote in _some(turns, min(BATCH, count - done))]
        async with database.transaction() as connection:
            posted = await post_intents(connection, network, intents, database.clock)
            await _write(connection, [it for it in posted if isinstance(it, Exchange)])
            if len(posted) != sum(isinstance(it, Exchange) for it in posted):
                raise NotExchanged(str(next(it for it in posted if not isinstance(it, Exchange))))
        progress(done + len(intents))
    async with database.transaction() as connection:
        await connection.execute(_COUNT_CARDS, since)
        await connection.execute(_COUNT_PROGRAMS, since)


def _some(turns: Iterator[Quote], count: int) -> Iterator[Quote]:
    return islice((quote for wish in turns for quote in repeat(wish, SAME)), count)


def _intent(network: Directory, quote: Quote) -> Intent:
    source, target = network.programs[quote.source.program_id], network.programs[quote.target.program_id]
    identifier = new_id()
    return Intent(
        identifier,
        replace(quote, id=new_id()),
        str(identifier),
        source.participant_id,
        target.participant_id,
        target.expires_at(quote.quoted_at),
    )


async def _write(connection: Connection, exchanges: Sequence[Exchange]) -> None:
    rows = [
        (
            it.id, it.member_id, it.source.membership_id, it.target.membership_id, it.source.program_id,
            it.target.program_id, it.source.rate_id, it.target.rate_id, it.conversion.source, it.conversion.target,
            it.conversion.value_micro, it.conversion.fee_micro, it.conversion.credit_micro,
            it.conversion.rounding_micro, it.quote_id, it.idempotency_key, it.source_participant_id,
            it.target_participant_id, it.state.value, it.target_expires_at, it.accepted_at,
        )
        for it in exchanges
    ]  # fmt: skip
    await connection.copy_records_to_table("exchange_exchange", records=rows, columns=_COLUMNS)
    history = [(new_id(), it.id, 1, it.state.value, it.accepted_at) for it in exchanges]
    await connection.copy_records_to_table("exchange_history", records=history, columns=_HISTORY)


_COLUMNS: Final = (
    *("id", "member_id", "source_membership_id", "target_membership_id", "source_program_id", "target_program_id"),
    *("source_rate_id", "target_rate_id", "source_amount", "target_amount", "value_micro", "fee_micro"),
    *("credit_micro", "rounding_micro", "quote_id", "idempotency_key", "source_participant_id"),
    *("target_participant_id", "state", "target_expires_at", "accepted_at"),
)

_HISTORY: Final = ("id", "exchange_id", "sequence", "state", "recorded_at")

_COUNT_CARDS: Final = f"""
INSERT INTO exchange_usage AS usage (membership_id, target_program_id, day_start, day_amount, month_start,
    month_amount, year_start, year_amount, total_amount)
SELECT source_membership_id, target_program_id, day, sum(source_amount), date_trunc('month', day),
    sum(source_amount), date_trunc('year', day), sum(source_amount), sum(source_amount)
FROM exchange_exchange AS exchange JOIN brands_program AS program ON program.id = source_program_id
CROSS JOIN LATERAL (SELECT (accepted_at AT TIME ZONE program.time_zone)::date AS day) AS judged
WHERE accepted_at >= $1 GROUP BY source_membership_id, target_program_id, day
ON CONFLICT (membership_id, target_program_id) DO UPDATE SET {ROLLED}
"""

_COUNT_PROGRAMS: Final = f"""
INSERT INTO exchange_issuance AS usage (program_id, day_start, day_amount, month_start, month_amount, year_start,
    year_amount, total_amount)
SELECT target_program_id, day, sum(target_amount), date_trunc('month', day), sum(target_amount),
    date_trunc('year', day), sum(target_amount), sum(target_amount)
FROM exchange_exchange AS exchange JOIN brands_program AS program ON program.id = target_program_id
CROSS JOIN LATERAL (SELECT (accepted_at AT TIME ZONE program.time_zone)::date AS day) AS judged
WHERE accepted_at >= $1 GROUP BY target_program_id, day
ON CONFLICT (program_id) DO UPDATE SET {ROLLED}
"""
