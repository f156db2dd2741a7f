"""The block list: identifiers that belong to no one person, such as a shop's telephone."""

from typing import Final
from uuid import UUID

from core.database import Connection, Database
from members.identifiers import Identifier
from members.keys import MemberKeys
from members.oneid import decide_anew, lock_identities

_BLOCK: Final = """
INSERT INTO members_identifier (id, type, scope, blocked_reason) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET blocked_reason = excluded.blocked_reason
"""

_CARRIERS: Final = "SELECT record_id FROM members_evidence WHERE identifier_id = $1 AND revoked_at IS NULL"


async def block(database: Database, keys: MemberKeys, identifier: Identifier, reason: str) -> None:
    """Let the identifier connect nobody from now on; those whom it alone connected come apart."""
    await _set(database, keys, identifier, reason)


async def unblock(database: Database, keys: MemberKeys, identifier: Identifier) -> None:
    """Let the identifier connect people again."""
    await _set(database, keys, identifier, None)


async def _set(database: Database, keys: MemberKeys, identifier: Identifier, reason: str | None) -> None:
    identifier_id = keys.identifier_id(identifier)
    async with database.transaction() as connection:
        await lock_identities(connection)
        await connection.execute(_BLOCK, identifier_id, identifier.type.value, identifier.scope, reason)
        carriers = await _carriers(connection, identifier_id)
        await decide_anew(connection, database.clock.now(), records=carriers, changed={identifier_id: 0})


async def _carriers(connection: Connection, identifier_id: UUID) -> list[UUID]:
    return [row["record_id"] for row in await connection.fetch(_CARRIERS, identifier_id)]
