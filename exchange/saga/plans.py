"""What becomes of an exchange when one of its errands has taken a course: states, postings, the next errand. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from exchange.brand_system import Failure
from exchange.saga.courses import Again, Course, Over, Stuck
from exchange.saga.errands import Errand, Outcome, Role
from exchange.saga.postings import Group
from exchange.saga.readings import Reading
from exchange.states import State


@dataclass(frozen=True, slots=True)
class Move:
    """One step of an exchange: a new state, postings, or both."""

    state: State | None = None
    group: Group | None = None


class ReversalStep(StrEnum):
    """What becomes of the reversal that is under way."""

    TAKEN = "TAKEN"
    """The target has taken the points back."""
    DONE = "DONE"
    """The source has given them back. Final."""
    REFUSED = "REFUSED"
    """The target did not take them. Final."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that follows from one answer, in one commit."""

    moves: tuple[Move, ...] = ()
    next_role: Role | None = None
    """The errand that follows."""
    case: str | None = None
    """Why a person has to look at it."""
    closes_case: bool = False
    reversal: ReversalStep | None = None


@dataclass(frozen=True, slots=True)
class Ends:
    """On which sides of the exchange a brand's own system has to be asked."""

    source: bool
    target: bool


NOTHING: Final = Plan()

LOCKED_OUT: Final = "The brand refuses our credentials. Set new ones: it goes on by itself."
"""Why a case is open while nothing is done about its errand but to try again."""

SPENT: Final = frozenset({Failure.INSUFFICIENT, Failure.REVERSAL_EXCEEDS})
"""Refusals of a reversal that say that the points are not there any more."""

_DOUBT: Final = frozenset({Reading.UNKNOWN, Reading.NOT_YET})

_IN_DOUBT: Final = {
    State.SOURCE_DEBITING: State.SOURCE_UNKNOWN,
    State.TARGET_CREDITING: State.TARGET_UNKNOWN,
    State.TARGET_PENDING: State.TARGET_UNKNOWN,
}

_PENDING: Final = {
    State.TARGET_CREDITING: State.TARGET_PENDING,
    State.TARGET_UNKNOWN: State.TARGET_PENDING,
}


def opening(state: State, role: Role) -> tuple[Move, ...]:
    """What an exchange goes through before its errand's first call."""
    if role is Role.DEBIT and state is State.HELD:
        return (Move(State.SOURCE_DEBITING),)
    if role is Role.CREDIT and state is State.HELD:
        # The source's points live here: taking them is a posting.
        debited = Move(State.SOURCE_DEBITED, Group.DEBITED)
        return (Move(State.SOURCE_DEBITING), debited, Move(State.TARGET_CREDITING))
    if role is Role.CREDIT and state is State.SOURCE_DEBITED:
        return (Move(State.TARGET_CREDITING),)
    return ()


def plan(
    state: State, errand: Errand, taken: Course, reading: Reading | None, failure: Failure | None, ends: Ends
) -> Plan:
    """What follows for an exchange in `state`. `reading` is None when the deadline passed without a call."""
    match taken:
        case Again():
            case = LOCKED_OUT if reading is Reading.LOCKED_OUT else None
            return Plan(_again(state, taken, reading), case=case)
        case Stuck(reason):
            return _stuck(state, errand, reason)
        case Over(outcome):
            return _OVER[errand.role](state, outcome, failure, ends)
        case _:
            assert_never(taken)


def _again(state: State, taken: Again, reading: Reading | None) -> tuple[Move, ...]:
    after = _PENDING.get(state) if taken.pending else _IN_DOUBT.get(state) if reading in _DOUBT else None
    return (Move(after),) if after else ()


def _stuck(state: State, errand: Errand, reason: str) -> Plan:
    if errand.role in {Role.TAKE_BACK, Role.GIVE_BACK} or state in {State.MANUAL, State.SOURCE_REJECTED}:
        return Plan(case=reason)
    return Plan((Move(State.MANUAL),), case=reason)


def _debit(state: State, outcome: Outcome, failure: Failure | None, ends: Ends) -> Plan:
    del failure
    before = (Move(State.SOURCE_DEBITING),) if state is State.HELD else ()
    if outcome is not Outcome.DONE:
        return Plan((*before, Move(State.SOURCE_REJECTED, Group.RELEASED)), closes_case=True)
    debited = (*before, Move(State.SOURCE_DEBITED, Group.DEBITED))
    if ends.target:
        return Plan(debited, next_role=Role.CREDIT, closes_case=True)
    credited = (Move(State.TARGET_CREDITING), Move(State.COMPLETED, Group.CREDITED))
    return Plan((*debited, *credited), closes_case=True)


def _credit(state: State, outcome: Outcome, failure: Failure | None, ends: Ends) -> Plan:
    del failure
    if outcome is Outcome.DONE:
        return Plan((*opening(state, Role.CREDIT), Move(State.COMPLETED, Group.CREDITED)), closes_case=True)
    if state is State.HELD:
        # Never sent, and the source's points live here: the hold is all there is to undo.
        return Plan((Move(State.SOURCE_DEBITING), Move(State.SOURCE_REJECTED, Group.RELEASED)), closes_case=True)
    if state is State.MANUAL:
        undone: tuple[Move, ...] = () if ends.source else (Move(State.REFUNDED, Group.REFUNDED),)
    else:
        rejected = (*opening(state, Role.CREDIT), Move(State.TARGET_REJECTED), Move(State.COMPENSATING))
        undone = rejected if ends.source else (*rejected, Move(State.REFUNDED, Group.REFUNDED))
    return Plan(undone, next_role=Role.REFUND if ends.source else None, closes_case=True)


def _refund(state: State, outcome: Outcome, failure: Failure | None, ends: Ends) -> Plan:
    del failure, ends
    assert outcome is Outcome.DONE, "a refund is never given up"
    if state is State.SOURCE_REJECTED:
        return Plan((Move(group=Group.LATE_DEBIT_UNDONE),), closes_case=True)
    return Plan((Move(State.REFUNDED, Group.REFUNDED),), closes_case=True)


def _take_back(state: State, outcome: Outcome, failure: Failure | None, ends: Ends) -> Plan:
    del state
    if outcome is not Outcome.DONE:
        refused = (Move(State.REVERSAL_REFUSED),) if failure in SPENT else ()
        return Plan((Move(group=Group.NOT_TAKEN_BACK), *refused), reversal=ReversalStep.REFUSED, closes_case=True)
    taken = Move(group=Group.TAKEN_BACK)
    if ends.source:
        return Plan((taken,), next_role=Role.GIVE_BACK, reversal=ReversalStep.TAKEN, closes_case=True)
    return Plan((taken, Move(group=Group.GIVEN_BACK)), reversal=ReversalStep.DONE, closes_case=True)


def _give_back(state: State, outcome: Outcome, failure: Failure | None, ends: Ends) -> Plan:
    del state, failure, ends
    assert outcome is Outcome.DONE, "what was taken back at the target is never kept"
    return Plan((Move(group=Group.GIVEN_BACK),), reversal=ReversalStep.DONE, closes_case=True)


_OVER: Final = {
    Role.DEBIT: _debit,
    Role.CREDIT: _credit,
    Role.REFUND: _refund,
    Role.TAKE_BACK: _take_back,
    Role.GIVE_BACK: _give_back,
}
