"""What must be known before a batch of acceptances is judged, read in sets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from brands import Directory, directory
from core.clock import Clock
from core.database import Connection
from core.locks import lock_keys
from exchange.docket import Docket, Facts
from exchange.exchange_rows import Precedent, exchanges_by_id, read_precedents
from exchange.exchanges import Acceptance
from exchange.offers import Quote
from exchange.quote_rows import read_quotes
from members import MembershipStatus, memberships

_NOWHERE = (None, "UTC")


async def open_docket(connection: Connection, acceptances: Sequence[Acceptance], clock: Clock) -> Docket:
    """Lock what the batch is about until the transaction ends, and read what decides it."""
    known = await directory(connection)
    quotes = await read_quotes(connection, {acceptance.quote_id for acceptance in acceptances})
    await _lock(connection, acceptances, quotes)
    cards = await _open_cards(connection, {acceptance.member_id for acceptance in acceptances})
    sources = [_source(known, quotes.get(acceptance.quote_id)) for acceptance in acceptances]
    precedents = await read_precedents(connection, acceptances, sources, clock.pinned)
    facts = Facts(known, precedents[0].now, quotes, cards)
    return await _docket(connection, facts, acceptances, precedents)


async def _lock(connection: Connection, acceptances: Sequence[Acceptance], quotes: Mapping[UUID, Quote]) -> None:
    # A member's keys and a card's daily limit are counted by one transaction at a time. The card has a lock of its
    # own because a member whose records were merged may be known under two ids.
    members = {acceptance.member_id for acceptance in acceptances}
    cards = {quote.source.membership_id for quote in quotes.values()}
    await lock_keys(connection, "exchange", (identifier.hex for identifier in members | cards))


async def _open_cards(connection: Connection, member_ids: set[UUID]) -> Mapping[UUID, frozenset[UUID]]:
    found = await memberships(connection, member_ids)
    return {
        member_id: frozenset(card.id for card in cards if card.status is MembershipStatus.ACTIVE)
        for member_id, cards in found.items()
    }


def _source(known: Directory, quote: Quote | None) -> tuple[UUID | None, str]:
    if quote is None:
        return _NOWHERE
    return quote.source.membership_id, known.programs[quote.source.program_id].time_zone


async def _docket(
    connection: Connection, facts: Facts, acceptances: Sequence[Acceptance], precedents: Sequence[Precedent]
) -> Docket:
    ids = {found for precedent in precedents for found in (precedent.by_key, precedent.by_quote) if found}
    exchanges = (await exchanges_by_id(connection, ids)).values() if ids else ()
    return Docket(
        facts,
        acceptances,
        by_key={(exchange.member_id, exchange.idempotency_key): exchange for exchange in exchanges},
        by_quote={exchange.quote_id: exchange for exchange in exchanges},
        used=Counter(_used(facts, acceptances, precedents)),
    )


def _used(facts: Facts, acceptances: Sequence[Acceptance], precedents: Sequence[Precedent]) -> dict[UUID, int]:
    quotes = (facts.quotes.get(acceptance.quote_id) for acceptance in acceptances)
    pairs = zip(quotes, precedents, strict=True)
    return {quote.source.membership_id: precedent.used_today for quote, precedent in pairs if quote}
