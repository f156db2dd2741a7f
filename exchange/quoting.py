"""Answering what an amount of points can become."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from brands import Program, directory
from brands.accounts import points_account
from core.clock import Clock
from core.database import Connection, Database
from exchange.bounds import day_of
from exchange.drafting import Draft, Holdings, Source, decide, find_source, offer
from exchange.errors import QuoteRefusal, SourceRefusal
from exchange.offers import Offers, Portion, Quote, QuoteRequest, Unavailable
from exchange.quote_rows import read_used, write_quotes
from ledger import lots, spendable
from members import Membership, MembershipStatus, memberships


async def quote(database: Database, request: QuoteRequest) -> Quote | QuoteRefusal:
    """One quote; see `quote_many`."""
    return (await quote_many(database, [request]))[0]


async def quote_many(database: Database, requests: Sequence[QuoteRequest]) -> list[Quote | QuoteRefusal]:
    """A quote or a refusal for each request, in order. Quotes are kept, so that they can be accepted."""
    async with database.connection() as connection:
        wanted = {(request.member_id, request.source) for request in requests}
        holdings = await _read(connection, wanted, database.clock)
        decisions = [decide(holdings, request) for request in requests]
        drafts = [decision for decision in decisions if isinstance(decision, Draft)]
        written = iter(await write_quotes(connection, drafts, database.clock.pinned))
    return [next(written) if isinstance(decision, Draft) else decision for decision in decisions]


async def quotes(database: Database, member_id: UUID, source: str, amount: int) -> Offers | SourceRefusal:
    """What `amount` minor units of the program `source` become in every other program, best value first."""
    async with database.connection() as connection:
        holdings = await _read(connection, {(member_id, source)}, database.clock)
        found = find_source(holdings, member_id, source, amount)
        if not isinstance(found, Source):
            return found
        drafts, unavailable = _offers(holdings, found)
        written = await write_quotes(connection, drafts, database.clock.pinned)
        spends = await _spent_first(connection, found, holdings.now, database.clock)
    return Offers(tuple(written), spends, unavailable)


async def _spent_first(connection: Connection, source: Source, now: datetime, clock: Clock) -> tuple[Portion, ...]:
    """The points that giving up `source` takes, those that expire soonest first."""
    account = points_account(source.card.id, source.program).id
    left, portions = source.amount, []
    for lot in (await lots(connection, [account], clock=clock))[account]:
        taken = min(lot.remaining, left) if lot.available_at is None or lot.available_at <= now else 0
        if taken:
            portions.append(Portion(taken, lot.expires_at))
        left -= taken
    return tuple(portions)


def _offers(holdings: Holdings, source: Source) -> tuple[list[Draft], tuple[Unavailable, ...]]:
    others = (program for program in holdings.directory.programs.values() if program.id != source.program.id)
    decided = [(program.code, offer(holdings, source, program)) for program in sorted(others, key=_code)]
    drafts = [decision for _, decision in decided if isinstance(decision, Draft)]
    drafts.sort(key=lambda draft: -draft.worth_micro)
    refused = tuple(Unavailable(code, decision) for code, decision in decided if not isinstance(decision, Draft))
    return drafts, refused


def _code(program: Program) -> str:
    return program.code


async def _read(connection: Connection, wanted: Iterable[tuple[UUID, str]], clock: Clock) -> Holdings:
    """What quotes from the programs with these codes need to know about these members."""
    known = await directory(connection)
    pairs = [(member_id, known.program(code)) for member_id, code in wanted]
    cards = await _open_cards(connection, {member_id for member_id, _ in pairs})
    sources = {
        card.id: program
        for member_id, program in pairs
        for card in cards[member_id]
        if program and card.program_id == program.id
    }
    now = clock.now()
    days = [(membership_id, day_of(program, now).starts_on) for membership_id, program in sources.items()]
    used = await read_used(connection, days)
    return Holdings(known, now, cards, await _spendable(connection, sources, clock), used)


async def _open_cards(connection: Connection, member_ids: set[UUID]) -> Mapping[UUID, Sequence[Membership]]:
    found = await memberships(connection, member_ids)
    return {
        member_id: [card for card in cards if card.status is MembershipStatus.ACTIVE]
        for member_id, cards in found.items()
    }


async def _spendable(connection: Connection, sources: Mapping[UUID, Program], clock: Clock) -> dict[UUID, int]:
    accounts = {card: points_account(card, program).id for card, program in sources.items()}
    found = await spendable(connection, list(accounts.values()), clock=clock)
    return {card: found[account] for card, account in accounts.items()}
