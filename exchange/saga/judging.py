"""From what is known about one exchange to its turn: pure, on values read under locks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from brands import Directory, Program
from brands.program import AdapterKind
from core.ids import new_id
from exchange.brand_system import Answer, Capabilities, Done, Failed, Failure, InquiryAnswer, Pending
from exchange.exchanges import Exchange
from exchange.saga.courses import Again, Course, Over, course, deadline, next_watch, overdue
from exchange.saga.errands import Errand, Mode, Outcome, Role, new_errand
from exchange.saga.plans import Ends, Move, Plan, ReversalStep, opening, plan
from exchange.saga.postings import Group, Part
from exchange.saga.readings import Reading, read
from exchange.saga.turns import Answered, NewCall, Onward, Turn
from exchange.states import State

LEASE_MARGIN: Final = timedelta(seconds=10)
"""Beyond twice the deadline of a call (once to wait for room, once to wait for the answer)."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One exchange, locked, with all its errands that wait for something."""

    exchange: Exchange
    errands: Sequence[Errand]
    part: Part | None
    """Of the reversal that is under way."""
    now: datetime
    directory: Directory
    given_up: Mapping[int, Part] = field(default_factory=dict)
    """By number, the parts of reversals that were given up and can still be carried on: none took their place."""

    @property
    def due(self) -> Errand | None:
        """The errand that has waited longest for its next call."""
        waiting = [errand for errand in self.errands if errand.due_at is not None and errand.due_at <= self.now]
        return min(waiting, key=lambda errand: (errand.outcome is not None, errand.due_at), default=None)

    @property
    def next_due_at(self) -> datetime | None:
        """When the next call is due."""
        return min((errand.due_at for errand in self.errands if errand.due_at is not None), default=None)


def external(program: Program) -> bool:
    """Whether a system of the brand's own has to be asked about the program's points."""
    return program.adapter.kind is not AdapterKind.PLATFORM


def ends_of(exchange: Exchange, directory: Directory) -> Ends:
    """The sides on which a brand's own system has to be asked."""
    source, target = directory.programs[exchange.source.program_id], directory.programs[exchange.target.program_id]
    return Ends(external(source), external(target))


def first_errand(exchange: Exchange, directory: Directory, now: datetime) -> Errand:
    """What a new exchange with a brand's own system begins with."""
    role = Role.DEBIT if ends_of(exchange, directory).source else Role.CREDIT
    return timed(errand_for(exchange, role, None, now), directory)


def errand_for(exchange: Exchange, role: Role, part: Part | None, now: datetime) -> Errand:
    """A new errand of an exchange, or of a part of it."""
    sequence = part.sequence if part and role in {Role.TAKE_BACK, Role.GIVE_BACK} else 0
    if role in {Role.CREDIT, Role.TAKE_BACK}:
        amount = part.target if part and role is Role.TAKE_BACK else exchange.conversion.target
        return new_errand(exchange.id, role, exchange.target.program_id, amount, now, sequence)
    amount = part.source if part and role is Role.GIVE_BACK else exchange.conversion.source
    return new_errand(exchange.id, role, exchange.source.program_id, amount, now, sequence)


def calling(dossier: Dossier, errand: Errand) -> Turn:
    """The errand's next call is written down before it is made."""
    now, sending = dossier.now, errand.mode is Mode.SEND
    capabilities = _capabilities(errand, dossier.directory)
    call = NewCall(new_id(), errand.mode, errand.attempts + 1)
    lease = timedelta(seconds=2 * capabilities.deadline_seconds) + LEASE_MARGIN
    after = replace(
        errand,
        attempts=call.attempt,
        sends=errand.sends + sending,
        first_sent_at=errand.first_sent_at or (now if sending else None),
        last_sent_at=now if sending else errand.last_sent_at,
        call_id=call.id,
        lease_until=now + lease,
    )
    moves = opening(dossier.exchange.state, errand.role) if errand.outcome is None else ()
    return Turn(dossier.exchange, after, now, opening=moves, call=call)


def going_on(dossier: Dossier, turn: Turn) -> Turn:
    """The same turn with the first call of the errand that follows, where nothing else of the exchange comes before."""
    following = turn.next_errand
    if following is None or any(it.outcome is None and it.id != turn.errand.id for it in dossier.errands):
        return turn
    if following.deadline_at is not None and following.deadline_at <= dossier.now:
        return turn
    states = (move.state for move in reversed(turn.moves) if move.state)
    moved = replace(turn.exchange, state=next(states, turn.exchange.state))
    begun = calling(replace(dossier, exchange=moved), following)
    assert begun.call is not None, "it was asked for"
    return replace(turn, next_errand=begun.errand, onward=Onward(begun.opening, begun.call))


def lost(dossier: Dossier, errand: Errand) -> Turn:
    """The worker that made the call is gone, and nobody knows what came of it."""
    if errand.outcome is not None:
        return _watched(dossier, errand, None, Reading.UNTOLD)
    reading = Reading.UNKNOWN if errand.mode is Mode.SEND else Reading.UNTOLD
    taken = course(errand, reading, _capabilities(errand, dossier.directory), dossier.now)
    return _turn(dossier, errand, taken, reading)


def too_late(dossier: Dossier, errand: Errand) -> Turn:
    """The errand's deadline has passed."""
    taken = overdue(errand, _capabilities(errand, dossier.directory), dossier.now)
    return _turn(dossier, errand, taken, None)


def answered(dossier: Dossier, errand: Errand, told: Answered) -> Turn:
    """The call was answered."""
    reading = read(told.answer, errand.mode, errand.role)
    if errand.outcome is not None:
        return _watched(dossier, errand, told, reading)
    capabilities = _capabilities(errand, dossier.directory)
    sent = _unsent(errand) if reading in _UNSENT else errand
    taken = course(sent, reading, capabilities, dossier.now, wait=_wait(told.answer))
    named = replace(sent, brand_reference=_brand_reference(told.answer) or errand.brand_reference)
    return _turn(dossier, named, taken, reading, told)


def resolved(dossier: Dossier, errand: Errand, outcome: Outcome) -> Turn:
    """Persons have decided how the errand ended."""
    watch = next_watch(replace(errand, ended_at=dossier.now), _capabilities(errand, dossier.directory), dossier.now)
    # What was sent may still arrive, whatever persons have found.
    return _turn(dossier, errand, Over(outcome, watch if outcome is Outcome.ABSENT and errand.sends else None), None)


_UNSENT: Final = frozenset({Reading.NOT_SENT, Reading.LOCKED_OUT})


def _unsent(errand: Errand) -> Errand:
    # What did not reach the brand was no sending: neither does it count, nor can it arrive later.
    first = errand.first_sent_at if errand.sends > 1 else None
    return replace(errand, sends=errand.sends - 1, first_sent_at=first)


def _turn(
    dossier: Dossier, errand: Errand, taken: Course, reading: Reading | None, told: Answered | None = None
) -> Turn:
    exchange, now = dossier.exchange, dossier.now
    failure = told.answer.failure if told and isinstance(told.answer, Failed) else None
    planned = plan(exchange.state, errand, taken, reading, failure, ends_of(exchange, dossier.directory))
    if planned.reversal is ReversalStep.DONE and dossier.part is not None:
        ended = Move(State.REVERSED if dossier.part.whole else State.PARTLY_REVERSED)
        planned = replace(planned, moves=(*planned.moves, ended))
    after = _after(replace(errand, call_id=None, lease_until=None), taken, failure, dossier)
    following = None
    if planned.next_role:
        following = timed(errand_for(exchange, planned.next_role, dossier.part, now), dossier.directory)
    return Turn(exchange, after, now, plan=planned, answered=told, next_errand=following, part=dossier.part)


def _after(errand: Errand, taken: Course, failure: Failure | None, dossier: Dossier) -> Errand:
    match taken:
        case Again(mode, due_at, ambiguous):
            return timed(replace(errand, mode=mode, due_at=due_at, ambiguous=ambiguous), dossier.directory)
        case Over(outcome, watch_at):
            told = failure.value if failure else None
            return replace(
                errand, outcome=outcome, failure=told, ended_at=dossier.now, mode=Mode.ASK, due_at=watch_at,
                ambiguous=False,
            )  # fmt: skip
        case _:
            return replace(errand, due_at=None)


def _watched(dossier: Dossier, errand: Errand, told: Answered | None, reading: Reading) -> Turn:
    """An errand that ended without the brand's word is asked for again, in case it was done after all."""
    exchange, now = dossier.exchange, dossier.now
    if reading is not Reading.DONE:
        due_at = next_watch(errand, _capabilities(errand, dossier.directory), now)
        after = replace(errand, call_id=None, lease_until=None, due_at=due_at)
        return Turn(exchange, after, now, answered=told)
    brand_reference = _brand_reference(told.answer) if told else None
    after = replace(errand, call_id=None, lease_until=None, due_at=None, brand_reference=brand_reference)
    if errand.role is Role.TAKE_BACK and errand.sequence in dossier.given_up:
        return _taken_late(dossier, after, told)
    following = None
    if errand.role is Role.DEBIT:
        found = Plan((Move(group=Group.LATE_DEBIT),))
        following = timed(errand_for(exchange, Role.REFUND, None, now), dossier.directory)
    elif errand.role is Role.CREDIT:
        found = Plan((Move(group=Group.LATE),), case="The target gave the points after the exchange had been undone.")
    else:
        found = Plan(case=_TAKEN_LATE)
    return Turn(exchange, after, now, plan=found, answered=told, next_errand=following, late=True)


_TAKEN_LATE: Final = "The target took points back after the reversal had been given up; it could not be carried on."


def _taken_late(dossier: Dossier, errand: Errand, told: Answered | None) -> Turn:
    """The reversal was given up, and the target has taken the points back after all: it goes on where it stood."""
    exchange, now, part = dossier.exchange, dossier.now, dossier.given_up[errand.sequence]
    taken = Move(group=Group.TAKEN_LATE)
    if ends_of(exchange, dossier.directory).source:
        following = timed(errand_for(exchange, Role.GIVE_BACK, part, now), dossier.directory)
        found = Plan((taken,), reversal=ReversalStep.TAKEN)
        return Turn(exchange, errand, now, plan=found, answered=told, next_errand=following, part=part, late=True)
    given = Move(State.REVERSED if part.whole else State.PARTLY_REVERSED, Group.GIVEN_BACK)
    found = Plan((taken, given), reversal=ReversalStep.DONE)
    return Turn(exchange, errand, now, plan=found, answered=told, part=part, late=True)


def timed(errand: Errand, directory: Directory) -> Errand:
    """The same with its deadline."""
    capabilities = _capabilities(errand, directory)
    return replace(errand, deadline_at=deadline(errand, capabilities, mode=errand.mode, ambiguous=errand.ambiguous))


def _capabilities(errand: Errand, directory: Directory) -> Capabilities:
    return directory.programs[errand.program_id].capabilities


def _wait(answer: Answer | InquiryAnswer) -> timedelta | None:
    seconds = (
        answer.ask_after_seconds if isinstance(answer, Pending)
        else answer.retry_after_seconds if isinstance(answer, Failed)
        else None
    )  # fmt: skip
    return None if seconds is None else timedelta(seconds=seconds)


def _brand_reference(answer: Answer | InquiryAnswer) -> str | None:
    return answer.brand_reference if isinstance(answer, Done | Pending) else None
