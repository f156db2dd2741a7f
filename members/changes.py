"""When it last changed who somebody is: for those who let a while pass before they trust it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from core.database import Connection

_CHANGES: Final = """
SELECT asked.id, max(record.identity_changed_at) AS changed_at
FROM members_record AS asked JOIN members_record AS record ON record.member_id = asked.member_id
WHERE asked.id = ANY($1::uuid[])
GROUP BY asked.id HAVING max(record.identity_changed_at) IS NOT NULL
"""


async def identity_changes(connection: Connection, member_ids: Iterable[UUID]) -> Mapping[UUID, datetime]:
    """When each member was last linked, merged or split off, or an identifier of theirs came or went.

    Whoever is as they were first recorded is left out; ids given out before a merge count too.
    """
    rows = await connection.fetch(_CHANGES, list(member_ids))
    return {row["id"]: row["changed_at"] for row in rows}
