"""The life of an exchange with brands' own systems, from acceptance to its end."""

from datetime import timedelta

from exchange import State
from exchange.checks import CHECKS
from ledger.audit import audit
from tests.exchange.saga.stage import Stage

S = State


async def whole(stage: Stage) -> list[str]:
    """What the audit finds."""
    return [str(finding) for finding in (await audit(stage.database, checks=CHECKS)).findings]


async def test_both_sides_outside(stage: Stage) -> None:
    """1,000 RAIL into 825 FERRY: held, debited there, credited here, and everybody's books say so."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    assert made.state is S.HELD
    assert (stage.rail.calls, stage.ferry.calls) == ([], [])
    await stage.run()
    assert await stage.states(made) == [
        S.HELD, S.SOURCE_DEBITING, S.SOURCE_DEBITED, S.TARGET_CREDITING, S.COMPLETED,
    ]  # fmt: skip
    assert (stage.rail.moved, stage.ferry.moved) == (-1_000, 825)
    assert (await stage.net("mirror", "RAIL"), await stage.net("mirror", "FERRY")) == (-1_000, 825)
    assert (await stage.net("held", "RAIL"), await stage.net("exchange_clearing")) == (0, 0)
    assert await whole(stage) == []


async def test_source_on_the_platform(stage: Stage) -> None:
    """The points leave the card at once; the other brand is asked afterwards."""
    ann = await stage.member(HOTEL=3_000)
    made = await stage.exchange(ann, "HOTEL", "FERRY")
    assert await stage.net("held", "HOTEL") == 1_000
    await stage.run()
    assert (await stage.states(made))[-1] is S.COMPLETED
    assert (await stage.net("member", "HOTEL"), stage.ferry.moved) == (2_000, 825)
    assert await whole(stage) == []


async def test_target_on_the_platform(stage: Stage) -> None:
    """The points arrive in the commit that takes in the source's answer."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "HOTEL")
    await stage.run()
    assert (await stage.states(made))[-1] is S.COMPLETED
    assert (await stage.net("member", "HOTEL"), stage.rail.moved) == (825, -1_000)
    assert await whole(stage) == []


async def test_the_source_says_no(stage: Stage) -> None:
    """The hold is released, and nobody owes anything."""
    ann = await stage.member(RAIL=500)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    await stage.run()
    assert await stage.states(made) == [S.HELD, S.SOURCE_DEBITING, S.SOURCE_REJECTED]
    assert (await stage.net("mirror", "RAIL"), await stage.net("position")) == (0, 0)
    assert await whole(stage) == []


async def test_the_target_says_no(stage: Stage) -> None:
    """The source gives back what it took."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    stage.ferry.tricks.append("limit")
    await stage.run()
    assert (await stage.states(made))[-3:] == [S.TARGET_REJECTED, S.COMPENSATING, S.REFUNDED]
    assert (stage.rail.moved, stage.ferry.moved, await stage.net("mirror", "RAIL")) == (0, 0, 0)
    assert await whole(stage) == []


async def test_the_target_says_no_to_points_of_the_platform(stage: Stage) -> None:
    """They go back into the lots they came from."""
    ann = await stage.member(HOTEL=3_000)
    made = await stage.exchange(ann, "HOTEL", "FERRY")
    stage.ferry.tricks.append("limit")
    await stage.run()
    assert (await stage.states(made))[-1] is S.REFUNDED
    assert await stage.net("member", "HOTEL") == 3_000
    assert await whole(stage) == []


async def test_a_lost_answer_is_asked_for(stage: Stage) -> None:
    """The target has done it: nothing is sent again, nothing is refunded."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    stage.ferry.tricks.append("lost answer")
    await stage.run()
    assert (await stage.now(made)).state is S.TARGET_UNKNOWN
    await stage.wait()
    assert (await stage.states(made))[-2:] == [S.TARGET_UNKNOWN, S.COMPLETED]
    assert [what for what, _ in stage.ferry.calls] == ["credit", "inquire"]
    assert stage.ferry.moved == 825
    assert await whole(stage) == []


async def test_a_lost_request_is_sent_again(stage: Stage) -> None:
    """Once the brand will never know of it, under the same reference."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    stage.rail.tricks.append("lost request")
    await stage.wait()
    assert (await stage.states(made))[-1] is S.COMPLETED
    assert len({reference for _, reference in stage.rail.calls}) == 1
    assert [what for what, _ in stage.rail.calls].count("debit") == 2
    assert (stage.rail.moved, stage.ferry.moved) == (-1_000, 825)
    assert await whole(stage) == []


async def test_a_pending_credit(stage: Stage) -> None:
    """The target decides after ten minutes, and is asked then."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    stage.ferry.tricks.append("pending")
    await stage.run()
    assert (await stage.now(made)).state is S.TARGET_PENDING
    await stage.wait()
    assert (await stage.states(made))[-2:] == [S.TARGET_PENDING, S.COMPLETED]
    assert await whole(stage) == []


async def test_a_target_that_never_tells(stage: Stage) -> None:
    """It is never refunded: after the brand's longest delay it is a matter for persons."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    stage.ferry.tricks.extend(["lost answer", *["not sent"] * 500])
    await stage.wait()
    assert (await stage.states(made))[-2:] == [S.TARGET_UNKNOWN, S.MANUAL]
    rows = await stage.superuser.fetch("SELECT kind, owner, due_at FROM exchange_case")
    assert [(row["kind"], row["owner"]) for row in rows] == [("UNRESOLVED", "operator")]
    assert rows[0]["due_at"] == stage.clock.now() + timedelta(days=1)
    assert await stage.net("exchange_clearing") == 50_000_000
    assert await whole(stage) == []


async def test_a_credit_that_comes_after_the_refund(stage: Stage) -> None:
    """It is recorded as a break, with the points and what their giver is owed."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    stage.ferry.standing = "late"
    await stage.wait_for(made, S.REFUNDED)
    assert [what for what, _ in stage.ferry.calls].count("credit") == 3
    ((text, (order, _)),) = stage.ferry.pending.items()
    stage.ferry.arrive(text, order)
    await stage.wait()
    assert (await stage.now(made)).state is S.REFUNDED
    assert await stage.superuser.fetchval("SELECT kind FROM exchange_case") == "LATE_SUCCESS"
    assert await stage.superuser.fetchval("SELECT count(*) FROM exchange_late_success") == 1
    assert (stage.rail.moved, stage.ferry.moved) == (0, 825)
    assert (await stage.net("mirror", "FERRY"), await stage.net("break_suspense")) == (825, -49_500_000)
    assert await whole(stage) == []


async def test_a_debit_that_comes_after_the_release(stage: Stage) -> None:
    """The source is asked to give back at once what it took for nothing."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    stage.rail.standing = "late"
    await stage.wait_for(made, S.SOURCE_REJECTED)
    stage.rail.standing = ""
    ((text, (order, _)),) = stage.rail.pending.items()
    stage.rail.arrive(text, order)
    assert stage.rail.moved == -1_000
    await stage.wait()
    assert (await stage.now(made)).state is S.SOURCE_REJECTED
    assert (stage.rail.moved, await stage.net("mirror", "RAIL")) == (0, 0)
    assert await stage.superuser.fetchval("SELECT count(*) FROM exchange_late_success") == 1
    assert await whole(stage) == []


async def test_a_source_that_cannot_be_reached(stage: Stage) -> None:
    """After a quarter of an hour the points are given back: nothing was ever sent."""
    ann = await stage.member(HOTEL=3_000, RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    stage.rail.standing = "not sent"
    began = stage.clock.now()
    await stage.wait()
    assert (await stage.states(made))[-1] is S.SOURCE_REJECTED
    assert stage.clock.now() == began + timedelta(minutes=15)
    assert await whole(stage) == []


async def test_a_target_that_cannot_be_reached(stage: Stage) -> None:
    """It is tried as long as the brand may take; then the source gives back what it took."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    stage.ferry.standing = "not sent"
    await stage.wait()
    assert (await stage.states(made))[-1] is S.REFUNDED
    assert stage.rail.moved == 0
    assert await whole(stage) == []


async def test_a_refund_that_is_refused(stage: Stage) -> None:
    """The member has neither points: a person has to see to it."""
    ann = await stage.member(RAIL=3_000)
    made = await stage.exchange(ann, "RAIL", "FERRY")
    stage.rail.tricks.extend(["", "ineligible"])
    stage.ferry.tricks.append("limit")
    await stage.wait()
    assert (await stage.states(made))[-2:] == [S.COMPENSATING, S.MANUAL]
    assert await stage.superuser.fetchval("SELECT reason FROM exchange_case") == (
        "The source refuses to give the points back."
    )
    assert await whole(stage) == []
