"""The arithmetic of netting, as properties over all positions a network can have."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.amounts import AMOUNT_MAX
from settlement.netting import FEN_MICRO, Payment, Split, payments, split

OPERATOR = UUID(int=1)


@st.composite
def positions(draw: st.DrawFn) -> dict[UUID, int]:
    """Closing positions that sum to zero, as the ledger's always do: every row debits what it credits."""
    count = draw(st.integers(1, 12))
    closings = dict.fromkeys((UUID(int=number) for number in range(1, count + 1)), 0)
    member = st.sampled_from(sorted(closings))
    for debtor, creditor, amount in draw(st.lists(st.tuples(member, member, st.integers(1, 10**13)), max_size=30)):
        closings[debtor] -= amount
        closings[creditor] += amount
    return closings


def amounts(splits: dict[UUID, Split]) -> dict[UUID, int]:
    return {who: part.settled for who, part in splits.items()}


def test_a_worked_window() -> None:
    """Whole fen are paid, what is left over stays, and the operator absorbs what the rounding of others leaves."""
    hotel, airline, coffee = UUID(int=2), UUID(int=3), UUID(int=4)
    closings = {hotel: -1_234_567, airline: 1_200_009, coffee: 20_001, OPERATOR: 14_557}
    assert split(closings, OPERATOR) == {
        OPERATOR: Split(settled=10_000, carried=4_557),
        hotel: Split(settled=-1_230_000, carried=-4_567),
        airline: Split(settled=1_200_000, carried=9),
        coffee: Split(settled=20_000, carried=1),
    }
    assert payments(amounts(split(closings, OPERATOR)), OPERATOR) == [
        Payment(hotel, OPERATOR, 123),
        Payment(OPERATOR, airline, 120),
        Payment(OPERATOR, coffee, 2),
    ]


@given(positions())
def test_both_parts_of_every_position_sum_to_zero(closings: dict[UUID, int]) -> None:
    splits = split(closings, OPERATOR)
    assert sum(part.settled for part in splits.values()) == 0
    assert sum(part.carried for part in splits.values()) == 0
    assert {who: part.settled + part.carried for who, part in splits.items()} == closings


@given(positions())
def test_nobody_but_the_operator_carries_a_whole_fen_or_changes_sides(closings: dict[UUID, int]) -> None:
    for who, part in split(closings, OPERATOR).items():
        assert part.settled % FEN_MICRO == 0
        if who != OPERATOR:
            assert abs(part.carried) < FEN_MICRO
            assert abs(part.settled) <= abs(closings[who])
            assert part.settled * closings[who] >= 0


@given(positions())
def test_what_the_operator_absorbs_is_less_than_a_fen_for_each_other_participant(closings: dict[UUID, int]) -> None:
    carried = split(closings, OPERATOR)[OPERATOR].carried
    assert abs(carried) < FEN_MICRO * max(1, len(closings) - 1)


@given(positions())
def test_payments_settle_everybody_exactly(closings: dict[UUID, int]) -> None:
    settled = amounts(split(closings, OPERATOR))
    left = {who: amount // FEN_MICRO for who, amount in settled.items()}
    for payment in payments(settled, OPERATOR):
        assert payment.amount_fen > 0
        left[payment.payer_id] += payment.amount_fen
        left[payment.payee_id] -= payment.amount_fen
    assert set(left.values()) == {0}


@given(positions())
def test_there_are_at_most_participants_minus_one_payments(closings: dict[UUID, int]) -> None:
    assert len(payments(amounts(split(closings, OPERATOR)), OPERATOR)) <= len(closings) - 1


@given(positions().flatmap(lambda closings: st.tuples(st.just(closings), st.permutations(list(closings.items())))))
def test_the_order_in_which_participants_come_does_not_matter(
    both: tuple[dict[UUID, int], list[tuple[UUID, int]]],
) -> None:
    closings, shuffled = both
    again = split(dict(shuffled), OPERATOR)
    assert list(again.items()) == list(split(closings, OPERATOR).items())
    assert payments(amounts(again), OPERATOR) == payments(amounts(split(closings, OPERATOR)), OPERATOR)


def test_the_largest_positions_the_ledger_holds_are_exact() -> None:
    settled = amounts(split({OPERATOR: -AMOUNT_MAX, UUID(int=2): AMOUNT_MAX}, OPERATOR))
    assert payments(settled, OPERATOR) == [Payment(OPERATOR, UUID(int=2), AMOUNT_MAX // FEN_MICRO)]


def test_positions_without_the_operator_cannot_be_netted() -> None:
    with pytest.raises(ValueError, match="the operator is a participant"):
        split({UUID(int=2): 0}, OPERATOR)


def test_positions_that_do_not_sum_to_zero_cannot_be_netted() -> None:
    with pytest.raises(ValueError, match="sum to 1 micro-CNY"):
        split({OPERATOR: 0, UUID(int=2): 1}, OPERATOR)
