"""What a docket is opened with: locks, quotes, and the cards of those who accept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from brands import REVISION
from core.database import Connection
from core.errors import AgioError
from exchange.exchanges import Acceptance
from exchange.offers import Quote
from exchange.quote_rows import quote_of

_ASKED: Final = """
WITH asked AS MATERIALIZED (
    SELECT asked.*, record.member_id AS holder_id
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (asked_by, asked_for, place)
    LEFT JOIN members_record AS record ON record.id = asked_by
), wanted AS MATERIALIZED (
    SELECT * FROM exchange_quote WHERE id = ANY($2::uuid[])
)"""

# A member's keys and limits are counted by one transaction at a time, under whichever ids the member is known since
# records were merged; and so are quotes of cards that were the member's before. Every card that counts is locked as
# well: whoever merges two people while we count has their cards counted after us.
_KEYS: Final = f"""
SELECT DISTINCT hashtextextended(id::text, {0x45584348}) AS key
FROM (
    SELECT asked_by FROM asked UNION ALL SELECT holder_id FROM asked
    UNION ALL SELECT source_membership_id FROM wanted
    UNION ALL SELECT membership.id
    FROM members_record AS record JOIN members_membership AS membership ON membership.id = record.id
    WHERE record.member_id IN (SELECT holder_id FROM asked)
        AND membership.program_id IN (SELECT source_program_id FROM wanted)
) AS named (id)
WHERE id IS NOT NULL"""

# One order for all, so that two bulks never wait for each other.
_LOCK: Final = f"""{_ASKED}
SELECT array_agg(key) AS keys, count(pg_advisory_xact_lock(key))
FROM ({_KEYS} ORDER BY key) AS ordered
"""

_OPENING: Final = f"""{_ASKED}
SELECT ({REVISION}) AS revision, EXISTS ({_KEYS} EXCEPT SELECT unnest($3::bigint[])) AS moved,
    asked_by, holder_id, cards.*, wanted.*
FROM asked LEFT JOIN wanted ON wanted.id = asked_for
CROSS JOIN LATERAL (
    SELECT array_agg(membership.id) AS card_ids, array_agg(membership.program_id) AS program_ids,
        array_agg(membership.status = 'active') AS active
    FROM members_record AS record JOIN members_membership AS membership ON membership.id = record.id
    WHERE record.member_id = holder_id
) AS cards
ORDER BY place
"""


class MembersMoved(AgioError):
    """Who is who changed while the batch waited for its locks: they are the wrong ones, and it begins anew."""


class Card(NamedTuple):
    """As much of a membership as decides whether and how it counts."""

    id: UUID
    program_id: UUID
    active: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever accepts."""

    id: UUID
    """By which the member goes since records were merged."""
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """What was found."""

    revision: UUID | None
    """Of the directory."""
    quotes: dict[UUID, Quote]
    """By id; unknown ones are missing."""
    holders: dict[UUID, Holder]
    """By the id that each acceptance names its member by."""


async def read_opening(connection: Connection, acceptances: Sequence[Acceptance]) -> Opening:
    """Hold the members and cards of the acceptances, of which there is at least one, until the transaction ends.

    Raises MembersMoved.
    """
    asked = [acceptance.member_id for acceptance in acceptances], [acceptance.quote_id for acceptance in acceptances]
    # In a statement of its own: what is read after the locks were waited for is as it is now.
    keys = await connection.fetchval(_LOCK, *asked)
    rows = await connection.fetch(_OPENING, *asked, keys)
    if rows[0]["moved"]:
        raise MembersMoved
    quotes: dict[UUID, Quote] = {}
    holders: dict[UUID, Holder] = {}
    for row in rows:
        quote_id, asked_by = row["id"], row["asked_by"]
        if quote_id is not None and quote_id not in quotes:
            quotes[quote_id] = quote_of(row)
        if asked_by not in holders:
            cards = zip(row["card_ids"] or (), row["program_ids"] or (), row["active"] or (), strict=True)
            holders[asked_by] = Holder(row["holder_id"] or asked_by, tuple(map(Card._make, cards)))
    return Opening(rows[0]["revision"], quotes, holders)
