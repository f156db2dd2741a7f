"""The manual queue: what no automatic step can settle, with an owner and a due time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg

from core.database import Connection
from core.ids import new_id
from exchange.saga.errands import Errand
from ledger import Part, write_parts

DUE_AFTER: Final = timedelta(days=1)
"""How long a case may lie before it is overdue."""
FIRST_OWNER: Final = "operator"
"""Who owns a case until somebody takes it over."""


class CaseKind(StrEnum):
    """What has to be settled."""

    UNRESOLVED = "UNRESOLVED"
    """It is not known how an errand ended, or the source does not give back what it has to."""
    LATE_SUCCESS = "LATE_SUCCESS"
    """A brand did what it was asked for after the exchange had come to nothing."""


@dataclass(frozen=True, slots=True)
class Case:
    """A matter for persons."""

    id: UUID
    exchange_id: UUID
    errand_id: UUID
    kind: CaseKind
    reason: str
    opened_at: datetime
    owner: str
    due_at: datetime
    closed_at: datetime | None
    closed_as: str | None


_OPEN: Final = """
INSERT INTO exchange_case (id, exchange_id, errand_id, kind, reason, opened_at, owner, due_at)
SELECT id, exchange_id, errand_id, kind, reason, $6, $7, $8
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
    AS item (id, exchange_id, errand_id, kind, reason)
ON CONFLICT (errand_id, kind) WHERE closed_at IS NULL DO NOTHING
"""

_CLOSE: Final = """
UPDATE exchange_case SET closed_at = ?, closed_as = ?
WHERE errand_id = ANY(?::uuid[]) AND kind = ? AND closed_at IS NULL RETURNING id
"""

_VOID: Final = """
UPDATE exchange_case_decision SET decision = 'VOIDED', decided_by = 'saga', decided_at = ?, decided_reason = ?
WHERE case_id IN (SELECT id FROM cases_closed) AND decision IS NULL
"""

BY_ANSWER: Final = "answered"
"""How a case ends that the brand itself has settled in the meantime."""

_CASES: Final = """
SELECT * FROM exchange_case
WHERE ($1::uuid[] IS NULL OR exchange_id = ANY($1)) AND ($2 OR closed_at IS NULL) AND ($3::uuid IS NULL OR id = $3)
ORDER BY due_at, id LIMIT $4
"""


async def open_cases(
    connection: Connection, cases: Sequence[tuple[Errand, CaseKind, str | None]], now: datetime
) -> None:
    """Put errands into the manual queue; one that is there already stays as it is."""
    if cases:
        rows = [(new_id(), errand.exchange_id, errand.id, kind.value, why) for errand, kind, why in cases]
        columns = map(list, zip(*rows, strict=True))
        await connection.execute(_OPEN, *columns, now, FIRST_OWNER, now + DUE_AFTER)


async def close_cases(
    connection: Connection,
    errand_ids: Sequence[UUID],
    now: datetime,
    closed_as: str = BY_ANSWER,
    kind: CaseKind = CaseKind.UNRESOLVED,
) -> None:
    """Take errands out of the manual queue; what was proposed and not decided is void."""
    await write_parts(connection, closing_parts(errand_ids, now, closed_as, kind))


def closing_parts(
    errand_ids: Sequence[UUID], now: datetime, closed_as: str = BY_ANSWER, kind: CaseKind = CaseKind.UNRESOLVED
) -> list[Part]:
    """What takes errands out of the manual queue, together with other writes."""
    closed = (now, closed_as, list(errand_ids), kind.value)
    return [Part("cases_closed", _CLOSE, closed), Part("cases_voided", _VOID, (now, closed_as))] if errand_ids else []


async def cases(
    connection: Connection,
    exchange_ids: Sequence[UUID] | None = None,
    *,
    closed: bool = False,
    case_id: UUID | None = None,
    count: int = 500,
) -> list[Case]:
    """The manual queue, what is due first first; `closed`: what was settled as well."""
    ids = None if exchange_ids is None else list(exchange_ids)
    return [_case(row) for row in await connection.fetch(_CASES, ids, closed, case_id, count)]


def _case(row: asyncpg.Record) -> Case:
    return Case(
        row["id"], row["exchange_id"], row["errand_id"], CaseKind(row["kind"]), row["reason"], row["opened_at"],
        row["owner"], row["due_at"], row["closed_at"], row["closed_as"],
    )  # fmt: skip
