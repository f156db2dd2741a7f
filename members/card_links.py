"""What brands' systems want to hear of a card besides its number: the name on it, and the token of its linking.

Both are told to the card's own brand and to nobody else. What the member and the brand confirmed when the card was
linked goes before what the brand's file says. They are gone when the card is unlinked or erased, or when a person
decides that it is not the member's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from core.database import Connection
from members.keys import MemberKeys, Sealed
from members.records import read_profile

_WRITE: Final = """
INSERT INTO members_card_link (membership_id, wrapped_key, sealed, linked_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (membership_id) DO UPDATE
SET wrapped_key = excluded.wrapped_key, sealed = excluded.sealed, linked_at = excluded.linked_at
"""
_FORGET: Final = "DELETE FROM members_card_link WHERE membership_id = ANY($1::uuid[])"
_READ: Final = """
SELECT record.id, record.wrapped_key, record.sealed_profile, link.wrapped_key AS link_key, link.sealed AS link_sealed
FROM members_record AS record LEFT JOIN members_card_link AS link ON link.membership_id = record.id
WHERE record.id = ANY($1::uuid[]) AND record.erased_at IS NULL
"""


class _Linked(msgspec.Struct, frozen=True):
    """At rest it is sealed."""

    name: str | None
    token: str | None


@dataclass(frozen=True, slots=True)
class CardDetails:
    """What a card's own brand may be told of it."""

    name: str | None = None
    """As it stands on the card; None: nobody has told us."""
    token: str | None = None
    """What the brand's linking brought; None: nothing, or the card was never linked."""


NOTHING_TOLD: Final = CardDetails()


async def card_details(
    connection: Connection, keys: MemberKeys, membership_ids: Iterable[UUID]
) -> Mapping[UUID, CardDetails]:
    """By membership; unknown and erased ones are left out. Raises Unreadable."""
    rows = await connection.fetch(_READ, list(membership_ids))
    return {row["id"]: _details(keys, row) for row in rows}


async def keep_link(
    connection: Connection, keys: MemberKeys, membership_id: UUID, details: CardDetails, now: datetime
) -> None:
    """Keep what was confirmed, in place of what an earlier linking brought."""
    if details == NOTHING_TOLD:
        await forget_links(connection, [membership_id])
        return
    sealed = keys.seal(membership_id, msgspec.json.encode(_Linked(details.name, details.token)))
    await connection.execute(_WRITE, membership_id, sealed.wrapped_key, sealed.body, now)


async def forget_links(connection: Connection, membership_ids: Iterable[UUID]) -> None:
    """Remove what linking these cards brought."""
    await connection.execute(_FORGET, list(membership_ids))


def _details(keys: MemberKeys, row: asyncpg.Record) -> CardDetails:
    linked = _Linked(None, None)
    if row["link_sealed"] is not None:
        opened = keys.open(row["id"], Sealed(row["link_key"], row["link_sealed"]))
        linked = msgspec.json.decode(opened, type=_Linked)
    profile = read_profile(keys, row["id"], Sealed(row["wrapped_key"], row["sealed_profile"]))
    return CardDetails(linked.name or profile.name or None, linked.token)
