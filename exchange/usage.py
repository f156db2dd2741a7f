"""What was used of limits, in the database: read in sets, added with each exchange, and given back."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from brands import Program
from core.database import Connection
from exchange.limits import Limits
from exchange.periods import Key, Sums

ROLLED: Final = """
    day_amount = CASE WHEN excluded.day_start > usage.day_start THEN 0 ELSE usage.day_amount END
        + excluded.day_amount,
    day_start = greatest(usage.day_start, excluded.day_start),
    month_amount = CASE WHEN excluded.month_start > usage.month_start THEN 0 ELSE usage.month_amount END
        + excluded.month_amount,
    month_start = greatest(usage.month_start, excluded.month_start),
    year_amount = CASE WHEN excluded.year_start > usage.year_start THEN 0 ELSE usage.year_amount END
        + excluded.year_amount,
    year_start = greatest(usage.year_start, excluded.year_start),
    total_amount = usage.total_amount + excluded.total_amount
"""
"""How sums go on, or begin anew with a new period."""

_OF_CARDS: Final = "SELECT * FROM exchange_usage WHERE membership_id = ANY($1::uuid[])"

_ISSUED: Final = "SELECT * FROM exchange_issuance WHERE program_id = ANY($1::uuid[]) ORDER BY program_id"
# The rows are locked until the transaction ends; there is one for each program that was ever issued.
_LOCK_ISSUED: Final = f"{_ISSUED} FOR UPDATE"
_OPEN_ISSUED: Final = """
INSERT INTO exchange_issuance
SELECT id, '-infinity', 0, '-infinity', 0, '-infinity', 0, 0 FROM unnest($1::uuid[]) AS program (id) ORDER BY id
ON CONFLICT DO NOTHING
"""

_GIVE_BACK: Final = """
WITH kept AS (
    INSERT INTO exchange_usage_return (id, exchange_id, source_amount, target_amount, returned_at)
    SELECT *, $5::timestamptz FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])
    ON CONFLICT (id) DO NOTHING
    RETURNING exchange_id, source_amount, target_amount
), back AS (
    SELECT source_membership_id, target_program_id, kept.source_amount, kept.target_amount,
        (accepted_at AT TIME ZONE source.time_zone)::date AS source_day,
        (accepted_at AT TIME ZONE target.time_zone)::date AS target_day
    FROM kept JOIN exchange_exchange AS exchange ON exchange.id = kept.exchange_id
    JOIN brands_program AS source ON source.id = source_program_id
    JOIN brands_program AS target ON target.id = target_program_id
), cards AS (
    SELECT usage.membership_id, usage.target_program_id,
        coalesce(sum(source_amount) FILTER (WHERE source_day >= day_start), 0) AS of_day,
        coalesce(sum(source_amount) FILTER (WHERE source_day >= month_start), 0) AS of_month,
        coalesce(sum(source_amount) FILTER (WHERE source_day >= year_start), 0) AS of_year,
        sum(source_amount) AS of_all
    FROM back JOIN exchange_usage AS usage
        ON usage.membership_id = source_membership_id AND usage.target_program_id = back.target_program_id
    GROUP BY usage.membership_id, usage.target_program_id
), fewer AS (
    UPDATE exchange_usage AS usage SET
        day_amount = greatest(day_amount - of_day, 0),
        month_amount = greatest(month_amount - of_month, day_amount - of_day, 0),
        year_amount = greatest(year_amount - of_year, month_amount - of_month, day_amount - of_day, 0),
        total_amount = total_amount - of_all
    FROM cards WHERE usage.membership_id = cards.membership_id AND usage.target_program_id = cards.target_program_id
), programs AS (
    SELECT issued.program_id,
        coalesce(sum(target_amount) FILTER (WHERE target_day >= day_start), 0) AS of_day,
        coalesce(sum(target_amount) FILTER (WHERE target_day >= month_start), 0) AS of_month,
        coalesce(sum(target_amount) FILTER (WHERE target_day >= year_start), 0) AS of_year,
        sum(target_amount) AS of_all
    FROM back JOIN exchange_issuance AS issued ON issued.program_id = back.target_program_id
    GROUP BY issued.program_id
)
UPDATE exchange_issuance AS issued SET
    day_amount = greatest(day_amount - of_day, 0),
    month_amount = greatest(month_amount - of_month, day_amount - of_day, 0),
    year_amount = greatest(year_amount - of_year, month_amount - of_month, day_amount - of_day, 0),
    total_amount = total_amount - of_all
FROM programs WHERE issued.program_id = programs.program_id
"""


@dataclass(frozen=True, slots=True)
class Return:
    """What no longer counts for limits, because it was refused, refunded or reversed."""

    id: UUID
    """Of whatever takes it back; given again, it changes nothing."""
    exchange_id: UUID
    source: int
    """Minor units of the source that did not leave in the end."""
    target: int
    """Minor units of the target that were not issued in the end."""


async def give_back_usage(connection: Connection, returns: Sequence[Return], instant: datetime) -> None:
    """Let these no longer count, in whichever present period they did. Each return once, however often it is given.

    Call it after posting in the same transaction, as exchanges are counted after it; only budgets are locked before
    (`read_issued`).
    """
    if not returns:
        return
    # Updates of several rows come in the order in which exchanges lock them.
    targets = "SELECT target_program_id FROM exchange_exchange WHERE id = ANY($1::uuid[])"
    rows = await connection.fetch(targets, [each.exchange_id for each in returns])
    await connection.fetch(_LOCK_ISSUED, sorted({row["target_program_id"] for row in rows}))
    await connection.execute(
        _GIVE_BACK,
        [each.id for each in returns],
        [each.exchange_id for each in returns],
        [each.source for each in returns],
        [each.target for each in returns],
        instant,
    )


async def read_cards(connection: Connection, cards: Collection[UUID]) -> list[asyncpg.Record]:
    """What was exchanged from each card into each program."""
    return await connection.fetch(_OF_CARDS, list(cards)) if cards else []


async def read_issued(connection: Connection, programs: Iterable[Program], *, lock: bool) -> dict[UUID, Sums]:
    """What exchanges issued of those programs whose issue is limited; locked, nobody else issues them meanwhile."""
    ids = sorted({program.id for program in programs if is_budgeted(program)})
    if not ids:
        return {}
    rows = await connection.fetch(_LOCK_ISSUED if lock else _ISSUED, ids)
    if lock and len(rows) < len(ids):
        await connection.execute(_OPEN_ISSUED, ids)
        rows = await connection.fetch(_LOCK_ISSUED, ids)
    return {row["program_id"]: sums_of(row) for row in rows}


def is_budgeted(program: Program) -> bool:
    """Whether there is a limit to what exchanges issue of the program."""
    return any(amount is not None for amount in (program.issuance.day, program.issuance.month, program.issuance.year))


def tally(
    limits: Limits,
    programs: Mapping[UUID, Program],
    cards: Mapping[UUID, tuple[UUID, UUID]],
    rows: Iterable[asyncpg.Record],
    issued: Mapping[UUID, Sums],
) -> Counter[Key]:
    """What is used of all limits now. `cards`: member and program of each card; a row that comes twice counts once."""
    used: Counter[Key] = Counter()
    for (membership_id, target_id), row in {_pair(row): row for row in rows}.items():
        member_id, program_id = cards[membership_id]
        counted = limits.counted(programs[program_id])
        if counted:
            for period, amount in sums_of(row).used(limits.spans(programs[program_id])):
                if period in counted:
                    used[period, member_id, program_id] += amount
                    used[period, member_id, program_id, target_id] += amount
    for program_id, sums in issued.items():
        for period, amount in sums.used(limits.spans(programs[program_id])):
            used[period, program_id] += amount
    return used


def _pair(row: asyncpg.Record) -> tuple[UUID, UUID]:
    return row["membership_id"], row["target_program_id"]


def sums_of(row: asyncpg.Record) -> Sums:
    """The sums in a row."""
    return Sums(
        (row["day_start"], row["month_start"], row["year_start"]),
        (row["day_amount"], row["month_amount"], row["year_amount"]),
    )
