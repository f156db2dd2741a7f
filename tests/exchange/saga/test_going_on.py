"""The next call is written down with the answer before it, where the next brand has room; and what members hear."""

from datetime import timedelta
from uuid import UUID

from exchange import Exchange
from exchange.brand_system import Done
from exchange.saga.advancing import Room, begin_many, finish_many
from exchange.saga.errand_rows import errands_of
from exchange.saga.errands import Errand, Role
from exchange.saga.telling import tell
from exchange.saga.turns import After, Answered, Call, Go
from exchange.states import State
from tests.exchange.saga.stage import Stage

S = State


async def debited(stage: Stage, made: Exchange, *more: Exchange, room: Room) -> list[Call | After]:
    """What comes next after the source has taken the points of these exchanges."""
    ids = [each.id for each in (made, *more)]
    begun = await begin_many(stage.database, ids)
    calls = [found for found in begun if isinstance(found, Call)]
    assert len(calls) == len(ids)
    told = [Answered(key, call.errand.id, call.id, Done(None)) for key, call in zip(ids, calls, strict=True)]
    return await finish_many(stage.database, told, room=room)


async def credit_of(stage: Stage, made: Exchange) -> Errand:
    """What is asked of the target."""
    async with stage.database.connection() as connection:
        errands = (await errands_of(connection, [made.id]))[made.id]
    return next(errand for errand in errands if errand.role is Role.CREDIT)


async def test_with_room(stage: Stage) -> None:
    """One commit takes in the answer, begins with the target, and leases its call; nobody else makes it."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    (found,) = await debited(stage, made, room=lambda _: 1)
    assert isinstance(found, Call)
    assert (found.errand.role, found.errand.attempts, found.member.number != "") == (Role.CREDIT, 1, True)
    assert await stage.states(made) == [S.HELD, S.SOURCE_DEBITING, S.SOURCE_DEBITED, S.TARGET_CREDITING]
    written = await credit_of(stage, made)
    assert written == found.errand
    assert (written.call_id, written.sends) == (found.id, 1)
    (again,) = await begin_many(stage.database, [made.id])
    assert not isinstance(again, Call)


async def test_without_room(stage: Stage) -> None:
    """The target has not been begun with: who comes next finds it due, and no call written down."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    assert await debited(stage, made, room=lambda _: 0) == [Go(made.target.program_id)]
    assert await stage.states(made) == [S.HELD, S.SOURCE_DEBITING, S.SOURCE_DEBITED]
    written = await credit_of(stage, made)
    assert (written.attempts, written.sends, written.call_id, written.lease_until) == (0, 0, None, None)


async def test_no_more_than_there_is_room_for(stage: Stage) -> None:
    """Of two answers in one commit only as many go on as the target takes; the room is asked for once."""
    ann, bob = await stage.member(RAIL=3_000), await stage.member(RAIL=3_000)
    first, second = await stage.exchange(ann, "RAIL", "FERRY"), await stage.exchange(bob, "RAIL", "FERRY")
    asked: list[UUID] = []

    def room(program_id: UUID) -> int:
        asked.append(program_id)
        return 1

    found = await debited(stage, first, second, room=room)
    assert sorted(isinstance(each, Call) for each in found) == [False, True]
    assert asked == [first.target.program_id]


async def test_the_next_look_is_never_past(stage: Stage) -> None:
    """Of what is due at once members hear "now", and not the instant at which it became due."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    async with stage.database.connection() as connection:
        errands = (await errands_of(connection, [made.id]))[made.id]
    due = errands[0].due_at
    assert due is not None
    later, earlier = due + timedelta(seconds=2), due - timedelta(seconds=2)
    assert tell(made, errands, [], later).next_look_at == later
    assert tell(made, errands, [], earlier).next_look_at == due
