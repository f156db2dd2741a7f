"""Proposals in the database, by hand-written SQL."""

from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from brands.pricing.proposal import Decision, Matter, Proposal, ProposalKind
from brands.rate import Terms
from core.database import Connection
from core.ids import new_id

_ALL: Final = """
SELECT * FROM brands_rate_proposal
WHERE ($1::uuid[] IS NULL OR program_id = ANY($1)) AND (decision IS NULL OR NOT $2::boolean)
    AND ($3::bigint IS NULL OR number < $3)
ORDER BY number DESC LIMIT $4
"""
_ONE: Final = "SELECT * FROM brands_rate_proposal WHERE number = $1"
_SUBMIT: Final = """
INSERT INTO brands_rate_proposal (id, kind, program_id, target_id, terms, valid_from, valid_to, follows_id, pause_id,
    digest, moved_bp, submitted_by, submitted_at, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
RETURNING *
"""
_VOID: Final = """
UPDATE brands_rate_proposal SET decision = 'VOIDED', decided_by = $4, decided_at = $5, decided_reason = $6
WHERE decision IS NULL AND pause_id IS NOT DISTINCT FROM $3
    AND ($3::uuid IS NOT NULL OR program_id = $1 AND target_id IS NOT DISTINCT FROM $2)
"""
_DECIDE: Final = """
UPDATE brands_rate_proposal SET decision = $2, decided_by = $3, decided_at = $4, decided_reason = $5, rate_id = $6
WHERE id = $1 RETURNING *
"""

_terms = msgspec.json.Decoder(Terms)


async def proposals(
    connection: Connection,
    *,
    program_ids: list[UUID] | None = None,
    only_open: bool = False,
    before: int | None = None,
    count: int = 100,
) -> list[Proposal]:
    """The latest first; `before` is a number, `program_ids` None: of all programs."""
    return [_proposal(row) for row in await connection.fetch(_ALL, program_ids, only_open, before, count)]


async def proposal_numbered(connection: Connection, number: int) -> Proposal | None:
    """One proposal."""
    row = await connection.fetchrow(_ONE, number)
    return None if row is None else _proposal(row)


async def write_submission(
    connection: Connection, matter: Matter, moved_bp: int, person: str, reason: str, instant: datetime
) -> Proposal:
    """Keep a proposal in place of any open one on the same pair or pause, which is void from now on."""
    await void(connection, matter, person, instant, "a later submission took its place")
    row = await connection.fetchrow(
        _SUBMIT,
        new_id(),
        matter.kind.value,
        matter.program_id,
        matter.target_id,
        None if matter.terms is None else msgspec.json.encode(matter.terms).decode(),
        matter.valid_from,
        matter.valid_to,
        matter.follows_id,
        matter.pause_id,
        matter.digest,
        moved_bp,
        person,
        instant,
        reason,
    )
    assert row is not None, "an insert returns its row"
    return _proposal(row)


async def void(connection: Connection, matter: Matter, person: str, instant: datetime, reason: str) -> None:
    """End the open proposal on the same pair or pause, if there is one."""
    await connection.execute(_VOID, matter.program_id, matter.target_id, matter.pause_id, person, instant, reason)


async def write_decision(
    connection: Connection,
    proposal: Proposal,
    decision: Decision,
    person: str,
    reason: str,
    instant: datetime,
    *,
    rate_id: UUID | None = None,
) -> Proposal:
    """Keep what became of a proposal."""
    row = await connection.fetchrow(_DECIDE, proposal.id, decision.value, person, instant, reason, rate_id)
    assert row is not None, "a proposal is never removed"
    return _proposal(row)


def _proposal(row: asyncpg.Record) -> Proposal:
    matter = Matter(
        kind=ProposalKind(row["kind"]),
        program_id=row["program_id"],
        target_id=row["target_id"],
        terms=None if row["terms"] is None else _terms.decode(row["terms"]),
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        follows_id=row["follows_id"],
        pause_id=row["pause_id"],
    )
    return Proposal(
        id=row["id"],
        number=row["number"],
        matter=matter,
        digest=row["digest"],
        moved_bp=row["moved_bp"],
        submitted_by=row["submitted_by"],
        submitted_at=row["submitted_at"],
        reason=row["reason"],
        decision=None if row["decision"] is None else Decision(row["decision"]),
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        decided_reason=row["decided_reason"],
        rate_id=row["rate_id"],
    )
