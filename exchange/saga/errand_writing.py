"""Writing errands, calls and answers: all of a commit's in one statement, as each takes a round trip of its own."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from core.database import Connection
from exchange.brand_system import Answer, Done, Failed, InquiryAnswer, NotFound, Pending
from exchange.saga.cases import closing_parts
from exchange.saga.errands import Errand
from exchange.saga.turns import Answered, NewCall, Turn
from ledger import Part, write_parts

_INSERT: Final = """
INSERT INTO exchange_errand (id, exchange_id, role, sequence, program_id, amount, created_at, mode, due_at,
    deadline_at, attempts, sends, first_sent_at, last_sent_at, call_id, lease_until)
SELECT * FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::int[], ?::uuid[], ?::bigint[], ?::timestamptz[],
    ?::text[], ?::timestamptz[], ?::timestamptz[], ?::int[], ?::int[], ?::timestamptz[], ?::timestamptz[],
    ?::uuid[], ?::timestamptz[])
"""

_UPDATE: Final = """
UPDATE exchange_errand AS errand SET
    outcome = item.outcome, failure = item.failure, ended_at = item.ended_at, mode = item.mode, due_at = item.due_at,
    deadline_at = item.deadline_at, attempts = item.attempts, sends = item.sends,
    first_sent_at = item.first_sent_at, last_sent_at = item.last_sent_at, ambiguous = item.ambiguous,
    call_id = item.call_id, lease_until = item.lease_until, brand_reference = item.brand_reference
FROM unnest(?::uuid[], ?::text[], ?::text[], ?::timestamptz[], ?::text[], ?::timestamptz[], ?::timestamptz[],
    ?::int[], ?::int[], ?::timestamptz[], ?::timestamptz[], ?::boolean[], ?::uuid[], ?::timestamptz[],
    ?::text[])
    AS item (id, outcome, failure, ended_at, mode, due_at, deadline_at, attempts, sends, first_sent_at, last_sent_at,
        ambiguous, call_id, lease_until, brand_reference)
WHERE errand.id = item.id
"""

_CALLS: Final = """
INSERT INTO exchange_call (id, errand_id, mode, attempt, called_at)
SELECT * FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::int[], ?::timestamptz[])
"""

_ANSWERS: Final = """
INSERT INTO exchange_answer (call_id, answer, failure, final, brand_reference, brand_code, message, booked_at,
    messages, answered_at)
SELECT * FROM unnest(?::uuid[], ?::text[], ?::text[], ?::boolean[], ?::text[], ?::text[], ?::text[],
    ?::timestamptz[], ?::jsonb[], ?::timestamptz[])
ON CONFLICT (call_id) DO NOTHING
"""

MESSAGE_LENGTH_MAX: Final = 1_000
"""Characters of a brand's words that are kept as evidence."""
MESSAGES_LENGTH_MAX: Final = 4_000
"""Characters of a request and of an answer, as they went over the wire."""


async def write_new(connection: Connection, errands: Sequence[Errand]) -> None:
    """Write errands that have just begun."""
    await write_parts(connection, _begun(errands))


async def write_progress(connection: Connection, errands: Sequence[Errand]) -> None:
    """Write how far errands are."""
    await write_parts(connection, _progress(errands))


async def write_answers(connection: Connection, answers: Sequence[tuple[Answered, datetime]]) -> None:
    """Write down what brands said, and when it was known."""
    await write_parts(connection, _answers(answers))


async def write_errands(connection: Connection, turns: Sequence[Turn]) -> None:
    """Write what turns do to errands: progress, those that follow, calls, answers, settled cases."""
    closing = [turn.errand.id for turn in turns if turn.plan.closes_case]
    parts = [
        *_progress([turn.errand for turn in turns]),
        *_begun([turn.next_errand for turn in turns if turn.next_errand]),
        *_calls([(found.call, found.errand.id, turn.now) for turn in turns if (found := turn.begun)]),
        *_answers([(turn.answered, turn.now) for turn in turns if turn.answered]),
        *closing_parts(closing, turns[0].now),
    ]
    await write_parts(connection, parts)


def _begun(errands: Sequence[Errand]) -> list[Part]:
    return [Part("errands_begun", _INSERT, _columns(errands, _NEW))] if errands else []


def _progress(errands: Sequence[Errand]) -> list[Part]:
    return [Part("errands_moved", _UPDATE, _columns(errands, _MOVED))] if errands else []


def _calls(calls: Sequence[tuple[NewCall, UUID, datetime]]) -> list[Part]:
    rows = [(call.id, errand_id, call.mode.value, call.attempt, at) for call, errand_id, at in calls]
    return [Part("calls_begun", _CALLS, list(map(list, zip(*rows, strict=True))))] if rows else []


def _answers(answers: Sequence[tuple[Answered, datetime]]) -> list[Part]:
    rows = [(told.call_id, *_said(told.answer), _messages(told), at) for told, at in answers]
    return [Part("calls_answered", _ANSWERS, list(map(list, zip(*rows, strict=True))))] if rows else []


_NEW: Final = (
    "id", "exchange_id", "role", "sequence", "program_id", "amount", "created_at", "mode", "due_at", "deadline_at",
    "attempts", "sends", "first_sent_at", "last_sent_at", "call_id", "lease_until",
)  # fmt: skip

_MOVED: Final = (
    "id", "outcome", "failure", "ended_at", "mode", "due_at", "deadline_at", "attempts", "sends", "first_sent_at",
    "last_sent_at", "ambiguous", "call_id", "lease_until", "brand_reference",
)  # fmt: skip


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
