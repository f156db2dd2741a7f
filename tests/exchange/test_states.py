"""The life cycle as a table."""

import pytest

from exchange.states import FINISHED, NEXT, State


def reachable_from(state: State) -> set[State]:
    found: set[State] = set()
    frontier = {state}
    while frontier:
        found |= frontier
        frontier = {after for before in frontier for after in NEXT[before]} - found
    return found


def test_every_state_says_what_may_follow() -> None:
    """The table is complete."""
    assert set(NEXT) == set(State)


def test_every_state_is_reached_from_a_quote() -> None:
    """No state stands outside the life cycle."""
    assert reachable_from(State.QUOTED) == set(State)


@pytest.mark.parametrize("state", sorted(State))
def test_every_state_can_still_finish(state: State) -> None:
    """There is no trap: from everywhere some finished state can be reached."""
    assert reachable_from(state) & FINISHED


def test_unknown_target_is_never_refunded_without_an_answer() -> None:
    """Points go back only after the target brand said no, or a person decided."""
    assert {state for state in State if State.COMPENSATING in NEXT[state]} == {State.TARGET_REJECTED}
    assert {state for state in State if State.REFUNDED in NEXT[state]} == {State.COMPENSATING, State.MANUAL}
