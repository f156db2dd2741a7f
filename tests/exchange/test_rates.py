"""The arithmetic of exchange, as properties over all prices the network admits."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.amounts import AMOUNT_MAX
from exchange.rates import BASIS_POINTS, Conversion, Terms, convert, source_max, source_min

PRICES = st.integers(1, 10**9)
FEES = st.integers(0, BASIS_POINTS - 1)
AMOUNTS = st.integers(1, 10**9)
TERMS = st.builds(Terms, sell_micro=PRICES, fee_bp=FEES, buy_micro=PRICES)


@dataclass(frozen=True)
class Anchor:
    """One program's prices, sell <= buy."""

    sell_micro: int
    buy_micro: int
    fee_bp: int


@st.composite
def anchors(draw: st.DrawFn) -> Anchor:
    sell = draw(PRICES)
    return Anchor(sell, draw(st.integers(sell, 2 * 10**9)), draw(FEES))


def between(source: Anchor, target: Anchor) -> Terms:
    return Terms(source.sell_micro, source.fee_bp, target.buy_micro)


@pytest.mark.parametrize(
    ("source", "terms", "expected"),
    [
        (3_000, Terms(8_000, 100, 95_000), Conversion(3_000, 250, 24_000_000, 240_000, 23_750_000, 10_000)),
        (1, Terms(10_000, 0, 10_000), Conversion(1, 1, 10_000, 0, 10_000, 0)),
        (1, Terms(10_000, 1, 10_000), Conversion(1, 0, 10_000, 1, 0, 9_999)),
        (7, Terms(3, 1, 5), Conversion(7, 4, 21, 1, 20, 0)),
        (1, Terms(1, 0, 2), Conversion(1, 0, 1, 0, 0, 1)),
    ],
)
def test_worked_examples(source: int, terms: Terms, expected: Conversion) -> None:
    """Amounts worked out by hand come out to the last micro-CNY."""
    assert convert(source, terms) == expected


@given(AMOUNTS, TERMS)
def test_value_is_conserved_to_the_micro_cny(source: int, terms: Terms) -> None:
    """What the source's participant pays is what the target's participant and the operator get."""
    found = convert(source, terms)
    assert found.value_micro == source * terms.sell_micro
    assert found.value_micro == found.fee_micro + found.credit_micro + found.rounding_micro
    assert found.credit_micro == found.target * terms.buy_micro


@given(AMOUNTS, TERMS)
def test_nothing_is_negative(source: int, terms: Terms) -> None:
    """No leg of an exchange is ever negative."""
    found = convert(source, terms)
    assert min(found.target, found.fee_micro, found.credit_micro, found.rounding_micro) >= 0


@given(AMOUNTS, TERMS)
def test_rounding_favours_the_house_by_less_than_one_unit(source: int, terms: Terms) -> None:
    """The fee is less than one micro-CNY above the exact fee, the target less than one unit below the exact target."""
    found = convert(source, terms)
    exact_fee = found.value_micro * terms.fee_bp
    assert exact_fee <= found.fee_micro * BASIS_POINTS < exact_fee + BASIS_POINTS
    assert 0 <= found.rounding_micro < terms.buy_micro


@given(AMOUNTS, AMOUNTS, TERMS)
def test_more_never_becomes_less(one: int, other: int, terms: Terms) -> None:
    """The target grows with the source."""
    less, more = sorted((one, other))
    assert convert(less, terms).target <= convert(more, terms).target


@given(AMOUNTS, AMOUNTS, TERMS)
def test_splitting_never_profits(one: int, other: int, terms: Terms) -> None:
    """Two small exchanges never bring more than one large one."""
    apart = convert(one, terms).target + convert(other, terms).target
    assert apart <= convert(one + other, terms).target


@given(AMOUNTS, st.lists(anchors(), min_size=2, max_size=6))
def test_no_circle_profits(source: int, circle: list[Anchor]) -> None:
    """Points sent through any circle of programs with sell <= buy come home as at most what left."""
    amount = source
    for here, there in zip(circle, [*circle[1:], circle[0]], strict=True):
        amount = convert(amount, between(here, there)).target
    assert amount <= source


@given(TERMS)
def test_source_min_is_the_first_amount_that_brings_anything(terms: Terms) -> None:
    """One unit less than the minimum brings nothing; the minimum brings at least one."""
    least = source_min(terms)
    assert convert(least, terms).target >= 1
    assert convert(least - 1, terms).target == 0


@given(TERMS)
def test_source_max_is_the_last_amount_the_ledger_can_hold(terms: Terms) -> None:
    """Every leg of the largest exchange fits 64 bits; one unit more does not."""
    found = convert(source_max(terms.sell_micro), terms)
    assert max(found.source, found.target, found.value_micro) <= AMOUNT_MAX
    assert convert(source_max(terms.sell_micro) + 1, terms).value_micro > AMOUNT_MAX
