"""What an amount of points becomes: exact integer arithmetic, no database, no clock.

A program has one anchor price in each direction: what the network pays for its points when a member gives them up
(sell) and what the network charges for its points when a member receives them (buy). Every exchange goes through
that anchor, so with sell <= buy in each program no circle of exchanges can end with more than it began. A pair of
programs may have a special price; `brands.pricing` refuses those with which a circle could.
"""

from dataclasses import dataclass

from core.amounts import AMOUNT_MAX

BASIS_POINTS = 10_000
"""Basis points in the whole."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The prices of one ordered pair of programs."""

    sell_micro: int
    """Micro-CNY that one minor unit of the source is worth; positive."""
    fee_bp: int
    """The operator's fee on that worth, in basis points; 0 to 9,999."""
    buy_micro: int
    """Micro-CNY that one minor unit of the target costs; positive."""
    fee_fixed_micro: int = 0
    """The operator's fee for each exchange, on top; not negative."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion, whole: `value_micro = fee_micro + credit_micro + rounding_micro`."""

    source: int
    """Minor units given up."""
    target: int
    """Minor units received; zero when the source does not reach the price of one."""
    value_micro: int
    """What the source program's participant pays."""
    fee_micro: int
    """The operator's fee, rounded up; at most the value."""
    credit_micro: int
    """What the target program's participant is paid for the points received."""
    rounding_micro: int
    """What is left when the points received are rounded down; the operator keeps it."""


def convert(source: int, terms: Terms) -> Conversion:
    """What `source` minor units become. The fee rounds up and the target down: never in the member's favour."""
    value = source * terms.sell_micro
    fee = min(-(-value * terms.fee_bp // BASIS_POINTS) + terms.fee_fixed_micro, value)
    target = (value - fee) // terms.buy_micro
    credit = target * terms.buy_micro
    return Conversion(source, target, value, fee, credit, value - fee - credit)


def source_min(terms: Terms) -> int:
    """The fewest minor units of the source that become at least one of the target."""
    needed = terms.buy_micro + terms.fee_fixed_micro
    return -(-needed * BASIS_POINTS // (terms.sell_micro * (BASIS_POINTS - terms.fee_bp)))


def source_max(sell_micro: int) -> int:
    """The most minor units of a source at this price whose worth still fits the ledger's 64 bits."""
    return AMOUNT_MAX // sell_micro
