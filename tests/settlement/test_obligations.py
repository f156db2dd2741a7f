"""What is set off against what: pairs, closed loops, nothing."""

from collections import Counter
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from settlement import Netting, Terms
from settlement.obligations import Obligation, Pair, obligations, without_loops

A, B, C, D = (UUID(int=place) for place in range(1, 5))
FEN = 10_000
BILATERAL = Terms(Netting.BILATERAL)
LOOPS = Terms(Netting.BILATERAL, set_off_loops=True)
GROSS = Terms(Netting.GROSS)

pairs = st.sampled_from([(one, other) for one in (A, B, C, D) for other in (A, B, C, D) if one != other])
amounts = st.dictionaries(pairs, st.integers(-50 * FEN, 200 * FEN), max_size=12)
terms = st.sampled_from([BILATERAL, LOOPS, GROSS])


def paid(found: list[Obligation]) -> dict[Pair, int]:
    """What is paid, in fen."""
    return {(it.debtor_id, it.creditor_id): it.settled // FEN for it in found if it.settled}


def test_each_pair_pays_what_remains_between_the_two() -> None:
    owed = {(A, B): 10 * FEN, (B, A): 4 * FEN, (B, C): 3 * FEN}
    assert paid(obligations({}, owed, BILATERAL)) == {(A, B): 6, (B, C): 3}


def test_gross_pays_both_directions_in_full() -> None:
    owed = {(A, B): 10 * FEN, (B, A): 4 * FEN}
    assert paid(obligations({}, owed, GROSS)) == {(A, B): 10, (B, A): 4}


def test_a_closed_loop_is_set_off() -> None:
    """A owes B 10, B owes C 7, C owes A 5: 5 goes round and needs no money."""
    owed = {(A, B): 10 * FEN, (B, C): 7 * FEN, (C, A): 5 * FEN}
    assert paid(obligations({}, owed, BILATERAL)) == {(A, B): 10, (B, C): 7, (C, A): 5}
    assert paid(obligations({}, owed, LOOPS)) == {(A, B): 5, (B, C): 2}


def test_what_was_taken_back_is_owed_the_other_way() -> None:
    """More was reversed than was new: B pays A back, also where nothing is set off."""
    for agreed in (BILATERAL, GROSS):
        assert paid(obligations({}, {(A, B): -3 * FEN}, agreed)) == {(B, A): 3}
    assert paid(obligations({}, {(A, B): -3 * FEN, (B, A): 2 * FEN}, GROSS)) == {(B, A): 5}


def test_less_than_a_fen_is_carried_until_it_is_one() -> None:
    (first, _) = obligations({}, {(A, B): FEN + 6_000}, BILATERAL)
    assert (first.settled, first.carried) == (FEN, 6_000)
    (second, _) = obligations({(A, B): first.carried}, {(A, B): 6_000}, BILATERAL)
    assert (second.opening, second.settled, second.carried) == (6_000, FEN, 2_000)


@given(amounts, amounts, terms)
@settings(max_examples=200)
def test_every_obligation_adds_up_and_nobody_s_net_changes(
    carried: dict[Pair, int], lines: dict[Pair, int], agreed: Terms
) -> None:
    """Opening + lines = set off + settled + carried for each pair; what is set off changes nobody's net."""
    found = obligations(carried, lines, agreed)
    set_off = Counter[UUID]()
    for it in found:
        assert it.opening + it.lines == it.set_off + it.settled + it.carried
        assert it.settled >= 0
        assert 0 <= it.carried < FEN
        set_off[it.debtor_id] -= it.set_off
        set_off[it.creditor_id] += it.set_off
    assert not any(set_off.values())
    assert obligations(dict(reversed(carried.items())), dict(reversed(lines.items())), agreed) == found


@given(st.dictionaries(pairs, st.integers(0, 100), max_size=12))
def test_no_closed_loop_is_left(owed: dict[Pair, int]) -> None:
    left = {pair: amount for pair, amount in without_loops(owed).items() if amount}
    while left:
        creditors = {debtor for debtor, _ in left}
        ends = {pair: amount for pair, amount in left.items() if pair[1] not in creditors}
        assert ends, f"a loop is left among {left}"
        left = {pair: amount for pair, amount in left.items() if pair not in ends}
