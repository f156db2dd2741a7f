"""Prices of programs and pairs: what holds when, what waits for a second person, and what is paused."""

from datetime import datetime

import strawberry

import brands
from brands import pricing
from brands.config.leaves import MONEY_SCALE
from brands.prices import Pause as PauseValue
from brands.rate import Terms
from schema.ids import global_id
from schema.refusals import amount
from schema.scalars import Amount

strawberry.enum(pricing.ProposalKind, name="RateProposalKind")
strawberry.enum(pricing.Decision, name="RateDecision")


@strawberry.type
class TierFee:
    """What the operator takes when members of a tier give points up."""

    tier: str | None
    """The tier's code; null: every tier without a fee of its own."""
    basis_points: int
    """Of the value given up."""
    fixed: Amount
    """In CNY, for each exchange, on top."""


@strawberry.type
class RateTerms:
    """Prices and fees."""

    sell: Amount
    """CNY for a point given up."""
    buy: Amount
    """CNY for a point received: of the same program, or of the pair's target."""
    spread: Amount | None
    """What buying costs above selling; null for a pair, whose points are of two kinds."""
    fees: list[TierFee]
    """The standard fee first."""

    @classmethod
    def of(cls, value: Terms, source: brands.Program, target: brands.Program | None) -> "RateTerms":
        """As the graph shows it."""
        decimals, bought = MONEY_SCALE - source.scale, MONEY_SCALE - (target or source).scale
        spread = None if target else amount(value.buy_micro - value.sell_micro, decimals)
        standard = TierFee(tier=None, basis_points=value.fee_bp, fixed=amount(value.fee_fixed_micro, MONEY_SCALE))
        own = [
            TierFee(tier=tier, basis_points=fee.bp, fixed=amount(fee.fixed_micro, MONEY_SCALE))
            for tier, fee in value.tier_fees.items()
        ]
        sell, buy = amount(value.sell_micro, decimals), amount(value.buy_micro, bought)
        return cls(sell=sell, buy=buy, spread=spread, fees=[standard, *own])


@strawberry.type
class Rate:
    """One version of a program's prices, or of a pair's."""

    version: int
    source: str
    """The code of the program, or of the pair's source."""
    target: str | None
    """The code of the pair's target; null: the program's own prices."""
    terms: RateTerms
    valid_from: datetime
    valid_to: datetime | None
    """The first instant at which it no longer holds; null: no end is known."""
    submitted_by: str
    approved_by: str

    @classmethod
    def of(cls, value: brands.Rate, directory: brands.Directory) -> "Rate":
        """As the graph shows it."""
        source = directory.programs[value.program_id]
        target = None if value.target_id is None else directory.programs[value.target_id]
        return cls(
            version=value.version,
            source=source.code,
            target=None if target is None else target.code,
            terms=RateTerms.of(value, source, target),
            valid_from=value.valid_from,
            valid_to=value.valid_to,
            submitted_by=value.submitted_by,
            approved_by=value.approved_by,
        )


@strawberry.type
class RatePause:
    """Exchanges that are stopped until two persons let them go on."""

    id: strawberry.ID
    source: str | None
    """Null: out of any program."""
    target: str | None
    """Null: into any program."""
    moved_basis_points: int
    """By how much of the price before it moved; 0: a person stopped it."""
    reason: str
    since: datetime

    @classmethod
    def of(cls, value: PauseValue, directory: brands.Directory) -> "RatePause":
        """As the graph shows it."""
        programs = directory.programs
        return cls(
            id=global_id("RatePause", value.id),
            source=programs[value.source_id].code if value.source_id else None,
            target=programs[value.target_id].code if value.target_id else None,
            moved_basis_points=value.moved_bp,
            reason=value.reason,
            since=value.since,
        )


@strawberry.type
class RateProposal:
    """What one person submitted, and what another made of it."""

    number: int
    kind: pricing.ProposalKind
    source: str
    target: str | None
    terms: RateTerms | None
    """Null for everything but a rate."""
    valid_from: datetime | None
    """As it was submitted; null: from the approval on."""
    valid_to: datetime | None
    takes_effect_at: datetime | None
    """When it does, or did; null: with its approval, or never when it came to nothing. It is never retroactive."""
    digest: str
    """Of all that is proposed: who approves names it."""
    moved_basis_points: int
    """By how much of the present price it moves."""
    pauses: bool
    """Whether exchanges stop when it comes into force, because it moves too far."""
    submitted_by: str
    submitted_at: datetime
    reason: str
    decision: pricing.Decision | None
    """Null: it waits."""
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None

    @classmethod
    def of(cls, value: pricing.Proposal, directory: brands.Directory, now: datetime) -> "RateProposal":
        """As the graph shows it at this instant."""
        matter = value.matter
        source = directory.programs[matter.program_id]
        target = None if matter.target_id is None else directory.programs[matter.target_id]
        return cls(
            number=value.number,
            kind=matter.kind,
            source=source.code,
            target=None if target is None else target.code,
            terms=None if matter.terms is None else RateTerms.of(matter.terms, source, target),
            valid_from=matter.valid_from,
            valid_to=matter.valid_to,
            takes_effect_at=value.takes_effect_at(now),
            digest=value.digest,
            moved_basis_points=value.moved_bp,
            pauses=value.moved_bp > source.swing_pause_bp,
            submitted_by=value.submitted_by,
            submitted_at=value.submitted_at,
            reason=value.reason,
            decision=value.decision,
            decided_by=value.decided_by,
            decided_at=value.decided_at,
            decided_reason=value.decided_reason,
        )
