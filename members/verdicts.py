"""Persons' verdicts on who is who: they win over evidence, for ever or until another person withdraws them.

A merge adds a verdict and an unmerge adds another one. Nothing is rewritten and nothing is posted: who is who is
decided anew from all that is known, so that undoing a merge restores exactly what there was.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.database import Connection, Database
from core.ids import new_id
from members.card_links import forget_links
from members.errors import SameRecord, UnknownMember
from members.member import Member, members_of
from members.oneid import decide_anew, lock_identities
from members.resolution import Verdict, pair


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about two records: two member ids, or two membership ids."""

    left_id: UUID
    right_id: UUID
    verdict: Verdict
    decided_by: str
    reason: str


_WRITE: Final = """
INSERT INTO members_verdict (id, left_id, right_id, verdict, decided_by, reason, decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def decide(database: Database, decision: Decision) -> tuple[Member, Member] | UnknownMember | SameRecord:
    """Record the verdict and follow it; returns the member of either record afterwards."""
    if decision.left_id == decision.right_id:
        return SameRecord(decision.left_id)
    async with database.transaction() as connection:
        await lock_identities(connection)
        unknown = await _first_unknown(connection, decision)
        if unknown is not None:
            return UnknownMember(unknown)
        await _follow(connection, database, decision)
        found = await members_of(connection, [decision.left_id, decision.right_id])
        return found[decision.left_id], found[decision.right_id]


async def _first_unknown(connection: Connection, decision: Decision) -> UUID | None:
    found = await members_of(connection, [decision.left_id, decision.right_id])
    return next((each for each in (decision.left_id, decision.right_id) if each not in found), None)


async def _follow(connection: Connection, database: Database, decision: Decision) -> None:
    now = database.clock.now()
    records = pair(decision.left_id, decision.right_id)
    said = (decision.verdict.value, decision.decided_by, decision.reason)
    await connection.execute(_WRITE, new_id(), *records, *said, now)
    if decision.verdict is not Verdict.SAME:
        # Whoever linked a card of these did so as somebody else's: its token is not the next wallet's.
        await forget_links(connection, records)
    await decide_anew(connection, now, records=records)
