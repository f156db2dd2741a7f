"""Erasure: a member's keys are destroyed. The books stay whole, and nobody can say any more whose they were."""

from typing import Final
from uuid import UUID

from core.database import Connection, Database
from members.card_links import forget_links
from members.errors import UnknownMember
from members.oneid import decide_anew, lock_identities

_RECORDS: Final = """
SELECT record.id FROM members_record AS asked JOIN members_record AS record ON record.member_id = asked.member_id
WHERE asked.id = $1
"""

_DESTROY: Final = """
UPDATE members_record SET wrapped_key = NULL, sealed_profile = NULL, erased_at = $2
WHERE id = ANY($1) AND erased_at IS NULL
"""

_CLOSE_MEMBERSHIPS: Final = """
UPDATE members_membership SET number = NULL, status = 'erased', row_digest = '' WHERE id = ANY($1)
"""

_FORGET_EVIDENCE: Final = "DELETE FROM members_evidence WHERE record_id = ANY($1) RETURNING identifier_id"

_FORGET_IDENTIFIERS: Final = """
DELETE FROM members_identifier AS forgotten WHERE id = ANY($1) AND blocked_reason IS NULL
AND NOT EXISTS (SELECT FROM members_evidence WHERE identifier_id = forgotten.id)
"""


async def erase(database: Database, member_id: UUID) -> int | UnknownMember:
    """Forget who the member is; returns how many records that were.

    Accounts and history stay, without a person. A brand's next file does not bring the person back; signing in
    again makes a new member.
    """
    async with database.transaction() as connection:
        await lock_identities(connection)
        records = [row["id"] for row in await connection.fetch(_RECORDS, member_id)]
        if not records:
            return UnknownMember(member_id)
        await _forget(connection, database, records)
        return len(records)


async def _forget(connection: Connection, database: Database, records: list[UUID]) -> None:
    now = database.clock.now()
    await connection.execute(_DESTROY, records, now)
    await connection.execute(_CLOSE_MEMBERSHIPS, records)
    await forget_links(connection, records)
    forgotten = {row["identifier_id"] for row in await connection.fetch(_FORGET_EVIDENCE, records)}
    await decide_anew(connection, now, records=records, changed=dict.fromkeys(forgotten, 0))
    await connection.execute(_FORGET_IDENTIFIERS, list(forgotten))
