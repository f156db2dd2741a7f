"""Deciding what a quote says: pure rules over facts read once, without a database."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from brands import Directory, Program, Rate
from core.refusals import InsufficientPoints, NetDebitCapReached
from exchange.bounds import check_amount
from exchange.errors import (
    AmountAboveMaximum,
    IssuanceBudgetReached,
    LimitReached,
    NoRate,
    NotAMember,
    NotExchangeable,
    PairPaused,
    QuoteRefusal,
    SameProgram,
    SourceRefusal,
    TargetRefusal,
    TargetWouldBeZero,
    UnknownProgram,
)
from exchange.limits import Limits, first_reached
from exchange.offers import QuoteRequest, Side
from exchange.periods import Key
from exchange.rates import Conversion, Terms, convert, source_max, source_min
from members import Membership


@dataclass(frozen=True, slots=True)
class Draft:
    """A quote that wants only an id and an instant."""

    member_id: UUID
    source: Side
    target: Side
    conversion: Conversion
    worth_micro: int
    """What the points received would be worth if they were given up again: the measure of a good offer."""
    tier: str | None
    pair_rate_id: UUID | None


@dataclass(frozen=True, slots=True)
class Source:
    """What is given up: known to be there and within all limits."""

    member_id: UUID
    """As the member asked, who may be known by another id since records were merged."""
    program: Program
    rate: Rate
    card: Membership
    amount: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the asking members hold and have used, as far as quotes need it."""

    directory: Directory
    now: datetime
    cards: Mapping[UUID, Sequence[Membership]]
    """The open memberships of each member, the oldest first."""
    spendable: Mapping[UUID, int]
    """Live points by source membership."""
    limits: Limits
    used: Counter[Key]
    """Minor units used of each limit in its present period."""
    changed: Mapping[UUID, datetime]
    """When it last changed who a member is, by the id asked with; only where it matters."""
    left_micro: Mapping[tuple[UUID, str], int]
    """What the sources' participants may still owe, in micro-CNY, by participant and settlement model."""

    def cards_of(self, member_id: UUID, program: Program) -> list[Membership]:
        """The member's open memberships of one program, the oldest first."""
        return [card for card in self.cards.get(member_id, ()) if card.program_id == program.id]


def decide(holdings: Holdings, request: QuoteRequest) -> Draft | QuoteRefusal:
    """What one request gets. Which programs it names is looked at before anything about them."""
    source_program, target = map(holdings.directory.program, (request.source, request.target))
    if source_program is None or target is None:
        return UnknownProgram(request.source if source_program is None else request.target)
    if target.id == source_program.id:
        return SameProgram(target.code)
    source = find_source(holdings, request.member_id, request.source, request.amount)
    return offer(holdings, source, target) if isinstance(source, Source) else source


def find_source(holdings: Holdings, member_id: UUID, code: str, amount: int) -> Source | SourceRefusal:
    """The member's card of the source program with the most points, if `amount` may be taken from it."""
    known = holdings.directory
    program = known.program(code)
    if program is None:
        return UnknownProgram(code)
    rate = _rate(holdings, program)
    if not isinstance(rate, Rate):
        return rate
    refusal = check_amount(amount, program.limits) or _check_worth(amount, rate)
    if refusal is not None:
        return refusal
    cards = holdings.cards_of(member_id, program)
    if not cards:
        return NotAMember(code)
    card = max(cards, key=lambda card: holdings.spendable[card.id])
    return _check_card(holdings, Source(member_id, program, rate, card, amount))


def offer(holdings: Holdings, source: Source, target: Program) -> Draft | TargetRefusal:
    """What the source becomes in `target`."""
    if target.id == source.program.id:
        return SameProgram(target.code)
    rate = _rate(holdings, target)
    if not isinstance(rate, Rate):
        return rate
    cards = holdings.cards_of(source.member_id, target)
    if not cards:
        return NotAMember(target.code)
    paused = check_pause(holdings.directory, source.program, target, holdings.now)
    return paused or _draft(holdings, source, target, _side(target, cards[0], rate), rate)


def _draft(
    holdings: Holdings, source: Source, target: Program, side: Side, rate: Rate
) -> Draft | TargetWouldBeZero | LimitReached | IssuanceBudgetReached | NetDebitCapReached:
    pair = holdings.directory.prices.pair(source.program.id, target.id, holdings.now)
    terms, tier = terms_of(source.rate, rate, pair, source.card.tier)
    conversion = convert(source.amount, terms)
    if not conversion.target:
        return TargetWouldBeZero(_needed(source.program, terms))
    limited = (
        *holdings.limits.of_pair(source.card.member_id, source.program, target, source.amount),
        *holdings.limits.of_issuance(target, conversion.target),
    )
    return (
        first_reached(limited, holdings.used)
        or _check_cap(holdings, source.program, target, conversion)
        or Draft(
            source.member_id,
            _side(source.program, source.card, source.rate),
            side,
            conversion,
            conversion.target * rate.sell_micro,
            tier,
            None if pair is None else pair.id,
        )
    )


def _check_cap(
    holdings: Holdings, source: Program, target: Program, conversion: Conversion
) -> NetDebitCapReached | None:
    """The ledger has the last word; what it would refuse now is not offered."""
    payer, value = source.participant_id, conversion.value_micro
    model = holdings.directory.settlement_model(payer, target.participant_id)
    left = holdings.left_micro[payer, model]
    return NetDebitCapReached(payer, value, left) if value > left else None


def terms_of(source: Rate, target: Rate, pair: Rate | None, tier: str) -> tuple[Terms, str | None]:
    """The prices of a pair for a member of this tier, and the tier if it has a fee of its own."""
    own, buy_micro = (source, target.buy_micro) if pair is None else (pair, pair.buy_micro)
    fee = own.fee(tier)
    terms = Terms(own.sell_micro, fee.bp, buy_micro, fee.fixed_micro)
    return terms, tier if tier in own.tier_fees else None


def check_pause(known: Directory, source: Program, target: Program, now: datetime) -> PairPaused | None:
    """Why the pair is stopped; None: it is not."""
    found = known.prices.pause(source.id, target.id, now)
    return None if found is None else PairPaused(source.code, target.code, found.since)


def _rate(holdings: Holdings, program: Program) -> Rate | NotExchangeable | NoRate:
    if holdings.directory.brands[program.brand_id].closed:
        return NotExchangeable(program.code)
    return holdings.directory.prices.rate(program.id, holdings.now) or NoRate(program.code)


def _check_worth(amount: int, rate: Rate) -> AmountAboveMaximum | None:
    allowed = source_max(rate.sell_micro)
    return AmountAboveMaximum(allowed) if amount > allowed else None


def _check_card(holdings: Holdings, source: Source) -> Source | SourceRefusal:
    available = holdings.spendable[source.card.id]
    # What a brand keeps in its own books, the brand itself refuses.
    if source.amount > available and not source.program.booked_by_brand:
        return InsufficientPoints(source.amount, available)
    return _check_limits(holdings, source) or source


def _check_limits(holdings: Holdings, source: Source) -> SourceRefusal | None:
    program, limits = source.program, holdings.limits
    cooling = limits.cooling_off(program, holdings.changed.get(source.member_id))
    if cooling is not None:
        return cooling
    reached = first_reached(limits.of_member(source.card.member_id, program, source.amount), holdings.used)
    return reached if isinstance(reached, LimitReached) else None


def _needed(program: Program, terms: Terms) -> int:
    """The first amount within the program's bounds that becomes something."""
    least = max(source_min(terms), program.limits.amount_min)
    return -(-least // program.limits.amount_step) * program.limits.amount_step


def _side(program: Program, card: Membership, rate: Rate) -> Side:
    return Side(program.id, card.id, rate.id)
