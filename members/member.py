"""A member: a person, as far as the evidence goes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.database import Connection


@dataclass(frozen=True, slots=True)
class Member:
    """One person.

    The id is that of one of the member's records, so an id that was given out before two members became one, or
    one became two, still names somebody: `members_of` says whom.
    """

    id: UUID


_MEMBERS: Final = "SELECT id, member_id FROM members_record WHERE id = ANY($1)"

_NAMES: Final = """
SELECT asked.id AS asked, record.id AS name
FROM members_record AS asked JOIN members_record AS record ON record.member_id = asked.member_id
WHERE asked.id = ANY($1)
"""


async def members_of(connection: Connection, member_ids: Iterable[UUID]) -> Mapping[UUID, Member]:
    """The present member of each id ever given out; ids nobody knows are left out."""
    rows = await connection.fetch(_MEMBERS, list(member_ids))
    return {row["id"]: Member(row["member_id"]) for row in rows}


async def names_of(connection: Connection, member_ids: Iterable[UUID]) -> Mapping[UUID, frozenset[UUID]]:
    """Every id under which each member was or could have been known: what was written under any of them is theirs."""
    names: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in await connection.fetch(_NAMES, list(member_ids)):
        names[row["asked"]].add(row["name"])
    return {asked: frozenset(found) for asked, found in names.items()}
