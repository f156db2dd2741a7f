"""Proposals in the database, and the one row of a program that they change."""

from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from brands.adapter.adapter import Adapter
from brands.certifications import adapter_digest
from brands.connecting.proposal import Proposal, digest_of
from brands.pricing.proposal import Decision
from brands.program import Program
from core.database import Connection
from core.ids import new_id

_ALL: Final = """
SELECT * FROM brands_adapter_proposal
WHERE ($1::uuid[] IS NULL OR program_id = ANY($1)) AND (decision IS NULL OR NOT $2::boolean)
    AND ($3::bigint IS NULL OR number < $3)
ORDER BY number DESC LIMIT $4
"""
_ONE: Final = "SELECT * FROM brands_adapter_proposal WHERE number = $1"
_SUBMIT: Final = """
INSERT INTO brands_adapter_proposal (id, program_id, adapter, follows, digest, submitted_by, submitted_at, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *
"""
_VOID: Final = """
UPDATE brands_adapter_proposal SET decision = 'VOIDED', decided_by = $2, decided_at = $3, decided_reason = $4
WHERE decision IS NULL AND program_id = $1
"""
_DECIDE: Final = """
UPDATE brands_adapter_proposal SET decision = $2, decided_by = $3, decided_at = $4, decided_reason = $5
WHERE id = $1 RETURNING *
"""
_CONNECT: Final = "UPDATE brands_program SET adapter_kind = $2, adapter_mapping = $3 WHERE id = $1"

_adapter = msgspec.json.Decoder(Adapter)


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
    connection: Connection, program: Program, adapter: Adapter, person: str, reason: str, instant: datetime
) -> Proposal:
    """Keep a proposal in place of any open one for the same program, which is void from now on.

    What the same person submitted for the same reason, and still waits, is that proposal.
    """
    follows = adapter_digest(program.adapter)
    digest = digest_of(program.id, adapter, follows)
    for waiting in await proposals(connection, program_ids=[program.id], only_open=True):
        if (waiting.digest, waiting.submitted_by, waiting.reason) == (digest, person, reason):
            return waiting
    await connection.execute(_VOID, program.id, person, instant, "a later submission took its place")
    told = msgspec.json.encode(adapter, enc_hook=str).decode()
    row = await connection.fetchrow(_SUBMIT, new_id(), program.id, told, follows, digest, person, instant, reason)
    assert row is not None, "an insert returns its row"
    return _proposal(row)


async def write_decision(
    connection: Connection, proposal: Proposal, decision: Decision, person: str, reason: str, instant: datetime
) -> Proposal:
    """Keep what became of a proposal."""
    row = await connection.fetchrow(_DECIDE, proposal.id, decision.value, person, instant, reason)
    assert row is not None, "a proposal is never removed"
    return _proposal(row)


async def write_adapter(connection: Connection, program_id: UUID, adapter: Adapter) -> None:
    """Bring a configuration into force; what its network file says stays as it was."""
    told = msgspec.json.encode(adapter, enc_hook=str).decode()
    await connection.execute(_CONNECT, program_id, adapter.kind.value, told)


def _proposal(row: asyncpg.Record) -> Proposal:
    decision = row["decision"]
    return Proposal(
        id=row["id"],
        number=row["number"],
        program_id=row["program_id"],
        adapter=_adapter.decode(row["adapter"]),
        follows=bytes(row["follows"]),
        digest=row["digest"],
        submitted_by=row["submitted_by"],
        submitted_at=row["submitted_at"],
        reason=row["reason"],
        decision=None if decision is None else Decision(decision),
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        decided_reason=row["decided_reason"],
    )
