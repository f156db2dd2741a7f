"""Proposals in the database, by hand-written SQL."""

from datetime import datetime
from typing import Final

import asyncpg
import msgspec

from brands.pricing.proposal import Matter, Proposal, ProposalKind
from brands.pricing.submitted_rows import SubmittedRows, submission
from brands.rate import Terms
from core.database import Connection
from core.ids import new_id

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
_terms = msgspec.json.Decoder(Terms)


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
    moved = {"moved_bp": row["moved_bp"], "rate_id": row["rate_id"]}
    return Proposal(**submission(row), matter=matter, **moved)


ROWS: Final = SubmittedRows("brands_rate_proposal", _proposal)
proposals: Final = ROWS.latest
