"""Thousands of awards and burns under one name, an answer for each, resumable.

Rows are posted a thousand at a time, each thousand in one commit with its answers. Whatever stops a batch, sending it
again goes on where it stopped: what was recorded stays, what was refused is judged anew, nothing happens twice.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final, TypeAlias
from uuid import UUID

import asyncpg

from core.database import Connection, Database
from core.errors import Refusal
from core.ids import new_id
from core.locks import lock_keys
from core.refusals import IdempotencyConflict, KeyUnusable, key_usable
from exchange.member_codes import MemberCodes
from exchange.movements import Award, Burn, Movement
from exchange.moving import move
from exchange.ports import SILENT, Outbox

CHUNK: Final = 1_000
"""Rows that are committed together."""
BATCH_KEY_LENGTH_MAX: Final = 40
ROW_KEY_LENGTH_MAX: Final = 59
"""Characters; batch and row together are the movement's idempotency key."""

Progress: TypeAlias = Callable[[int], None]
"""Told after each commit how many rows are done."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row: an order, or why what was sent is none."""

    key: str
    """Names the row in its batch."""
    order: Award | Burn | Refusal
    """The order's own idempotency key is made from the names of batch and row."""


@dataclass(frozen=True, slots=True)
class BatchWish:
    """A batch as it was sent."""

    client_id: str
    key: str
    """Names the batch among the client's."""
    brand_id: UUID
    program_id: UUID
    digest: bytes
    """Of all rows: under one name there is one content."""
    row_count: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch and how far it has come."""

    id: UUID
    client_id: str
    key: str
    brand_id: UUID
    program_id: UUID
    row_count: int
    moved: int
    """Rows that are recorded."""
    refused: int
    opened_at: datetime
    finished_at: datetime | None
    """None: some rows have no answer yet; send it again."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row."""

    number: int
    """From 1."""
    key: str
    movement_id: UUID | None
    refusal: str | None
    """The name of the refusal."""
    message: str | None


def digest_of(rows: Iterable[BatchRow]) -> bytes:
    """What a batch says, in 32 bytes."""
    digest = hashlib.blake2b(digest_size=32)
    for row in rows:
        digest.update(repr(row).encode())
    return digest.digest()


async def move_batch(
    database: Database,
    wish: BatchWish,
    rows: Iterable[BatchRow],
    *,
    outbox: Outbox = SILENT,
    codes: MemberCodes | None = None,
    progress: Progress | None = None,
) -> Batch | KeyUnusable | IdempotencyConflict:
    """Record what the rows order. The caller answers for it that the client may act for the brand."""
    if not key_usable(wish.key) or len(wish.key) > BATCH_KEY_LENGTH_MAX:
        return KeyUnusable(BATCH_KEY_LENGTH_MAX)
    batch = await _open(database, wish)
    if isinstance(batch, IdempotencyConflict):
        return batch
    numbered = enumerate(rows, start=1)
    while chunk := list(islice(numbered, CHUNK)):
        async with database.transaction() as connection:
            await _move_chunk(connection, database, batch, chunk, outbox, codes)
        if progress:
            progress(chunk[-1][0])
    async with database.transaction() as connection:
        await connection.execute(_FINISH, batch.id, database.clock.now())
        return await _read(connection, _BY_ID, batch.id)


async def batch_by_key(connection: Connection, client_id: str, key: str) -> Batch | None:
    """The client's batch of this name."""
    row = await connection.fetchrow(_BY_KEY, client_id, key)
    return None if row is None else _batch(row)


async def batch_by_id(connection: Connection, batch_id: UUID) -> Batch | None:
    """The batch with this id."""
    row = await connection.fetchrow(_BY_ID, batch_id)
    return None if row is None else _batch(row)


async def batch_results(
    connection: Connection, batch_id: UUID, *, after: int = 0, count: int, refused_only: bool = False
) -> Sequence[RowResult]:
    """The answers to rows with numbers beyond `after`, in order, at most `count`."""
    rows = await connection.fetch(_RESULTS, batch_id, after, refused_only, count)
    return [RowResult(*row) for row in rows]


async def _open(database: Database, wish: BatchWish) -> Batch | IdempotencyConflict:
    async with database.transaction() as connection:
        await lock_keys(connection, "exchange.batch", [f"{wish.client_id}/{wish.key}"])
        known = await connection.fetchrow(_BY_KEY, wish.client_id, wish.key)
        if known is None:
            facts = (wish.client_id, wish.key, wish.brand_id, wish.program_id, wish.digest, wish.row_count)
            await connection.execute(_INSERT, new_id(), *facts, database.clock.now())
            return await _read(connection, _BY_KEY, wish.client_id, wish.key)
        same = {
            "brand": known["brand_id"] == wish.brand_id,
            "program": known["program_id"] == wish.program_id,
            "rows": known["digest"] == wish.digest,
        }
        field = next((name for name, equal in same.items() if not equal), None)
        return _batch(known) if field is None else IdempotencyConflict(field)


async def _move_chunk(
    connection: Connection,
    database: Database,
    batch: Batch,
    chunk: Sequence[tuple[int, BatchRow]],
    outbox: Outbox,
    codes: MemberCodes | None,
) -> None:
    first, last = chunk[0][0], chunk[-1][0]
    # Whoever sends the same batch at the same time waits here, and then finds these rows answered.
    await lock_keys(connection, "exchange.batch.rows", [f"{batch.id}/{first}"])
    done = {row["number"] for row in await connection.fetch(_MOVED, batch.id, first, last)}
    open_rows = [(number, _named(batch, row)) for number, row in chunk if number not in done]
    orders = [(number, row.order) for number, row in open_rows if isinstance(row.order, Award | Burn)]
    verdicts: dict[int, Movement | Refusal] = {
        number: row.order for number, row in open_rows if isinstance(row.order, Refusal)
    }
    if orders:
        found = await move(connection, [order for _, order in orders], database.clock, outbox=outbox, codes=codes)
        verdicts |= {number: verdict for (number, _), verdict in zip(orders, found, strict=True)}
    await connection.execute(_ANSWER, batch.id, *_columns(open_rows, verdicts))


def _named(batch: Batch, row: BatchRow) -> BatchRow:
    if isinstance(row.order, Refusal):
        return row
    if not key_usable(row.key) or len(row.key) > ROW_KEY_LENGTH_MAX:
        return BatchRow("".join(filter(str.isprintable, row.key))[:ROW_KEY_LENGTH_MAX], KeyUnusable(ROW_KEY_LENGTH_MAX))
    return BatchRow(row.key, replace(row.order, idempotency_key=f"{batch.key}/{row.key}"))


def _columns(rows: Sequence[tuple[int, BatchRow]], verdicts: dict[int, Movement | Refusal]) -> Iterator[list[object]]:
    answers = [verdicts[number] for number, _ in rows]
    yield [number for number, _ in rows]
    yield [row.key for _, row in rows]
    yield [answer.id if isinstance(answer, Movement) else None for answer in answers]
    yield [type(answer).__name__ if isinstance(answer, Refusal) else None for answer in answers]
    yield [answer.message if isinstance(answer, Refusal) else None for answer in answers]


async def _read(connection: Connection, query: str, *arguments: object) -> Batch:
    row = await connection.fetchrow(query, *arguments)
    assert row is not None, "the batch was written in this transaction or before"
    return _batch(row)


def _batch(row: asyncpg.Record) -> Batch:
    names = ("id", "client_id", "key", "brand_id", "program_id", "row_count", "moved", "refused", "opened_at")
    return Batch(*(row[name] for name in (*names, "finished_at")))


_SELECT: Final = """
SELECT batch.*, counted.moved, counted.refused
FROM exchange_batch AS batch CROSS JOIN LATERAL (
    SELECT count(movement_id)::integer AS moved, count(refusal)::integer AS refused
    FROM exchange_batch_row WHERE batch_id = batch.id
) AS counted
"""
_BY_KEY: Final = f"{_SELECT} WHERE client_id = $1 AND key = $2"
_BY_ID: Final = f"{_SELECT} WHERE id = $1"

_INSERT: Final = """
INSERT INTO exchange_batch (id, client_id, key, brand_id, program_id, digest, row_count, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

_MOVED: Final = """
SELECT number FROM exchange_batch_row WHERE batch_id = $1 AND number BETWEEN $2 AND $3 AND movement_id IS NOT NULL
"""

_ANSWER: Final = """
INSERT INTO exchange_batch_row (batch_id, number, key, movement_id, refusal, message)
SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::uuid[], $5::text[], $6::text[])
ON CONFLICT (batch_id, number) DO UPDATE
SET movement_id = excluded.movement_id, refusal = excluded.refusal, message = excluded.message
"""

_FINISH: Final = "UPDATE exchange_batch SET finished_at = $2 WHERE id = $1 AND finished_at IS NULL"

_RESULTS: Final = """
SELECT number, key, movement_id, refusal, message FROM exchange_batch_row
WHERE batch_id = $1 AND number > $2 AND (NOT $3 OR refusal IS NOT NULL) ORDER BY number LIMIT $4
"""
