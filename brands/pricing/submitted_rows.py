"""What waits for a second person, in the database: one way for prices and for how a brand's system is reached."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypedDict, TypeVar
from uuid import UUID

import asyncpg

from brands.pricing.proposal import Decision
from core.database import Connection

_Proposal = TypeVar("_Proposal")


class Submission(TypedDict):
    """What every proposal has, whatever it is about."""

    id: UUID
    number: int
    digest: str
    submitted_by: str
    submitted_at: datetime
    reason: str
    decision: Decision | None
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None


def submission(row: asyncpg.Record) -> Submission:
    """Those fields of a row."""
    found = {name: row[name] for name in Submission.__annotations__}
    decision = row["decision"]
    found["decision"] = None if decision is None else Decision(decision)
    return found  # type: ignore[return-value]  # named as it is


@dataclass(frozen=True, slots=True)
class SubmittedRows(Generic[_Proposal]):
    """A table of proposals, numbered for people."""

    table: str
    read: Callable[[asyncpg.Record], _Proposal]

    async def latest(
        self,
        connection: Connection,
        *,
        program_ids: Collection[UUID] | None = None,
        only_open: bool = False,
        before: int | None = None,
        count: int = 100,
    ) -> list[_Proposal]:
        """The latest first; `before` is a number, `program_ids` None: of all programs."""
        rows = await connection.fetch(_LATEST.format(table=self.table), program_ids, only_open, before, count)
        return [self.read(row) for row in rows]

    async def numbered(self, connection: Connection, number: int) -> _Proposal | None:
        """One proposal."""
        row = await connection.fetchrow(_NUMBERED.format(table=self.table), number)
        return None if row is None else self.read(row)

    async def decide(
        self,
        connection: Connection,
        proposal_id: UUID,
        decision: Decision,
        person: str,
        reason: str,
        instant: datetime,
        **also: UUID | None,
    ) -> _Proposal:
        """Keep what became of a proposal; `also` are further columns of this table."""
        columns = "".join(f", {name} = ${place}" for place, name in enumerate(also, start=6))
        statement = _DECIDE.format(table=self.table, also=columns)
        said = (decision.value, person, instant, reason)
        row = await connection.fetchrow(statement, proposal_id, *said, *also.values())
        assert row is not None, "a proposal is never removed"
        return self.read(row)


_LATEST = """
SELECT * FROM {table}
WHERE ($1::uuid[] IS NULL OR program_id = ANY($1)) AND (decision IS NULL OR NOT $2::boolean)
    AND ($3::bigint IS NULL OR number < $3)
ORDER BY number DESC LIMIT $4
"""

_NUMBERED = "SELECT * FROM {table} WHERE number = $1"

_DECIDE = """
UPDATE {table} SET decision = $2, decided_by = $3, decided_at = $4, decided_reason = $5{also} WHERE id = $1
RETURNING *
"""
