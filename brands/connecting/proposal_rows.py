"""Proposals in the database, and the one row of a program that they change."""

from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from brands.adapter.adapter import Adapter
from brands.certifications import adapter_digest
from brands.connecting.proposal import Proposal, digest_of
from brands.pricing.submitted_rows import SubmittedRows, submission
from brands.program import Program
from core.database import Connection
from core.ids import new_id

_SUBMIT: Final = """
INSERT INTO brands_adapter_proposal (id, program_id, adapter, follows, digest, submitted_by, submitted_at, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *
"""
_VOID: Final = """
UPDATE brands_adapter_proposal SET decision = 'VOIDED', decided_by = $2, decided_at = $3, decided_reason = $4
WHERE decision IS NULL AND program_id = $1
"""
_CONNECT: Final = "UPDATE brands_program SET adapter_kind = $2, adapter_mapping = $3 WHERE id = $1"

_adapter = msgspec.json.Decoder(Adapter)


async def write_submission(
    connection: Connection, program: Program, adapter: Adapter, person: str, reason: str, instant: datetime
) -> Proposal:
    """Keep a proposal in place of any open one for the same program, which is void from now on.

    What the same person submitted for the same reason, and still waits, is that proposal.
    """
    follows = adapter_digest(program.adapter)
    digest = digest_of(program.id, adapter, follows)
    for waiting in await ROWS.latest(connection, program_ids=[program.id], only_open=True):
        if (waiting.digest, waiting.submitted_by, waiting.reason) == (digest, person, reason):
            return waiting
    await connection.execute(_VOID, program.id, person, instant, "a later submission took its place")
    told = msgspec.json.encode(adapter, enc_hook=str).decode()
    row = await connection.fetchrow(_SUBMIT, new_id(), program.id, told, follows, digest, person, instant, reason)
    assert row is not None, "an insert returns its row"
    return _proposal(row)


async def write_adapter(connection: Connection, program_id: UUID, adapter: Adapter) -> None:
    """Bring a configuration into force; what its network file says stays as it was."""
    told = msgspec.json.encode(adapter, enc_hook=str).decode()
    await connection.execute(_CONNECT, program_id, adapter.kind.value, told)


def _proposal(row: asyncpg.Record) -> Proposal:
    adapter, follows = _adapter.decode(row["adapter"]), bytes(row["follows"])
    return Proposal(**submission(row), program_id=row["program_id"], adapter=adapter, follows=follows)


ROWS: Final = SubmittedRows("brands_adapter_proposal", _proposal)
proposals: Final = ROWS.latest
