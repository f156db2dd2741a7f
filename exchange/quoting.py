"""Answering what an amount of points can become."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from brands import Directory, Program, directory
from brands.accounts import points_account, position_account
from core.clock import Clock
from core.database import Connection, Database
from exchange.drafting import Draft, Holdings, Source, decide, find_source, offer
from exchange.errors import QuoteRefusal, SourceRefusal
from exchange.limits import Limits
from exchange.offers import Offers, Portion, Quote, QuoteRequest, Unavailable
from exchange.periods import Key
from exchange.quote_rows import write_quotes
from exchange.usage import read_cards, read_issued, tally
from ledger import headrooms, lots, spendable
from members import Membership, MembershipStatus, identity_changes, memberships


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
    held = await memberships(connection, {member_id for member_id, _ in pairs})
    sources = [
        (card, program)
        for member_id, program in pairs
        for card in held[member_id]
        if program and card.program_id == program.id
    ]
    programs = {program.id: program for _, program in sources}
    now = clock.now()
    limits = Limits(known, now)
    return Holdings(
        known,
        now,
        {
            member_id: [card for card in cards if card.status is MembershipStatus.ACTIVE]
            for member_id, cards in held.items()
        },
        await _spendable(connection, {card.id: program for card, program in sources}, clock),
        limits,
        await _used(connection, known, limits, [card for card, _ in sources]),
        await identity_changes(connection, held) if any(map(_cools_off, programs.values())) else {},
        await _left(connection, known, programs.values()),
    )


def _open(cards: Iterable[Membership]) -> list[Membership]:
    return [card for card in cards if card.status is MembershipStatus.ACTIVE]


def _cools_off(program: Program) -> bool:
    return program.limits.cooling_off_hours > 0


async def _used(connection: Connection, known: Directory, limits: Limits, cards: Sequence[Membership]) -> Counter[Key]:
    rows = await read_cards(connection, [card.id for card in cards])
    issued = await read_issued(connection, known.programs.values(), lock=False)
    return tally(limits, known.programs, {card.id: (card.member_id, card.program_id) for card in cards}, rows, issued)


async def _left(connection: Connection, known: Directory, sources: Iterable[Program]) -> dict[tuple[UUID, str], int]:
    """What the participants behind the sources may still owe, by participant and model of settlement."""
    payers, payees = {it.participant_id for it in sources}, {it.participant_id for it in known.programs.values()}
    accounts = {
        (payer, model): position_account(known.brands[payer], model)
        for payer in payers
        for model in {known.settlement_model(payer, payee) for payee in payees}
    }
    left = await headrooms(connection, [account.id for account in accounts.values()])
    return {key: max(left[account.id], 0) for key, account in accounts.items()}


async def _spendable(connection: Connection, sources: Mapping[UUID, Program], clock: Clock) -> dict[UUID, int]:
    accounts = {card: points_account(card, program).id for card, program in sources.items()}
    found = await spendable(connection, list(accounts.values()), clock=clock)
    return {card: found[account] for card, account in accounts.items()}
