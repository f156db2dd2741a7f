"""The two commits around a call: what is about to be called is written before, what was answered after.

Both take many exchanges at a time. No brand is called inside either.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from brands import Directory, Program, directory_at, models_of
from brands.accounts import position_account
from core.database import Connection, Database
from exchange.brand_system import MemberReference
from exchange.exchanges import Exchange
from exchange.ports import SILENT, Outbox
from exchange.references import member_references
from exchange.saga.errand_rows import errands_by_id, lock_exchanges
from exchange.saga.errand_writing import write_answers
from exchange.saga.errands import ORIGINALS, Errand, Role, errand_id, reference_of
from exchange.saga.judging import Dossier, answered, calling, going_on, lost, too_late
from exchange.saga.lockouts import watch_credentials
from exchange.saga.postings import Part
from exchange.saga.reversal_rows import given_up_parts, open_parts
from exchange.saga.turn_writing import write_turns
from exchange.saga.turns import After, Answered, Begun, Call, Go, Rest, Turn
from ledger import headrooms
from members import MemberKeys, memberships_by_id

NOTHING_LEFT = Rest(None)

Room: TypeAlias = Callable[[UUID], int]
"""How many further calls of a program's system may begin now."""


def _no_room(program_id: UUID) -> int:
    del program_id
    return 0


async def begin_many(
    database: Database,
    exchange_ids: Sequence[UUID],
    *,
    outbox: Outbox = SILENT,
    keys: MemberKeys | None = None,
) -> list[Call | After]:
    """For each exchange, the call that is to be made now, already written down; or when something is due.

    `keys` open what brands want to hear of members besides their numbers.
    """
    async with database.transaction() as connection:
        dossiers = await _dossiers(connection, exchange_ids, database)
        beginnings = {key: _begin(dossier) for key, dossier in dossiers.items()}
        turns = [found for found in beginnings.values() if isinstance(found, Turn)]
        calls = await _calls(connection, keys, dossiers, turns)
        await _write(connection, dossiers, turns, database, outbox)
    return [_what_now(calls, beginnings.get(key, NOTHING_LEFT)) for key in exchange_ids]


async def finish_many(
    database: Database,
    told: Sequence[Answered],
    *,
    outbox: Outbox = SILENT,
    keys: MemberKeys | None = None,
    room: Room = _no_room,
) -> list[Call | After]:
    """Take in answers; for each, what comes next: where there is `room`, the next call, already written down."""
    found: dict[UUID, Call | After] = {}
    async with database.transaction() as connection:
        for answers in _rounds(told):
            found |= await _finish_round(connection, answers, database, outbox, keys, room)
    return [found[one.call_id] for one in told]


def _rounds(told: Sequence[Answered]) -> Iterator[list[Answered]]:
    """Answers of different exchanges together; two of one exchange one after the other."""
    left = list(told)
    while left:
        chosen = {one.exchange_id: one for one in reversed(left)}
        yield list(chosen.values())
        left = [one for one in left if chosen[one.exchange_id] is not one]


async def _finish_round(
    connection: Connection,
    told: Sequence[Answered],
    database: Database,
    outbox: Outbox,
    keys: MemberKeys | None,
    room: Room,
) -> dict[UUID, Call | After]:
    dossiers = await _dossiers(connection, [one.exchange_id for one in told], database)
    seats = _Seats(room)
    finished = {one.call_id: _finish(dossiers[one.exchange_id], one, seats) for one in told}
    # Where our lease ran out somebody else has taken over: the answer is evidence then, and nothing more.
    stale = [(one, dossiers[one.exchange_id].now) for one in told if finished[one.call_id] is None]
    await write_answers(connection, stale)
    turns = [turn for turn in finished.values() if turn]
    if turns:
        told_by = [(turn.errand.program_id, turn.answered.answer) for turn in turns if turn.answered]
        await watch_credentials(connection, told_by, turns[0].now, outbox)
    calls = await _calls(connection, keys, dossiers, turns)
    await _write(connection, dossiers, turns, database, outbox)
    return {one.call_id: _then(dossiers[one.exchange_id], finished[one.call_id], calls) for one in told}


class _Seats:
    """The calls that may still begin in this commit, by program."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._left: dict[UUID, int] = {}

    def take(self, program_id: UUID) -> bool:
        left = self._left.get(program_id)
        left = self._room(program_id) if left is None else left
        self._left[program_id] = left - 1
        return left > 0


def _begin(dossier: Dossier) -> Turn | Rest:
    errand = dossier.due
    if errand is None:
        return Rest(dossier.next_due_at)
    if errand.call_id is not None and errand.lease_until is not None:
        return Rest(errand.lease_until, leased=True) if errand.lease_until > dossier.now else lost(dossier, errand)
    overdue = errand.outcome is None and errand.deadline_at is not None and errand.deadline_at <= dossier.now
    return too_late(dossier, errand) if overdue else calling(dossier, errand)


def _finish(dossier: Dossier, told: Answered, seats: _Seats) -> Turn | None:
    waiting = (errand for errand in dossier.errands if errand.call_id == told.call_id)
    errand = next(waiting, None)
    if errand is None:
        return None
    turn = answered(dossier, errand, told)
    following = turn.next_errand
    return going_on(dossier, turn) if following and seats.take(following.program_id) else turn


def _what_now(calls: dict[UUID, Call], beginning: Turn | Rest) -> Call | After:
    if isinstance(beginning, Rest):
        return beginning
    if beginning.call is None:
        return _next(beginning)
    # Only the first who asks about an exchange makes the call.
    return calls.pop(beginning.errand.id, None) or Rest(beginning.errand.lease_until, leased=True)


def _then(dossier: Dossier, turn: Turn | None, calls: Mapping[UUID, Call]) -> Call | After:
    if turn is None:
        return NOTHING_LEFT
    return calls[turn.begun.errand.id] if turn.begun else _after(dossier, turn)


def _after(dossier: Dossier, turn: Turn) -> After:
    after = _next(turn)
    others = (errand.due_at for errand in dossier.errands if errand.id != turn.errand.id and errand.due_at)
    if isinstance(after, Rest) and (soonest := min(others, default=None)):
        return Rest(min(soonest, after.until or soonest))
    return after


def _next(turn: Turn) -> After:
    if turn.next_errand is not None:
        return Go(turn.next_errand.program_id)
    if turn.errand.due_at is not None and turn.errand.due_at <= turn.now:
        return Go(turn.errand.program_id)
    return Rest(turn.errand.due_at)


async def _dossiers(connection: Connection, exchange_ids: Iterable[UUID], database: Database) -> dict[UUID, Dossier]:
    ids = set(exchange_ids)
    locked = await lock_exchanges(connection, ids, database.clock.pinned)
    if locked is None:
        return {}
    waiting = locked.waiting
    reversed_now = [key for key, errands in waiting.items() if any(_reverses(errand) for errand in errands)]
    parts = await open_parts(connection, reversed_now) if reversed_now else {}
    known = await directory_at(connection, locked.revision)
    given_up = await _given_up(connection, known, locked.exchanges, waiting)
    return {
        key: Dossier(exchange, waiting[key], parts.get(key), locked.now, known, given_up.get(key, {}))
        for key, exchange in locked.exchanges.items()
    }


async def _given_up(
    connection: Connection,
    known: Directory,
    exchanges: Mapping[UUID, Exchange],
    waiting: Mapping[UUID, Sequence[Errand]],
) -> dict[UUID, dict[int, Part]]:
    """The parts of reversals that could go on if it turned out that the target has taken them after all."""
    watched = [key for key, errands in waiting.items() if any(_watched(errand) for errand in errands)]
    if not watched:
        return {}
    parts, models = await given_up_parts(connection, watched), await models_of(connection, watched)
    found: dict[UUID, dict[int, Part]] = {}
    for key, its in parts.items():
        exchange = exchanges[key]
        payer = position_account(known.brands[exchange.target_participant_id], models[key]).id
        left = (await headrooms(connection, [payer]))[payer]
        if known.programs[exchange.target.program_id].booked_by_brand:
            found[key] = {sequence: part for sequence, part in its.items() if part.credit_micro <= left}
    return found


def _watched(errand: Errand) -> bool:
    return errand.outcome is not None and errand.role is Role.TAKE_BACK


def _reverses(errand: Errand) -> bool:
    return errand.outcome is None and errand.sequence > 0


async def _write(
    connection: Connection, dossiers: Mapping[UUID, Dossier], turns: Sequence[Turn], database: Database, outbox: Outbox
) -> None:
    if turns:
        known = dossiers[turns[0].exchange.id].directory
        await write_turns(connection, known, turns, database.clock, outbox, goes_on=True)


async def _calls(
    connection: Connection, keys: MemberKeys | None, dossiers: Mapping[UUID, Dossier], turns: Sequence[Turn]
) -> dict[UUID, Call]:
    """By errand, the calls that the turns write down."""
    begun = [found for turn in turns if (found := turn.begun)]
    if not begun:
        return {}
    wanted = [original for it in begun if (original := _original_id(it.errand))]
    originals = await errands_by_id(connection, wanted) if wanted else {}
    originals |= {turn.errand.id: turn.errand for turn in turns}
    cards = await memberships_by_id(connection, {_card(it) for it in begun})
    programs = dossiers[begun[0].exchange.id].directory.programs
    spoken_of = [(cards[_card(it)], programs[it.errand.program_id]) for it in begun]
    told = await member_references(connection, keys, spoken_of)
    return {it.errand.id: _call(it, programs[it.errand.program_id], told[_card(it)], originals) for it in begun}


def _card(begun: Begun) -> UUID:
    sides = (begun.exchange.source, begun.exchange.target)
    return next(side.membership_id for side in sides if side.program_id == begun.errand.program_id)


def _original_id(errand: Errand) -> UUID | None:
    role = ORIGINALS.get(errand.role)
    return errand_id(errand.exchange_id, role, 0) if role else None


def _call(begun: Begun, program: Program, card: MemberReference, originals: Mapping[UUID, Errand]) -> Call:
    role = ORIGINALS.get(begun.errand.role)
    original = originals.get(errand_id(begun.exchange.id, role, 0)) if role else None
    return Call(
        begun.exchange,
        begun.errand,
        program,
        begun.call.id,
        begun.call.mode,
        card,
        reference_of(begun.exchange.id, role, 0) if role else None,
        original.brand_reference if original else None,
    )
