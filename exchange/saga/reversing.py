"""Taking back a completed exchange, whole or in part: first the target's points, then the source's are given back.

A brand asks for it by itself. Staff propose it, and a second person approves exactly what was proposed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from brands import Directory, Program, directory
from brands.accounts import member_account
from core.database import Connection, Database
from core.jobs import enqueue
from core.refusals import IdempotencyConflict, KeyUnusable, NetDebitCapReached, key_usable
from exchange.errors import AmountNotPositive, ReasonUnusable
from exchange.exchanges import Exchange
from exchange.movements import REASON_LENGTH_MAX, reason_usable
from exchange.ports import SILENT, Outbox
from exchange.saga.errand_rows import lock_exchanges
from exchange.saga.errand_writing import write_new
from exchange.saga.errands import Role
from exchange.saga.errors import (
    EvidenceChanged,
    NotReversible,
    PointsSpent,
    ReasonMissing,
    ReversalTooLate,
    ReversalTooMuch,
    ReversalUnderWay,
    ReversalUnsupported,
    SamePerson,
    UnknownExchange,
    UnknownReversal,
)
from exchange.saga.judging import ends_of, errand_for, timed
from exchange.saga.life_writing import write_states
from exchange.saga.postings import Group, Part, Posting, credit_id, reversal_id
from exchange.saga.reasons import reason_refused
from exchange.saga.reversal_rows import (
    decide_reversal,
    exchange_of_key,
    exchanges_of_reversals,
    move_reversals,
    reversals_of,
    write_reversal,
)
from exchange.saga.reversals import NOT_TRIED, Reversal, ReversalState, part_of, target_left
from exchange.saga.turn_writing import (
    PostingFailed,
    job_for,
    lock_budgets,
    post_groups,
    return_of,
)
from exchange.states import State
from exchange.usage import give_back_usage
from ledger import Status, headrooms, lots

_COMPLETED: Final = frozenset({State.COMPLETED, State.PARTLY_REVERSED})


@dataclass(frozen=True, slots=True)
class ReversalRequest:
    """An order to take back a completed exchange."""

    exchange_id: UUID
    requested_by: str
    """The client or the person; the key is theirs."""
    idempotency_key: str
    reason: str
    target_amount: int | None = None
    """Minor units of the target that are to be taken back; None: all that is left."""


ReversalRefusal: TypeAlias = (
    UnknownExchange
    | NotReversible
    | ReversalUnderWay
    | ReversalTooMuch
    | AmountNotPositive
    | PointsSpent
    | ReversalUnsupported
    | ReversalTooLate
    | NetDebitCapReached
    | KeyUnusable
    | IdempotencyConflict
    | ReasonUnusable
)

DecisionRefusal: TypeAlias = (
    UnknownReversal | SamePerson | EvidenceChanged | PointsSpent | NetDebitCapReached | ReasonMissing | ReasonUnusable
)


@dataclass(frozen=True, slots=True)
class _Desk:
    connection: Connection
    database: Database
    outbox: Outbox
    exchange: Exchange
    earlier: list[Reversal]
    known: Directory
    now: datetime


class _Refused(Exception):  # what was written so far is rolled back, the ledger's memory of a refusal included
    def __init__(self, refusal: PointsSpent | NetDebitCapReached) -> None:
        super().__init__()
        self.refusal = refusal


async def reverse(
    database: Database, request: ReversalRequest, *, outbox: Outbox = SILENT
) -> Reversal | ReversalRefusal:
    """Take back a completed exchange, or begin to; the same key again brings the same reversal.

    When nothing is left of the points, the reversal is refused for good, and the exchange says so.
    """
    try:
        async with database.transaction() as connection:
            found = await _asked(connection, database, request, outbox)
            return await _carry_out(*found, is_new=True) if isinstance(found, tuple) else found
    except _Refused as refused:
        return refused.refusal


async def propose_reversal(database: Database, request: ReversalRequest) -> Reversal | ReversalRefusal:
    """Put a reversal before a second person. Nothing moves."""
    async with database.transaction() as connection:
        found = await _asked(connection, database, request, SILENT)
        if not isinstance(found, tuple):
            return found
        proposed = replace(found[1], state=ReversalState.PROPOSED)
        await write_reversal(connection, proposed)
        return proposed


async def approve_reversal(
    database: Database, reversal_id: UUID, *, subject: str, digest: str, reason: str, outbox: Outbox = SILENT
) -> Reversal | DecisionRefusal:
    """Carry out exactly what another person proposed."""
    if (wrong := reason_refused(reason)) is not None:
        return wrong
    try:
        async with database.transaction() as connection:
            found = await _proposed(connection, database, reversal_id, outbox)
            if isinstance(found, UnknownReversal):
                return found
            desk, proposed = found
            if proposed.requested_by == subject:
                return SamePerson(subject)
            if proposed.digest != digest:
                return EvidenceChanged(proposed.digest)
            await decide_reversal(connection, proposed.id, ReversalState.OPEN, subject, reason, desk.now)
            approved = replace(proposed, state=ReversalState.OPEN, decided_by=subject)
            return await _carry_out(desk, approved, is_new=False)
    except _Refused as refused:
        return refused.refusal


async def reject_reversal(
    database: Database, reversal_id: UUID, *, subject: str, reason: str
) -> Reversal | UnknownReversal | ReasonMissing | ReasonUnusable:
    """Drop what was proposed; whoever proposed it may do so as well."""
    if (wrong := reason_refused(reason)) is not None:
        return wrong
    async with database.transaction() as connection:
        found = await _proposed(connection, database, reversal_id, SILENT)
        if isinstance(found, UnknownReversal):
            return found
        desk, proposed = found
        await decide_reversal(connection, proposed.id, ReversalState.REJECTED, subject, reason, desk.now)
        return replace(proposed, state=ReversalState.REJECTED, ended_at=desk.now, decided_by=subject)


async def _asked(
    connection: Connection, database: Database, request: ReversalRequest, outbox: Outbox
) -> tuple[_Desk, Reversal] | Reversal | ReversalRefusal:
    """The reversal as it was asked for before, or a new one that may be carried out, or why it may not."""
    if not key_usable(request.idempotency_key):
        return KeyUnusable()
    if not reason_usable(request.reason):
        return ReasonUnusable(REASON_LENGTH_MAX)
    desk = await _desk(connection, database, request.exchange_id, outbox)
    if desk is None:
        return UnknownExchange()
    known = await exchange_of_key(connection, request.requested_by, request.idempotency_key)
    if known is not None:
        return _again(desk, request, known)
    refusal = _objection(desk, request.target_amount)
    if refusal is not None:
        return refusal
    sequence = len(desk.earlier) + 1
    part = part_of(desk.exchange, desk.earlier, _wanted(desk, request), sequence)
    identifier = reversal_id(desk.exchange.id, sequence)
    who = (request.requested_by, request.idempotency_key, request.reason.strip())
    return desk, Reversal(identifier, desk.exchange.id, part, *who, desk.now, ReversalState.OPEN)


def _again(desk: _Desk, request: ReversalRequest, exchange_id: UUID) -> Reversal | IdempotencyConflict:
    if exchange_id != desk.exchange.id:
        return IdempotencyConflict("exchange_id")
    same = (request.requested_by, request.idempotency_key)
    first = next(it for it in desk.earlier if (it.requested_by, it.idempotency_key) == same)
    asked = request.target_amount
    return first if asked is None or asked == first.part.target else IdempotencyConflict("target_amount")


def _wanted(desk: _Desk, request: ReversalRequest) -> int:
    return request.target_amount or target_left(desk.exchange, desk.earlier)


def _objection(desk: _Desk, amount: int | None) -> ReversalRefusal | None:
    exchange = desk.exchange
    if exchange.state not in _COMPLETED:
        return NotReversible(exchange.state.value)
    under_way = next((it for it in desk.earlier if not it.state.ended), None)
    if under_way is not None:
        return ReversalUnderWay(under_way.part.sequence)
    left = target_left(exchange, desk.earlier)
    if amount is not None and amount <= 0:
        return AmountNotPositive()
    if amount is not None and amount > left:
        return ReversalTooMuch(left)
    return _incapable(desk, partial=(amount or left) != exchange.conversion.target)


def _incapable(desk: _Desk, *, partial: bool) -> ReversalUnsupported | ReversalTooLate | None:
    target = desk.known.programs[desk.exchange.target.program_id]
    if not ends_of(desk.exchange, desk.known).target:
        return None
    capabilities = target.capabilities
    if not capabilities.reversal or (partial and not capabilities.partial_reversal):
        return ReversalUnsupported(target.code, whole_only=capabilities.reversal)
    window = capabilities.reversal_window
    if window is not None and desk.now > desk.exchange.accepted_at + window:
        return ReversalTooLate(target.code, desk.exchange.accepted_at + window)
    return None


async def _carry_out(desk: _Desk, reversal: Reversal, *, is_new: bool) -> Reversal:
    """Post what can be posted now, and begin with the errand to the first brand that has to be asked."""
    target = desk.known.programs[desk.exchange.target.program_id]
    available = reversal.part.target if target.booked_by_brand else await _unspent(desk, target)
    if not available:
        return await _refuse_for_good(desk, reversal, is_new=is_new)
    if available < reversal.part.target:
        raise _Refused(PointsSpent(reversal.part.target, available))
    ends = ends_of(desk.exchange, desk.known)
    state = ReversalState.OPEN if ends.target else ReversalState.TAKEN if ends.source else ReversalState.DONE
    done = state is ReversalState.DONE
    await lock_budgets(desk.connection, desk.known, [desk.exchange] if done else [])
    instant = await _post(desk, reversal, state)
    returns = [return_of(desk.exchange.id, reversal.part)] if done else []
    await give_back_usage(desk.connection, returns, desk.now)
    asked_at = instant if is_new else reversal.requested_at
    ended_at = instant if done else None
    begun = replace(reversal, state=state, requested_at=asked_at, ended_at=ended_at)
    if is_new:
        await write_reversal(desk.connection, begun)
    elif state is not ReversalState.OPEN:
        await move_reversals(desk.connection, [(desk.exchange.id, state, None)], instant)
    await _go_on(desk, begun, instant)
    return begun


async def _unspent(desk: _Desk, target: Program) -> int:
    """What the member still has of the points that the exchange brought."""
    account = member_account(desk.exchange.target.membership_id, target).id
    kept = (await lots(desk.connection, [account], clock=desk.database.clock))[account]
    opened = credit_id(desk.exchange.id)
    return sum(lot.remaining for lot in kept if lot.id == opened)


async def _refuse_for_good(desk: _Desk, reversal: Reversal, *, is_new: bool) -> Reversal:
    refused = replace(reversal, state=ReversalState.REFUSED, failure=NOT_TRIED, ended_at=desk.now)
    if is_new:
        await write_reversal(desk.connection, refused)
    else:
        await move_reversals(desk.connection, [(desk.exchange.id, ReversalState.REFUSED, NOT_TRIED)], desk.now)
    await _move(desk, State.REVERSAL_REFUSED, desk.now)
    return refused


_POSTED: Final = {
    ReversalState.OPEN: (Group.TAKING_BACK,),
    ReversalState.TAKEN: (Group.TAKING_BACK, Group.TAKEN_BACK),
    ReversalState.DONE: (Group.TAKING_BACK, Group.TAKEN_BACK, Group.GIVEN_BACK),
}


async def _post(desk: _Desk, reversal: Reversal, state: ReversalState) -> datetime:
    ends = ends_of(desk.exchange, desk.known)
    at_once = not (ends.source or ends.target)
    postings = [Posting(desk.exchange, group, reversal.part, at_once) for group in _POSTED[state]]
    outcomes = await post_groups(desk.connection, desk.known, postings, desk.database.clock)
    refused = [(transfer, outcome) for transfer, outcome in outcomes if not outcome.ok]
    for transfer, outcome in refused:
        if outcome.status is Status.EXCEEDS_CREDITS and transfer.amount == reversal.part.credit_micro:
            raise _Refused(await _cap_reached(desk, reversal.part, transfer.debit_account_id))
    if refused:
        raise PostingFailed(*refused[0])
    recorded_at = outcomes[0][1].recorded_at
    assert recorded_at is not None, "what is posted was recorded"
    return recorded_at


async def _cap_reached(desk: _Desk, part: Part, account_id: UUID) -> NetDebitCapReached:
    left = (await headrooms(desk.connection, [account_id]))[account_id]
    return NetDebitCapReached(desk.exchange.target_participant_id, part.credit_micro, max(left, 0))


async def _go_on(desk: _Desk, reversal: Reversal, instant: datetime) -> None:
    if reversal.state is ReversalState.DONE:
        await _move(desk, State.REVERSED if reversal.part.whole else State.PARTLY_REVERSED, instant)
        return
    role = Role.TAKE_BACK if reversal.state is ReversalState.OPEN else Role.GIVE_BACK
    errand = timed(errand_for(desk.exchange, role, reversal.part, desk.now), desk.known)
    await write_new(desk.connection, [errand])
    await enqueue(desk.connection, [job_for(errand, desk.known, desk.now)])


async def _move(desk: _Desk, state: State, instant: datetime) -> None:
    await write_states(desk.connection, [(desk.exchange.id, [state])], instant)
    await desk.outbox.exchanged(desk.connection, [replace(desk.exchange, state=state)])


async def _desk(connection: Connection, database: Database, exchange_id: UUID, outbox: Outbox) -> _Desk | None:
    locked = await lock_exchanges(connection, [exchange_id], database.clock.pinned)
    if locked is None:
        return None
    earlier = (await reversals_of(connection, [exchange_id])).get(exchange_id, [])
    known = await directory(connection)
    return _Desk(connection, database, outbox, locked.exchanges[exchange_id], earlier, known, locked.now)


async def _proposed(
    connection: Connection, database: Database, wanted: UUID, outbox: Outbox
) -> tuple[_Desk, Reversal] | UnknownReversal:
    exchange_id = next(iter(await exchanges_of_reversals(connection, [wanted])), None)
    desk = exchange_id and await _desk(connection, database, exchange_id, outbox)
    if not desk:
        return UnknownReversal()
    found = next((it for it in desk.earlier if it.id == wanted), None)
    waits = found is not None and found.state is ReversalState.PROPOSED
    return (desk, found) if waits and found else UnknownReversal()
