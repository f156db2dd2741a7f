"""Runs of the conformance suite that were asked for: made by a worker, one at a time for each program."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from core.database import Connection
from core.errors import Refusal
from core.ids import new_id

LOST_AFTER: Final = timedelta(minutes=30)
"""A run that has not ended by then was made by a worker that is gone: it begins anew."""

_ASK: Final = """
INSERT INTO brands_certification_request (id, program_id, wanted, asked_by, asked_at)
VALUES ($1, $2, $3, $4, coalesce($5::timestamptz, clock_timestamp()))
ON CONFLICT (program_id) WHERE ended_at IS NULL DO NOTHING
RETURNING *
"""
_LATEST: Final = """
SELECT * FROM brands_certification_request WHERE program_id = $1 ORDER BY asked_at DESC, id DESC LIMIT 1
"""
_CLAIM: Final = """
UPDATE brands_certification_request SET begun_at = coalesce($1::timestamptz, clock_timestamp())
WHERE id = (
    SELECT id FROM brands_certification_request
    WHERE ended_at IS NULL AND (begun_at IS NULL OR begun_at < coalesce($1, clock_timestamp()) - $2::interval)
    ORDER BY asked_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING *
"""
_END: Final = """
UPDATE brands_certification_request
SET ended_at = coalesce($2::timestamptz, clock_timestamp()), certification_id = $3, failure = $4
WHERE id = $1 AND ended_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class TrialTerms:
    """With whom a run is tried. Points are moved on the member, and given back."""

    member: str
    """The number of a test member of the brand."""
    name: str | None = None
    """That member's name, where the brand compares names."""
    stranger: str = "00000000"
    """A member number that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A run that somebody asked for."""

    id: UUID
    program_id: UUID
    terms: TrialTerms
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    certification_id: UUID | None
    """What came of it; None: nothing yet, or `failure`."""
    failure: str | None
    """Why it could not be made."""


@dataclass(frozen=True, slots=True)
class AlreadyAsked(Refusal):
    """A run for this program was asked for and has not ended."""


async def ask(
    connection: Connection, program_id: UUID, terms: TrialTerms, asked_by: str, pinned: datetime | None
) -> Request | AlreadyAsked:
    """Ask for a run."""
    wanted = msgspec.json.encode(terms).decode()
    row = await connection.fetchrow(_ASK, new_id(), program_id, wanted, asked_by, pinned)
    return AlreadyAsked() if row is None else _request(row)


async def latest(connection: Connection, program_id: UUID) -> Request | None:
    """What was asked for last."""
    row = await connection.fetchrow(_LATEST, program_id)
    return None if row is None else _request(row)


async def claim(connection: Connection, pinned: datetime | None) -> Request | None:
    """The run that has waited longest and that nobody makes; None: there is none."""
    row = await connection.fetchrow(_CLAIM, pinned, LOST_AFTER)
    return None if row is None else _request(row)


async def end(connection: Connection, request_id: UUID, pinned: datetime | None, outcome: UUID | str) -> None:
    """The run has ended with this certification, or could not be made for this reason."""
    kept, failure = (outcome, None) if isinstance(outcome, UUID) else (None, outcome)
    await connection.execute(_END, request_id, pinned, kept, failure)


def _request(row: asyncpg.Record) -> Request:
    return Request(
        id=row["id"],
        program_id=row["program_id"],
        terms=msgspec.json.decode(row["wanted"], type=TrialTerms),
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        begun_at=row["begun_at"],
        ended_at=row["ended_at"],
        certification_id=row["certification_id"],
        failure=row["failure"],
    )
