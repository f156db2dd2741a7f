"""Whether terms can be used at all: pure rules, the same for files, people and machines."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from brands.pricing.errors import TermsUnfit
from brands.program import Program
from brands.rate import FEE_BP_MAX, Fee, Terms
from core.amounts import AMOUNT_MAX


def unfit(
    terms: Terms,
    source: Program,
    target: Program | None,
    window: tuple[datetime | None, datetime | None],
    now: datetime,
) -> TermsUnfit | None:
    """The first thing that is wrong with the terms of a program, or of the pair with `target`; None: nothing is."""
    begin, end = window
    if target is not None and target.id == source.id:
        return TermsUnfit("target", "A pair consists of two programs.")
    if any(instant is not None and instant.tzinfo is None for instant in window):
        return TermsUnfit("valid_from", "An instant needs a time zone.")
    if end is not None and end <= max(begin or now, now):
        return TermsUnfit("valid_to", "The end must come after the beginning.")
    return next(chain(_prices(terms, source, target), _fees(terms, source)), None)


def _prices(terms: Terms, source: Program, target: Program | None) -> Iterator[TermsUnfit]:
    for field, price in (("sell", terms.sell_micro), ("buy", terms.buy_micro)):
        if not 0 < price <= AMOUNT_MAX:
            yield TermsUnfit(field, "A price must be more than zero, and can be booked.")
    if target is None and terms.sell_micro > terms.buy_micro:
        sentence = "The sell price is higher than the buy price: a circle of exchanges could make a profit."
        yield TermsUnfit("sell", sentence)
    if source.limits.amount_max * terms.sell_micro > AMOUNT_MAX:
        yield TermsUnfit("sell", "At this price the largest amount is worth more than can be booked.")


def _fees(terms: Terms, source: Program) -> Iterator[TermsUnfit]:
    for tier, fee in ((None, Fee(terms.fee_bp, terms.fee_fixed_micro)), *terms.tier_fees.items()):
        if not 0 <= fee.bp <= FEE_BP_MAX:
            yield TermsUnfit("fee_bp", f"A fee lies between 0 and {FEE_BP_MAX} basis points.")
        if not 0 <= fee.fixed_micro <= AMOUNT_MAX:
            yield TermsUnfit("fee_fixed", "A fixed fee is not negative, and can be booked.")
        if tier is not None and source.tier(tier) is None:
            yield TermsUnfit("tiers", f"{source.code} has no tier {tier}.")
