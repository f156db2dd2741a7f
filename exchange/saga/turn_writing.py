"""Writing turns: postings, states, history, errands, calls, answers, cases and jobs of many exchanges in one commit."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from brands import Directory, models_of
from core.clock import Clock
from core.database import Connection
from core.errors import AgioError
from core.jobs import Job, enqueue
from exchange.exchanges import Exchange
from exchange.ports import Outbox
from exchange.saga.cases import CaseKind, open_cases
from exchange.saga.errand_writing import write_errands
from exchange.saga.errands import Errand
from exchange.saga.life_writing import Steps, life_parts, write_states
from exchange.saga.plans import ReversalStep
from exchange.saga.postings import Part, Posting, SagaBooks, reversal_id
from exchange.saga.reversal_rows import write_reversal_steps
from exchange.saga.turns import Turn
from exchange.states import NEXT, State
from exchange.usage import Return, give_back_usage, read_issued
from ledger import Outcome, Transfer, post
from ledger import Part as LedgerPart

_LATE: Final = """
INSERT INTO exchange_late_success (errand_id, exchange_id, found_at)
SELECT *, $3::timestamptz FROM unnest($1::uuid[], $2::uuid[])
"""


class PostingFailed(AgioError):
    """The ledger refused what no answer of a brand should cause."""

    def __init__(self, transfer: Transfer, outcome: Outcome) -> None:
        super().__init__(f"exchange {transfer.reference}: {outcome.status} for {transfer.id}")


class IllegalMove(AgioError):
    """An exchange cannot come from one state into the other."""

    def __init__(self, exchange: Exchange, before: State, after: State) -> None:
        super().__init__(f"exchange {exchange.id} cannot come from {before} to {after}")


async def write_turns(
    connection: Connection, directory: Directory, turns: Sequence[Turn], clock: Clock, outbox: Outbox, *, goes_on: bool
) -> None:
    """Write turns of exchanges that are locked. `goes_on`: the caller itself runs the errands that are due at once.

    Raises PostingFailed and IllegalMove.
    """
    if not turns:
        return
    returns = {turn.exchange.id: list(_returns(turn)) for turn in turns}
    steps = [(turn.exchange.id, list(_states(turn))) for turn in turns]
    moved = [replace(turn.exchange, state=states[-1]) for turn, (_, states) in zip(turns, steps, strict=True) if states]
    await write_errands(connection, turns)
    await enqueue(connection, list(_jobs(directory, turns, goes_on=goes_on)))
    if moved:
        await outbox.exchanged(connection, moved)
    await lock_budgets(connection, directory, [turn.exchange for turn in turns if returns[turn.exchange.id]])
    # Last: from here to the commit everybody waits who moves value of the same brands.
    instant = await _post(connection, directory, turns, steps, clock)
    await give_back_usage(connection, [each for found in returns.values() for each in found], turns[0].now)
    await _write_consequences(connection, turns, instant)


def job_for(errand: Errand, directory: Directory, now: datetime) -> Job:
    """The job of an errand's next call."""
    assert errand.due_at is not None, "only what is due has a job"
    delay = max(errand.due_at - now, timedelta())
    key = f"{errand.id}:{errand.attempts}{'w' if errand.outcome else ''}"
    return Job(queue_of(errand.program_id, directory), errand.exchange_id, key, delay)


def queue_of(program_id: UUID, directory: Directory) -> str:
    """The queue of everything that calls the program's system."""
    return f"exchange {directory.programs[program_id].code}"


async def _post(
    connection: Connection, directory: Directory, turns: Sequence[Turn], steps: Steps, clock: Clock
) -> datetime:
    """Post, and write the steps at the same instant, which is returned."""
    postings = [
        Posting(turn.exchange, move.group, turn.part if move.group.partial else None, turn.at_once)
        for turn in turns
        for move in turn.moves
        if move.group
    ]
    outcomes = await post_groups(connection, directory, postings, clock, life_parts(steps) if postings else ())
    for transfer, outcome in outcomes:
        if not outcome.ok:
            raise PostingFailed(transfer, outcome)
    instant = outcomes[0][1].recorded_at if outcomes else None
    if instant is None:
        await write_states(connection, steps, turns[0].now)
    return instant or turns[0].now


async def lock_budgets(connection: Connection, directory: Directory, exchanges: Sequence[Exchange]) -> None:
    """Before posting, as acceptance does: budgets are locked first, then accounts, then all else that is counted."""
    if exchanges:
        programs = [directory.programs[exchange.target.program_id] for exchange in exchanges]
        await read_issued(connection, programs, lock=True)


def _returns(turn: Turn) -> Iterator[Return]:
    """What no longer counts for limits, because it came to nothing or was taken back."""
    whole = turn.exchange.conversion
    if any(move.state in _CAME_TO_NOTHING for move in turn.moves):
        yield Return(turn.exchange.id, turn.exchange.id, whole.source, whole.target)
    if turn.plan.reversal is ReversalStep.DONE and turn.part is not None:
        yield return_of(turn.exchange.id, turn.part)


def return_of(exchange_id: UUID, part: Part) -> Return:
    """What a reversal takes off the limits."""
    return Return(reversal_id(exchange_id, part.sequence), exchange_id, part.source, part.target)


_CAME_TO_NOTHING: Final = frozenset({State.SOURCE_REJECTED, State.REFUNDED})


async def post_groups(
    connection: Connection,
    directory: Directory,
    postings: Sequence[Posting],
    clock: Clock,
    along: Sequence[LedgerPart] = (),
) -> list[tuple[Transfer, Outcome]]:
    """Post groups in order, with what is written along; every transfer with what the ledger made of it."""
    if not postings:
        return []
    models = await models_of(connection, [posting.exchange.id for posting in postings])
    books = SagaBooks(directory, models)
    transfers = [transfer for posting in postings for transfer in books.transfers(posting)]
    outcomes = await post(connection, transfers, accounts=books.accounts, clock=clock, along=lambda _: along)
    return list(zip(transfers, outcomes, strict=True))


def _states(turn: Turn) -> Iterator[State]:
    before = turn.exchange.state
    for move in turn.moves:
        if move.state is not None:
            if move.state not in NEXT[before]:
                raise IllegalMove(turn.exchange, before, move.state)
            before = move.state
            yield before


async def _write_consequences(connection: Connection, turns: Sequence[Turn], instant: datetime) -> None:
    opening = [
        (turn.errand, CaseKind.LATE_SUCCESS if turn.late else CaseKind.UNRESOLVED, turn.plan.case)
        for turn in turns
        if turn.plan.case
    ]
    await open_cases(connection, opening, instant)
    await write_reversal_steps(connection, turns, instant)
    late = [turn.errand for turn in turns if turn.late]
    if late:
        await connection.execute(
            _LATE, [errand.id for errand in late], [errand.exchange_id for errand in late], instant
        )


def _jobs(directory: Directory, turns: Sequence[Turn], *, goes_on: bool) -> Iterator[Job]:
    for turn in turns:
        if turn.errand.due_at and not turn.call and not (goes_on and turn.errand.due_at <= turn.now):
            yield job_for(turn.errand, directory, turn.now)
        if turn.next_errand and not goes_on:
            yield job_for(turn.next_errand, directory, turn.now)
