"""What was asked of brands and what they said, for whoever has to decide; and the digest of it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from core.database import Connection
from exchange.saga.errands import Mode, Role, reference_of

_CALLS: Final = """
SELECT call.id, errand.id AS errand_id, errand.exchange_id, errand.role, errand.sequence, errand.amount,
    errand.program_id, call.mode, call.attempt, call.called_at, answer.answer, answer.failure, answer.final,
    answer.brand_reference, answer.brand_code, answer.message, answer.booked_at, answer.messages, answer.answered_at
FROM exchange_errand AS errand
JOIN exchange_call AS call ON call.errand_id = errand.id
LEFT JOIN exchange_answer AS answer ON answer.call_id = call.id
WHERE errand.exchange_id = $1
ORDER BY call.called_at, call.id
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One call to a brand's system and its answer; the answer's fields are None while there is none."""

    call_id: UUID
    errand_id: UUID
    role: Role
    mode: Mode
    attempt: int
    program_id: UUID
    reference: str
    """As it was sent to the brand."""
    amount: int
    called_at: datetime
    answer: str | None
    """DONE, PENDING, FAILED or NOT_FOUND."""
    failure: str | None
    final: bool | None
    brand_reference: str | None
    brand_code: str | None
    message: str | None
    booked_at: datetime | None
    answered_at: datetime | None
    messages: tuple[Any, ...]
    """The messages themselves, where the brand did not simply do it."""


async def evidence_of(connection: Connection, exchange_id: UUID) -> list[Evidence]:
    """All calls about an exchange, in order."""
    return [_evidence(row) for row in await connection.fetch(_CALLS, exchange_id)]


def digest_of(state: str, evidence: Sequence[Evidence], action: str) -> str:
    """What two persons put their names to: an action, on exactly this evidence."""
    lines = [f"{it.call_id} {it.answer} {it.failure} {it.final} {it.brand_reference}" for it in evidence]
    return hashlib.sha256("\n".join([action, state, *lines]).encode()).hexdigest()


def _evidence(row: asyncpg.Record) -> Evidence:
    role = Role(row["role"])
    return Evidence(
        row["id"], row["errand_id"], role, Mode(row["mode"]), row["attempt"], row["program_id"],
        reference_of(row["exchange_id"], role, row["sequence"]).text, row["amount"], row["called_at"], row["answer"],
        row["failure"], row["final"], row["brand_reference"], row["brand_code"], row["message"], row["booked_at"],
        row["answered_at"], tuple(json.loads(row["messages"])) if row["messages"] else (),
    )  # fmt: skip
