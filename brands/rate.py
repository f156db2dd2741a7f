"""What a program's points are worth: one anchor value with a price on either side, or the price of one pair."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from core.ids import new_id

FEE_BP_MAX: Final = 5_000
"""The highest fee: half of the value."""

SWING_BP_MAX: Final = 1_000_000
"""The widest move of a price that can be allowed without a pause: a hundredfold."""

BASIS_POINTS: Final = 10_000
"""Basis points in the whole."""

CONFIGURATION: Final = "configuration"
"""Who submitted and approved the first rate of a program, which came with its network file."""


@dataclass(frozen=True, slots=True)
class Fee:
    """What the operator takes of the value given up."""

    bp: int
    """Basis points of the value."""
    fixed_micro: int = 0
    """Micro-CNY for each exchange, on top."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Prices and fees, without when and by whom."""

    sell_micro: int
    """What a member gets for a minor unit given up, in micro-CNY."""
    buy_micro: int
    """What a member pays for a minor unit received, in micro-CNY: of the same program, or of the pair's target."""
    fee_bp: int
    """Of members whose tier has no fee of its own."""
    fee_fixed_micro: int = 0
    tier_fees: Mapping[str, Fee] = field(default_factory=dict)
    """By the code of the member's tier in the program that is given up."""

    def fee(self, tier: str) -> Fee:
        """What a member of this tier pays."""
        return self.tier_fees.get(tier) or Fee(self.fee_bp, self.fee_fixed_micro)

    @property
    def fee_bp_min(self) -> int:
        """What the best tier pays."""
        return min((self.fee_bp, *(fee.bp for fee in self.tier_fees.values())))


@dataclass(frozen=True, slots=True)
class Rate(Terms):
    """One version of a program's prices, or of the special price of a pair.

    A program's own `sell_micro` never exceeds its `buy_micro`; prices of pairs are refused when with them any circle
    of exchanges could profit.
    """

    id: UUID = field(kw_only=True)
    program_id: UUID = field(kw_only=True)
    """Of the program, or of the pair's source."""
    target_id: UUID | None = field(default=None, kw_only=True)
    """Of the pair's target; None: these are the program's own prices."""
    version: int = field(kw_only=True)
    """From 1, without gaps, per program or pair."""
    valid_from: datetime = field(kw_only=True)
    valid_to: datetime | None = field(default=None, kw_only=True)
    """The first instant at which it is no longer in force; None: no end is known."""
    submitted_by: str = field(kw_only=True)
    approved_by: str = field(kw_only=True)
    """Never `submitted_by`, except for a program's first rate (`configuration`)."""

    @property
    def terms(self) -> Terms:
        """The prices and fees alone."""
        return Terms(self.sell_micro, self.buy_micro, self.fee_bp, self.fee_fixed_micro, self.tier_fees)

    def holds_at(self, instant: datetime) -> bool:
        """Whether it is in force at `instant`."""
        return self.valid_from <= instant and (self.valid_to is None or instant < self.valid_to)

    def holds_after(self, instant: datetime) -> bool:
        """Whether it is in force at any later instant."""
        return self.valid_to is None or self.valid_to > max(self.valid_from, instant)


def dated(
    terms: Terms,
    *,
    program_id: UUID,
    target_id: UUID | None = None,
    version: int,
    valid_from: datetime,
    valid_to: datetime | None = None,
    submitted_by: str,
    approved_by: str,
) -> Rate:
    """A new version with these terms."""
    return Rate(
        terms.sell_micro,
        terms.buy_micro,
        terms.fee_bp,
        terms.fee_fixed_micro,
        terms.tier_fees,
        id=new_id(),
        program_id=program_id,
        target_id=target_id,
        version=version,
        valid_from=valid_from,
        valid_to=valid_to,
        submitted_by=submitted_by,
        approved_by=approved_by,
    )
