"""A brand that refuses our credentials: nothing is undone for it, somebody has to see to it, and then it goes on."""

from datetime import timedelta

from exchange import State
from exchange.brand_system import Done, Failed, Failure
from exchange.saga.breaker import FAILURES_MAX, BreakerState
from exchange.saga.guard import Guard
from exchange.saga.hurrying import SECRETS_READ_AFTER, try_new_credentials
from tests.exchange.saga.stage import Stage
from tests.exchange.saga.test_guard import CAPABILITIES, Seconds, done
from tests.exchange.saga.test_life import whole

S = State
REFUSED = Failed(Failure.AUTH)


async def cases(stage: Stage) -> list[tuple[str, str, str | None]]:
    """Owner, reason and end of every case."""
    rows = await stage.superuser.fetch("SELECT owner, reason, closed_as FROM exchange_case ORDER BY id")
    return [(row["owner"], row["reason"][:37], row["closed_as"]) for row in rows]


async def test_a_credit_waits_for_new_credentials(stage: Stage) -> None:
    """The member is not refunded: a case with an owner is open, and with the new secret it goes on by itself."""
    made = await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    stage.ferry.standing = Failure.AUTH
    await stage.wait(timedelta(hours=2), step=timedelta(minutes=20))
    assert (await stage.now(made)).state is S.TARGET_CREDITING
    assert (stage.rail.moved, stage.ferry.moved) == (-1_000, 0)
    assert await cases(stage) == [("operator", "The brand refuses our credentials. Se", None)]
    assert await whole(stage) == []
    stage.ferry.standing = ""
    assert await try_new_credentials(stage.database, stage.network.program("RAIL")) == 0
    assert await try_new_credentials(stage.database, stage.network.program("FERRY")) == 1
    stage.clock.set(stage.clock.now() + SECRETS_READ_AFTER)
    await stage.run()
    assert (await stage.now(made)).state is S.COMPLETED
    assert (stage.rail.moved, stage.ferry.moved) == (-1_000, 825)
    assert await cases(stage) == [("operator", "The brand refuses our credentials. Se", "answered")]
    assert await whole(stage) == []


async def test_nothing_waits_for_ever(stage: Stage) -> None:
    """Where nobody sets new ones, the brand's longest delay ends it: the member has the points back."""
    made = await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    stage.ferry.standing = Failure.AUTH
    await stage.wait(timedelta(hours=20), step=timedelta(hours=2))
    assert (await stage.now(made)).state is S.TARGET_CREDITING
    await stage.wait(timedelta(hours=6), step=timedelta(hours=1))
    assert (await stage.now(made)).state is S.REFUNDED
    assert (stage.rail.moved, stage.ferry.moved) == (0, 0)
    assert [end for *_, end in await cases(stage)] == ["answered"]
    assert await whole(stage) == []


async def test_a_refund_is_owed_whatever_the_credentials(stage: Stage) -> None:
    """The source has taken the points and refuses us when it is to give them back: it waits, and gives them back."""
    made = await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    stage.rail.tricks.extend(["", Failure.AUTH, Failure.AUTH])
    stage.ferry.standing = Failure.INELIGIBLE
    await stage.run()
    assert (await stage.now(made)).state is S.COMPENSATING
    assert [end for *_, end in await cases(stage)] == [None]
    await stage.wait()
    assert (await stage.now(made)).state is S.REFUNDED
    assert (stage.rail.moved, [end for *_, end in await cases(stage)]) == (0, ["answered"])
    assert await whole(stage) == []


async def test_a_debit_is_given_up_at_once(stage: Stage) -> None:
    """Nothing has happened yet: nothing is booked anywhere, and the member can try again later."""
    made = await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    stage.rail.standing = Failure.AUTH
    await stage.run()
    assert (await stage.now(made)).state is S.SOURCE_REJECTED
    assert (stage.rail.moved, await stage.net("mirror", "RAIL"), await stage.net("position")) == (0, 0, 0)
    assert (await cases(stage), await whole(stage)) == ([], [])


async def test_the_guard_says_why_nothing_passes() -> None:
    """After five refusals in a row nothing is called; what asks is told at once that it is for the credentials."""
    seconds = Seconds()
    guard = Guard("RAIL", CAPABILITIES, seconds)

    async def refuse() -> Done | Failed:
        return REFUSED

    for _ in range(FAILURES_MAX):
        assert await guard.call(refuse) is REFUSED
    report = guard.report()
    assert (report.state, report.reason) == (BreakerState.OPEN, "The brand refuses our credentials.")
    assert guard.room
    told = await guard.call(done)
    assert isinstance(told, Failed)
    assert told.failure is Failure.AUTH
    seconds.now += report.retry_after_seconds
    assert await guard.call(done) == Done("1")
    assert (guard.report().state, guard.report().reason) == (BreakerState.CLOSED, "")


async def test_one_members_refusal_closes_nothing() -> None:
    """A brand that says 403 to one member serves the others."""
    guard = Guard("RAIL", CAPABILITIES, Seconds())

    async def refuse() -> Done | Failed:
        return REFUSED

    for make in (refuse, done) * FAILURES_MAX:
        await guard.call(make)
    assert guard.report().state is BreakerState.CLOSED
