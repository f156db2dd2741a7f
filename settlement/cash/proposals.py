"""What one person proposes and another decides, kept with reasons."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import orjson
from asyncpg import Record

from core.clock import Clock
from core.database import Connection, Database
from core.ids import new_id
from settlement.persons import Actor


class Kind(StrEnum):
    """What is proposed."""

    BANK_ACCOUNT = "BANK_ACCOUNT"
    """Where a participant's money is sent from now on."""
    ALLOCATION = "ALLOCATION"
    """Which payment a movement at the bank belongs to."""
    FORCED_MATCH = "FORCED_MATCH"
    """That lines which differ are the same thing."""
    TOP_UP = "TOP_UP"
    """That a receipt is a participant's deposit."""
    DISPUTE = "DISPUTE"
    """That a participant does not accept what is due."""
    DISPUTE_END = "DISPUTE_END"
    """What became of a dispute."""
    TOLERANCE = "TOLERANCE"
    """That a small difference of a payment is given up."""
    RETURNED = "RETURNED"
    """That money which came in was sent back."""
    WITHDRAWAL = "WITHDRAWAL"
    """That a participant's deposit, or a part of it, is paid back."""
    DRAW = "DRAW"
    """That what a participant pays late is taken from its deposit."""
    OWN = "OWN"
    """That a movement at the bank is the operator's own."""
    ADJUSTMENT = "ADJUSTMENT"
    """A correction of a closed window, settled with the one that is open."""
    ABORT = "ABORT"
    """That a window which was approved is taken back."""
    MODEL = "MODEL"
    """Terms and participants of a settlement model."""
    WRITE_OFF = "WRITE_OFF"
    """That the operator gives up money because of a break, or takes it back."""
    BREAK_DISPUTE = "BREAK_DISPUTE"
    """That money is moved because of a break until a dispute about it is decided."""
    BREAK_DISPUTE_END = "BREAK_DISPUTE_END"
    """That such a dispute is won or lost."""


class Verdict(StrEnum):
    """How a proposal ended. Names are stored; add, never rename."""

    APPROVED = "APPROVED"
    """A second person agreed: it is done."""
    REJECTED = "REJECTED"
    """Somebody decided against it: nothing is done."""
    RETRACTED = "RETRACTED"
    """Its proposer took it back: nothing is done."""
    LAPSED = "LAPSED"
    """It could no longer be done; the reason says why."""
    SUPERSEDED = "SUPERSEDED"
    """Another decision about the same thing was taken after it was proposed."""


Decision: TypeAlias = Literal[Verdict.APPROVED, Verdict.REJECTED]
"""What a person decides about a proposal."""


class Choice(StrEnum):
    """What a person decides about a proposal."""

    APPROVED = "APPROVED"
    """It is done."""
    REJECTED = "REJECTED"
    """Nothing is done."""

    @property
    def decision(self) -> Decision:
        """The verdict that it comes to."""
        return Verdict.APPROVED if self is Choice.APPROVED else Verdict.REJECTED


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal; the decision's fields are None while it is open."""

    id: UUID
    kind: Kind
    content: Mapping[str, Any]
    """Everything it would do."""
    proposed_by: str
    proposed_at: datetime
    proposed_reason: str
    verdict: Verdict | None
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None

    @property
    def digest(self) -> str:
        """SHA-256 of all that is proposed, in hexadecimal: what the checker names when deciding."""
        proposed = [str(self.id), self.kind.value, self.content, self.proposed_by, self.proposed_reason]
        return hashlib.sha256(orjson.dumps(proposed, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def proposals(database: Database, *, open_only: bool = True, limit: int = 100) -> list[Proposal]:
    """The latest proposals, newest first."""
    async with database.connection() as connection:
        return [_proposal(row) for row in await connection.fetch(_LATEST, open_only, limit)]


async def open_ids(connection: Connection) -> list[UUID]:
    """The proposals that wait, the oldest first."""
    return [row["id"] for row in await connection.fetch(_OPEN)]


async def waiting_about(connection: Connection, break_ids: Iterable[UUID]) -> dict[UUID, Proposal]:
    """The proposal that waits, for each of these breaks about which one does."""
    rows = await connection.fetch(_WAITING, list(map(str, break_ids)))
    return {UUID(row["break_id"]): _proposal(row) for row in rows}


async def waiting_on(
    connection: Connection, things: Iterable[UUID], kind: Kind | None = None
) -> list[tuple[UUID, Proposal]]:
    """The proposals that wait about these movements, payments, disputes or windows, the oldest first."""
    rows = await connection.fetch(_WAITING_ON, list(map(str, things)), kind)
    return [(UUID(row["thing"]), _proposal(row)) for row in rows]


async def proposals_about(connection: Connection, break_id: UUID) -> list[Proposal]:
    """All that was ever proposed about a break, the newest first."""
    return [_proposal(row) for row in await connection.fetch(_ABOUT, str(break_id))]


async def keep_proposal(
    connection: Connection, kind: Kind, content: Mapping[str, Any], actor: Actor, reason: str, clock: Clock
) -> Proposal:
    """Write a new proposal."""
    identifier = new_id()
    written = orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()
    await connection.execute(_PROPOSE, identifier, kind.value, written, actor.subject, clock.now(), reason)
    row = await connection.fetchrow(_BY_ID, identifier)
    assert row is not None, "it has just been written"
    return _proposal(row)


async def lock_proposal(connection: Connection, proposal_id: UUID, *, unless_taken: bool = False) -> Proposal | None:
    """The proposal, its row locked until the transaction ends; `unless_taken`: None where another has locked it."""
    row = await connection.fetchrow(f"{_BY_ID} FOR UPDATE{' SKIP LOCKED' if unless_taken else ''}", proposal_id)
    return None if row is None else _proposal(row)


async def keep_verdict(
    connection: Connection, proposal: Proposal, verdict: Verdict, actor: Actor, reason: str, clock: Clock
) -> Proposal:
    """Write how a locked, open proposal ends."""
    await connection.execute(_DECIDE, proposal.id, verdict.value, actor.subject, clock.now(), reason)
    row = await connection.fetchrow(_BY_ID, proposal.id)
    assert row is not None, "it is locked"
    return _proposal(row)


def _proposal(row: Record) -> Proposal:
    verdict = None if row["decision"] is None else Verdict(row["decision"])
    proposed = (row["proposed_by"], row["proposed_at"], row["proposed_reason"])
    decided = (row["decided_by"], row["decided_at"], row["decided_reason"])
    return Proposal(row["id"], Kind(row["kind"]), orjson.loads(row["content"]), *proposed, verdict, *decided)


_COLUMNS = (
    "id, kind, content::text, proposed_by, proposed_at, proposed_reason, "
    "decision, decided_by, decided_at, decided_reason"
)

_BY_ID = f"SELECT {_COLUMNS} FROM settlement_proposal WHERE id = $1"

_LATEST = f"""
SELECT {_COLUMNS} FROM settlement_proposal WHERE NOT $1 OR decision IS NULL ORDER BY proposed_at DESC, id DESC LIMIT $2
"""

_OPEN: Final = "SELECT id FROM settlement_proposal WHERE decision IS NULL ORDER BY proposed_at, id"

_WAITING: Final = f"""
SELECT about.break_id, {_COLUMNS}
FROM settlement_proposal CROSS JOIN LATERAL (
    SELECT content ->> 'break_id' UNION ALL SELECT jsonb_object_keys(coalesce(content -> 'breaks', '{{}}'))
) AS about (break_id)
WHERE decision IS NULL AND about.break_id = ANY($1::text[])
ORDER BY proposed_at, id
"""
"""By the index of those that wait."""

_WAITING_ON: Final = f"""
SELECT about.thing, {_COLUMNS}
FROM settlement_proposal CROSS JOIN LATERAL unnest(ARRAY[content ->> 'cash_id', content ->> 'incoming_id',
    content ->> 'outgoing_id', content ->> 'payment_id', content ->> 'dispute_id', content ->> 'window_id']
) AS about (thing)
WHERE decision IS NULL AND about.thing = ANY($1::text[]) AND ($2::text IS NULL OR kind = $2)
ORDER BY proposed_at, id
"""

_ABOUT: Final = f"""
SELECT {_COLUMNS} FROM settlement_proposal WHERE content ->> 'break_id' = $1
UNION ALL
SELECT {_COLUMNS} FROM settlement_proposal WHERE kind = 'FORCED_MATCH' AND content -> 'breaks' ? $1
ORDER BY proposed_at DESC, id DESC
"""

_PROPOSE = """
INSERT INTO settlement_proposal (id, kind, content, proposed_by, proposed_at, proposed_reason)
VALUES ($1, $2, $3::text::jsonb, $4, $5, $6)
"""

_DECIDE = """
UPDATE settlement_proposal SET decision = $2, decided_by = $3, decided_at = $4, decided_reason = $5 WHERE id = $1
"""
