"""What must be known before a batch of acceptances is judged, read in sets."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from brands import Directory, Program, directory_at
from core.clock import Clock
from core.database import Connection
from exchange.docket import Docket, Facts
from exchange.docket_rows import Opening, read_opening
from exchange.exchange_rows import exchanges_by_id
from exchange.exchanges import Acceptance
from exchange.offers import Quote
from exchange.usage import read_issued, tally
from members import identity_changes


async def open_docket(connection: Connection, acceptances: Sequence[Acceptance], clock: Clock) -> Docket:
    """Lock what the batch is about until the transaction ends, and read what decides it. Raises MembersMoved."""
    opening = await read_opening(connection, acceptances, clock.pinned)
    known, quotes, holders = await directory_at(connection, opening.revision), opening.quotes, opening.holders
    # Counted before any account is locked, in one order for all.
    targets = {quote.target.program_id for quote in quotes.values()}
    issued = await read_issued(connection, map(known.programs.__getitem__, targets), lock=True)
    owners = {card.id: (holder.id, card.program_id) for holder in holders.values() for card in holder.cards}
    facts = Facts(
        known,
        await _moment(connection, clock) if issued else opening.now,
        quotes,
        {named: {card.id for card in holder.cards if card.active} for named, holder in holders.items()},
        {card_id: member_id for card_id, (member_id, _) in owners.items()},
        await _changes(connection, known, quotes, holders),
    )
    docket = await _docket(connection, facts, acceptances, opening)
    docket.used = tally(docket.limits, known.programs, owners, opening.used, issued)
    return docket


async def _moment(connection: Connection, clock: Clock) -> datetime:
    """The instant after budgets were waited for: they may have been used on a later day meanwhile."""
    now: datetime = clock.pinned or await connection.fetchval("SELECT clock_timestamp()")
    return now


async def _changes(
    connection: Connection, known: Directory, quotes: Mapping[UUID, Quote], holders: Mapping[UUID, object]
) -> Mapping[UUID, datetime]:
    """When it last changed who the members are, if any program minds."""
    sources: Iterator[Program] = (known.programs[quote.source.program_id] for quote in quotes.values())
    if any(source.limits.cooling_off_hours for source in sources):
        return await identity_changes(connection, holders)
    return {}


async def _docket(connection: Connection, facts: Facts, acceptances: Sequence[Acceptance], opening: Opening) -> Docket:
    exchanges = (await exchanges_by_id(connection, opening.exchange_ids)).values() if opening.exchange_ids else ()
    return Docket(
        facts,
        acceptances,
        by_key={(exchange.member_id, exchange.idempotency_key): exchange for exchange in exchanges},
        by_quote={exchange.quote_id: exchange for exchange in exchanges},
    )
