"""What must be known before a batch of acceptances is judged, read in sets."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from brands import Directory, Program, directory
from core.clock import Clock
from core.database import Connection
from core.locks import lock_keys
from exchange.docket import Docket, Facts
from exchange.exchange_rows import Precedents, exchanges_by_id, read_precedents
from exchange.exchanges import Acceptance
from exchange.offers import Quote
from exchange.quote_rows import read_quotes
from exchange.usage import read_issued, tally
from members import Membership, MembershipStatus, identity_changes, memberships


async def open_docket(connection: Connection, acceptances: Sequence[Acceptance], clock: Clock) -> Docket:
    """Lock what the batch is about until the transaction ends, and read what decides it."""
    known = await directory(connection)
    quotes = await read_quotes(connection, {acceptance.quote_id for acceptance in acceptances})
    held = await memberships(connection, {acceptance.member_id for acceptance in acceptances})
    await _lock(connection, held, quotes)
    # Counted before any account is locked, in one order for all.
    targets = {quote.target.program_id for quote in quotes.values()}
    issued = await read_issued(connection, map(known.programs.__getitem__, targets), lock=True)
    cards = [_cards(held, quotes, acceptance) for acceptance in acceptances]
    found = await read_precedents(connection, acceptances, cards, clock.pinned)
    facts = Facts(
        known,
        found.now,
        quotes,
        {member_id: _open(cards) for member_id, cards in held.items()},
        {card.id: card.member_id for cards in held.values() for card in cards},
        await _changes(connection, known, quotes, held),
    )
    docket = await _docket(connection, facts, acceptances, found)
    owners = {card.id: (card.member_id, card.program_id) for cards in held.values() for card in cards}
    docket.used = tally(docket.limits, known.programs, owners, found.used, issued)
    return docket


async def _lock(
    connection: Connection, held: Mapping[UUID, Sequence[Membership]], quotes: Mapping[UUID, Quote]
) -> None:
    # A member's keys and limits are counted by one transaction at a time, under whichever ids the member is known
    # since records were merged; and so are quotes of cards that were the member's before.
    members = {card.member_id for cards in held.values() for card in cards} | held.keys()
    cards = {quote.source.membership_id for quote in quotes.values()}
    await lock_keys(connection, "exchange", (identifier.hex for identifier in members | cards))


def _open(cards: Sequence[Membership]) -> frozenset[UUID]:
    return frozenset(card.id for card in cards if card.status is MembershipStatus.ACTIVE)


def _cards(
    held: Mapping[UUID, Sequence[Membership]], quotes: Mapping[UUID, Quote], acceptance: Acceptance
) -> list[UUID]:
    """All cards whose exchanges count against the same limits as the acceptance."""
    quote = quotes.get(acceptance.quote_id)
    if quote is None:
        return []
    return [card.id for card in held[acceptance.member_id] if card.program_id == quote.source.program_id]


async def _changes(
    connection: Connection, known: Directory, quotes: Mapping[UUID, Quote], held: Mapping[UUID, object]
) -> Mapping[UUID, datetime]:
    """When it last changed who the members are, if any program minds."""
    sources: Iterator[Program] = (known.programs[quote.source.program_id] for quote in quotes.values())
    if any(source.limits.cooling_off_hours for source in sources):
        return await identity_changes(connection, held)
    return {}


async def _docket(connection: Connection, facts: Facts, acceptances: Sequence[Acceptance], found: Precedents) -> Docket:
    exchanges = (await exchanges_by_id(connection, found.exchange_ids)).values() if found.exchange_ids else ()
    return Docket(
        facts,
        acceptances,
        by_key={(exchange.member_id, exchange.idempotency_key): exchange for exchange in exchanges},
        by_quote={exchange.quote_id: exchange for exchange in exchanges},
    )
