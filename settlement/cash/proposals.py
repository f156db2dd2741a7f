"""What one person proposes and another decides, kept with reasons."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
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
    """What the second person decided."""

    APPROVED = "APPROVED"
    """It is done."""
    REJECTED = "REJECTED"
    """Nothing is done."""


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


async def lock_proposal(connection: Connection, proposal_id: UUID) -> Proposal | None:
    """The proposal, its row locked until the transaction ends."""
    row = await connection.fetchrow(f"{_BY_ID} FOR UPDATE", proposal_id)
    return None if row is None else _proposal(row)


async def keep_verdict(
    connection: Connection, proposal: Proposal, verdict: Verdict, actor: Actor, reason: str, clock: Clock
) -> Proposal:
    """Write the decision on a locked, open proposal."""
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

_PROPOSE = """
INSERT INTO settlement_proposal (id, kind, content, proposed_by, proposed_at, proposed_reason)
VALUES ($1, $2, $3::text::jsonb, $4, $5, $6)
"""

_DECIDE = """
UPDATE settlement_proposal SET decision = $2, decided_by = $3, decided_at = $4, decided_reason = $5 WHERE id = $1
"""
