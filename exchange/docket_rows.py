"""What a docket is opened with: locks, quotes, the cards of those who accept, and what is in the books about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from core.database import Connection
from core.errors import AgioError
from exchange.exchanges import Acceptance
from exchange.offers import Quote
from exchange.quote_rows import quote_of

_OPEN: Final = "SELECT * FROM exchange_open($1, $2, $3, $4)"


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

    now: datetime
    """When the locks were held."""
    revision: UUID | None
    """Of the directory."""
    quotes: dict[UUID, Quote]
    """By id; unknown ones are missing."""
    holders: dict[UUID, Holder]
    """By the id that each acceptance names its member by."""
    exchange_ids: frozenset[UUID]
    """Exchanges accepted under the same keys, and those that the quotes became."""
    used: Sequence[asyncpg.Record]
    """Rows of `exchange_usage`, for all cards that count against the same limits as an acceptance; some come twice."""


async def read_opening(connection: Connection, acceptances: Sequence[Acceptance], pinned: datetime | None) -> Opening:
    """Hold the members and cards of the acceptances, of which there is at least one, until the transaction ends.

    Raises MembersMoved.
    """
    rows = await connection.fetch(
        _OPEN,
        [acceptance.member_id for acceptance in acceptances],
        [acceptance.quote_id for acceptance in acceptances],
        [acceptance.idempotency_key for acceptance in acceptances],
        pinned,
    )
    locked = frozenset(rows[0]["locked"])
    quotes: dict[UUID, Quote] = {}
    holders: dict[UUID, Holder] = {}
    precedents: set[UUID] = set()
    used: list[asyncpg.Record] = []
    for acceptance, row in zip(acceptances, rows, strict=True):
        _, _, _, holder_id, keyed_as, used_as, card_ids, program_ids, active, usages, quote = row
        if quote is not None and acceptance.quote_id not in quotes:
            quotes[acceptance.quote_id] = quote_of(quote)
        if acceptance.member_id not in holders:
            cards = zip(card_ids or (), program_ids or (), active or (), strict=True)
            holders[acceptance.member_id] = Holder(holder_id or acceptance.member_id, tuple(map(Card._make, cards)))
        if not locked.issuperset(_named(holders[acceptance.member_id], quotes.get(acceptance.quote_id))):
            raise MembersMoved
        precedents.update(found for found in (keyed_as, used_as) if found)
        used += usages
    return Opening(rows[0]["opened_at"], rows[0]["revision"], quotes, holders, frozenset(precedents), used)


def _named(holder: Holder, quote: Quote | None) -> Iterator[UUID]:
    """The member, and the cards that count with the quote's: what has to be locked."""
    yield holder.id
    if quote is not None:
        yield quote.source.membership_id
        for card in holder.cards:
            if card.program_id == quote.source.program_id:
                yield card.id
