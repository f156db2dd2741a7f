"""Which of a batch of acceptances may be posted: decided in order on facts read once, without a database."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from brands import Directory, Program
from core.refusals import IdempotencyConflict, InsufficientPoints, NetDebitCapReached
from exchange.drafting import check_pause
from exchange.errors import (
    AcceptanceRefusal,
    CoolingOff,
    NotAMember,
    PairPaused,
    QuoteExpired,
    QuoteUsed,
    UnknownQuote,
)
from exchange.exchanges import Acceptance, Exchange
from exchange.limits import Limited, Limits, first_reached
from exchange.offers import Quote, Side
from exchange.periods import Key

Posted: TypeAlias = Exchange | InsufficientPoints | NetDebitCapReached
"""What the ledger makes of one that is posted."""

Verdict: TypeAlias = Exchange | AcceptanceRefusal
"""What becomes of one acceptance."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was known when the batch's members were locked."""

    directory: Directory
    now: datetime
    quotes: Mapping[UUID, Quote]
    memberships: Mapping[UUID, Collection[UUID]]
    """The open memberships of each member."""
    owners: Mapping[UUID, UUID] = field(default_factory=dict)
    """Whom each card belongs to, by the id that the member has since records were merged."""
    changed: Mapping[UUID, datetime] = field(default_factory=dict)
    """When it last changed who a member is, by the id that the member goes by; only where it matters."""

    def program_of(self, side: Side) -> Program:
        """The program of one side of a quote."""
        return self.directory.programs[side.program_id]


@dataclass(slots=True)
class Docket:
    """A batch in the making: rounds of those that go to the ledger together, until everybody has a verdict."""

    facts: Facts
    acceptances: Sequence[Acceptance]
    by_key: dict[tuple[UUID, str], Exchange]
    """Exchanges by member and idempotency key."""
    by_quote: dict[UUID, Exchange]
    used: Counter[Key] = field(default_factory=Counter)
    """Minor units used of each limit in its present period."""
    short: dict[UUID, int] = field(default_factory=dict)
    """Source memberships that the ledger found short of points, with what they have."""
    capped: dict[tuple[UUID, str], int] = field(default_factory=dict)
    """By participant and settlement model: where the ledger found the cap reached, with what is left."""
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    """By position in the batch."""
    made: list[Exchange] = field(default_factory=list)
    """The exchanges of this batch, in order."""
    limits: Limits = field(init=False)
    _limited: dict[UUID, tuple[Limited, ...]] = field(default_factory=dict)
    """By quote."""

    def __post_init__(self) -> None:
        self.limits = Limits(self.facts.directory, self.facts.now)

    def next_round(self) -> list[int]:
        """Who goes to the ledger now, by position: the first of those in each other's way. Empty: all is decided."""
        claims = _Claims()
        return [
            position
            for position, acceptance in enumerate(self.acceptances)
            if position not in self.verdicts and self._admits(claims, position, acceptance)
        ]

    def _admits(self, claims: "_Claims", position: int, acceptance: Acceptance) -> bool:
        verdict = self._judge(acceptance)
        if verdict is not None:
            self.verdicts[position] = verdict
            return False
        limited = self._limited_by(self.quote_of(acceptance))
        if claims.met(acceptance) or claims.exceed(limited, self.used):
            return False
        claims.add(acceptance, limited)
        return True

    def settle(self, positions: Sequence[int], results: Sequence[Posted]) -> None:
        """Take in what the ledger made of a round. A refusal that the round itself has lifted is tried again."""
        progress = any(isinstance(result, Exchange) for result in results)
        for position, result in zip(positions, results, strict=True):
            self._remember(self.quote_of(self.acceptances[position]), result)
            if not (progress and _is_lifted(result)):
                self.verdicts[position] = result

    def quote_of(self, acceptance: Acceptance) -> Quote:
        """The quote of an acceptance that was admitted."""
        return self.facts.quotes[acceptance.quote_id]

    def _remember(self, quote: Quote, result: Posted) -> None:
        match result:
            case InsufficientPoints():
                self.short[quote.source.membership_id] = result.available
            case NetDebitCapReached():
                self.capped[self._position_of(quote)] = result.left
            case Exchange():
                self.made.append(result)
                self.by_key[result.member_id, result.idempotency_key] = result
                self.by_quote[result.quote_id] = result
                for limited in self._limited_by(quote):
                    self.used[limited.key] += limited.amount
            case _:
                assert_never(result)

    def _judge(self, acceptance: Acceptance) -> Verdict | None:
        first = self.by_key.get((acceptance.member_id, acceptance.idempotency_key))
        if first is not None:
            return first if first.quote_id == acceptance.quote_id else IdempotencyConflict("quote_id")
        quote = self.facts.quotes.get(acceptance.quote_id)
        if quote is None or quote.member_id != acceptance.member_id:
            return UnknownQuote(acceptance.quote_id)
        return self._judge_quote(quote)

    def _judge_quote(self, quote: Quote) -> AcceptanceRefusal | None:
        used = self.by_quote.get(quote.id)
        if used is not None:
            return QuoteUsed(quote.id, used.id)
        if quote.expires_at <= self.facts.now:
            return QuoteExpired(quote.id, quote.expires_at)
        return (
            self._judge_sides(quote)
            or self._judge_pause(quote)
            or self._judge_identity(quote)
            or self._judge_means(quote)
            or first_reached(self._limited_by(quote), self.used)
        )

    def _judge_sides(self, quote: Quote) -> NotAMember | None:
        own = self.facts.memberships.get(quote.member_id, frozenset())
        lost = (side for side in (quote.source, quote.target) if side.membership_id not in own)
        return next((NotAMember(self.facts.program_of(side).code) for side in lost), None)

    def _judge_pause(self, quote: Quote) -> PairPaused | None:
        facts = self.facts
        return check_pause(facts.directory, facts.program_of(quote.source), facts.program_of(quote.target), facts.now)

    def _judge_means(self, quote: Quote) -> InsufficientPoints | NetDebitCapReached | None:
        needed, value = quote.conversion.source, quote.conversion.value_micro
        available = self.short.get(quote.source.membership_id, needed)
        if available < needed:
            return InsufficientPoints(needed, available)
        position = self._position_of(quote)
        left = self.capped.get(position, value)
        return NetDebitCapReached(position[0], value, left) if left < value else None

    def _position_of(self, quote: Quote) -> tuple[UUID, str]:
        """Whose position, in which settlement model, an exchange debits: each has a cap of its own."""
        payer = self.facts.program_of(quote.source).participant_id
        payee = self.facts.program_of(quote.target).participant_id
        return payer, self.facts.directory.settlement_model(payer, payee)

    def _judge_identity(self, quote: Quote) -> CoolingOff | None:
        changed_at = self.facts.changed.get(quote.member_id)
        return self.limits.cooling_off(self.facts.program_of(quote.source), changed_at)

    def _limited_by(self, quote: Quote) -> tuple[Limited, ...]:
        found = self._limited.get(quote.id)
        if found is None:
            source, target = self.facts.program_of(quote.source), self.facts.program_of(quote.target)
            owner = self.facts.owners.get(quote.source.membership_id, quote.member_id)
            limits, given, received = self.limits, quote.conversion.source, quote.conversion.target
            found = self._limited[quote.id] = (
                *limits.of_member(owner, source, given),
                *limits.of_pair(owner, source, target, given),
                *limits.of_issuance(target, received),
            )
        return found


@dataclass(slots=True)
class _Claims:
    """What a round has promised so far."""

    names: set[object] = field(default_factory=set)
    amounts: Counter[Key] = field(default_factory=Counter)
    """Minor units, by limit."""

    def met(self, acceptance: Acceptance) -> bool:
        return not self.names.isdisjoint(_names(acceptance))

    def exceed(self, limited: Iterable[Limited], used: Counter[Key]) -> bool:
        return any(self.amounts[it.key] and self.amounts[it.key] + used[it.key] + it.amount > it.most for it in limited)

    def add(self, acceptance: Acceptance, limited: Iterable[Limited]) -> None:
        self.names.update(_names(acceptance))
        for it in limited:
            self.amounts[it.key] += it.amount


def _names(acceptance: Acceptance) -> tuple[object, object]:
    return acceptance.quote_id, (acceptance.member_id, acceptance.idempotency_key)


def _is_lifted(result: Posted) -> bool:
    match result:
        case InsufficientPoints():
            return result.available >= result.needed
        case NetDebitCapReached():
            return result.left >= result.needed
        case Exchange():
            return False
        case _:
            assert_never(result)
