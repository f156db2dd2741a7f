"""Errands, calls and answers in the database: read and written in sets, by hand-written SQL."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from core.database import Connection
from exchange.brand_system import Answer, Done, Failed, InquiryAnswer, NotFound, Pending
from exchange.exchange_rows import exchange_of
from exchange.exchanges import Exchange
from exchange.saga.errands import Errand, Mode, Outcome, Role
from exchange.saga.turns import Answered, NewCall

_LOCK: Final = """
SELECT moment.now AS now, exchange.*
FROM (SELECT coalesce($2::timestamptz, clock_timestamp()) AS now) AS moment
CROSS JOIN exchange_exchange AS exchange
WHERE exchange.id = ANY($1::uuid[]) ORDER BY exchange.id FOR NO KEY UPDATE OF exchange
"""

_WAITING: Final = """
SELECT * FROM exchange_errand
WHERE exchange_id = ANY($1::uuid[]) AND (due_at IS NOT NULL OR outcome IS NULL) ORDER BY created_at, id
"""

_ERRANDS: Final = "SELECT * FROM exchange_errand WHERE exchange_id = ANY($1::uuid[]) ORDER BY created_at, id"

_BY_ID: Final = "SELECT * FROM exchange_errand WHERE id = ANY($1::uuid[])"

_INSERT: Final = """
INSERT INTO exchange_errand (id, exchange_id, role, sequence, program_id, amount, created_at, mode, due_at,
    deadline_at, attempts, sends, first_sent_at, last_sent_at, call_id, lease_until)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::uuid[], $6::bigint[], $7::timestamptz[],
    $8::text[], $9::timestamptz[], $10::timestamptz[], $11::int[], $12::int[], $13::timestamptz[], $14::timestamptz[],
    $15::uuid[], $16::timestamptz[])
"""

_UPDATE: Final = """
UPDATE exchange_errand AS errand SET
    outcome = item.outcome, failure = item.failure, ended_at = item.ended_at, mode = item.mode, due_at = item.due_at,
    deadline_at = item.deadline_at, attempts = item.attempts, sends = item.sends,
    first_sent_at = item.first_sent_at, last_sent_at = item.last_sent_at, ambiguous = item.ambiguous,
    call_id = item.call_id, lease_until = item.lease_until, brand_reference = item.brand_reference
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[], $7::timestamptz[],
    $8::int[], $9::int[], $10::timestamptz[], $11::timestamptz[], $12::boolean[], $13::uuid[], $14::timestamptz[],
    $15::text[])
    AS item (id, outcome, failure, ended_at, mode, due_at, deadline_at, attempts, sends, first_sent_at, last_sent_at,
        ambiguous, call_id, lease_until, brand_reference)
WHERE errand.id = item.id
"""

_CALLS: Final = """
INSERT INTO exchange_call (id, errand_id, mode, attempt, called_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[])
"""

_ANSWERS: Final = """
INSERT INTO exchange_answer (call_id, answer, failure, final, brand_reference, brand_code, message, booked_at,
    messages, answered_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[], $9::jsonb[], $10::timestamptz[])
ON CONFLICT (call_id) DO NOTHING
"""

MESSAGE_LENGTH_MAX: Final = 1_000
"""Characters of a brand's words that are kept as evidence."""
MESSAGES_LENGTH_MAX: Final = 4_000
"""Characters of a request and of an answer, as they went over the wire."""


@dataclass(frozen=True, slots=True)
class Locked:
    """Exchanges that nobody else changes until the transaction ends, and when they were locked."""

    now: datetime
    exchanges: Mapping[UUID, Exchange]


async def lock_exchanges(connection: Connection, ids: Iterable[UUID], pinned: datetime | None) -> Locked | None:
    """Lock exchanges in one order; None: none of them exists."""
    rows = await connection.fetch(_LOCK, list(ids), pinned)
    return Locked(max(row["now"] for row in rows), {row["id"]: exchange_of(row) for row in rows}) if rows else None


async def waiting_errands(connection: Connection, exchange_ids: Iterable[UUID]) -> dict[UUID, list[Errand]]:
    """By exchange, the errands that are not over or still have a call to make."""
    return _grouped(await connection.fetch(_WAITING, list(exchange_ids)))


async def errands_of(connection: Connection, exchange_ids: Iterable[UUID]) -> dict[UUID, list[Errand]]:
    """By exchange, all errands in the order of their making."""
    return _grouped(await connection.fetch(_ERRANDS, list(exchange_ids)))


async def errands_by_id(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Errand]:
    """Errands by id; unknown ones are left out."""
    return {row["id"]: _errand(row) for row in await connection.fetch(_BY_ID, list(ids))}


async def write_new(connection: Connection, errands: Sequence[Errand]) -> None:
    """Write errands that have just begun, with their first call where that is about to be made."""
    if errands:
        columns = ("id", "exchange_id", "role", "sequence", "program_id", "amount", "created_at", "mode", "due_at")
        begun = ("deadline_at", "attempts", "sends", "first_sent_at", "last_sent_at", "call_id", "lease_until")
        await connection.execute(_INSERT, *_columns(errands, (*columns, *begun)))


async def write_progress(connection: Connection, errands: Sequence[Errand]) -> None:
    """Write how far errands are."""
    columns = ("id", "outcome", "failure", "ended_at", "mode", "due_at", "deadline_at", "attempts", "sends")
    more = ("first_sent_at", "last_sent_at", "ambiguous", "call_id", "lease_until", "brand_reference")
    await connection.execute(_UPDATE, *_columns(errands, (*columns, *more)))


async def write_calls(connection: Connection, calls: Sequence[tuple[NewCall, UUID, datetime]]) -> None:
    """Write down calls before they are made: (call, errand, when)."""
    if calls:
        rows = [(call.id, errand_id, call.mode.value, call.attempt, at) for call, errand_id, at in calls]
        await connection.execute(_CALLS, *map(list, zip(*rows, strict=True)))


async def write_answers(connection: Connection, answers: Sequence[tuple[Answered, datetime]]) -> None:
    """Write down what brands said, and when it was known."""
    if answers:
        rows = [(told.call_id, *_said(told.answer), _messages(told), at) for told, at in answers]
        await connection.execute(_ANSWERS, *map(list, zip(*rows, strict=True)))


def _columns(errands: Sequence[Errand], names: Sequence[str]) -> list[list[object]]:
    return [[getattr(errand, name) for errand in errands] for name in names]


def _said(answer: Answer | InquiryAnswer) -> tuple[object, ...]:
    match answer:
        case Done(brand_reference, recorded_at):
            return "DONE", None, None, brand_reference, None, None, recorded_at
        case Pending(brand_reference):
            return "PENDING", None, None, brand_reference, None, None, None
        case NotFound(final):
            return "NOT_FOUND", None, final, None, None, None, None
        case Failed(failure, message, brand_code):
            words = message.replace("\x00", "")[:MESSAGE_LENGTH_MAX]
            return "FAILED", failure.value, None, None, brand_code, words, None


def _messages(told: Answered) -> str | None:
    # What a brand did without a word of complaint needs no messages to prove it: its own books do.
    if isinstance(told.answer, Done) or not told.records:
        return None
    kept = [
        {
            "call": record.call,
            "sent_at": record.sent_at.isoformat(),
            "duration_seconds": record.duration_seconds,
            "request": record.request[:MESSAGES_LENGTH_MAX],
            "answer": record.answer[:MESSAGES_LENGTH_MAX],
            "outcome": record.outcome,
        }
        for record in told.records
    ]
    return json.dumps(kept, ensure_ascii=False).replace("\\u0000", "")


def _grouped(rows: Iterable[asyncpg.Record]) -> dict[UUID, list[Errand]]:
    found: dict[UUID, list[Errand]] = {}
    for row in rows:
        found.setdefault(row["exchange_id"], []).append(_errand(row))
    return found


def _errand(row: asyncpg.Record) -> Errand:
    outcome = row["outcome"]
    return Errand(
        row["id"], row["exchange_id"], Role(row["role"]), row["sequence"], row["program_id"], row["amount"],
        row["created_at"], None if outcome is None else Outcome(outcome), row["failure"], row["ended_at"],
        Mode(row["mode"]), row["due_at"], row["deadline_at"], row["attempts"], row["sends"], row["first_sent_at"],
        row["last_sent_at"], row["ambiguous"], row["call_id"], row["lease_until"], row["brand_reference"],
    )  # fmt: skip
