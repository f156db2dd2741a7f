"""A completed exchange taken back, whole and in parts, on the platform and outside."""

from datetime import timedelta

from exchange import Exchange, ReasonUnusable, State
from exchange.movements import Burn, Movement
from exchange.moving import burn
from exchange.saga.cases import Case, CaseKind, cases
from exchange.saga.deciding import Action, Proposal, approve, propose
from exchange.saga.errands import Role, reference_of
from exchange.saga.errors import (
    NotReversible,
    PointsSpent,
    ReasonMissing,
    ReversalTooMuch,
    ReversalUnderWay,
    SamePerson,
)
from exchange.saga.hurrying import hurry
from exchange.saga.reversals import Reversal, ReversalState
from exchange.saga.reversing import ReversalRequest, approve_reversal, propose_reversal, reject_reversal, reverse
from tests.exchange.saga.stage import Stage
from tests.exchange.saga.test_life import whole
from tests.network import Person

S = State


def asked(made: Exchange, amount: int | None = None, key: str = "1", who: str = "airline-desk") -> ReversalRequest:
    """A reversal for no good reason."""
    return ReversalRequest(made.id, who, key, "a mistake", amount)


async def on_the_platform(stage: Stage) -> tuple[Person, Exchange]:
    """3,000 HOTEL into 1,980 MILES."""
    ann = await stage.network.enrol({"HOTEL": 3_000, "MILES": 0})
    return ann, await stage.exchange(ann, "HOTEL", "MILES", 3_000)


async def outside(stage: Stage) -> Exchange:
    """1,000 RAIL into 825 FERRY."""
    made = await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    await stage.run()
    return made


async def test_a_whole_one_on_the_platform(stage: Stage) -> None:
    """Everything is as it was before, in one commit."""
    ann, made = await on_the_platform(stage)
    done = await reverse(stage.database, asked(made))
    assert isinstance(done, Reversal)
    assert done.state is ReversalState.DONE
    assert await stage.network.points(ann) == {"HOTEL": 3_000, "MILES": 0}
    assert (await stage.net("position"), await stage.net("exchange_clearing")) == (0, 0)
    assert set((await stage.network.positions()).values()) == {0}
    assert await stage.states(made) == [S.COMPLETED, S.REVERSED]
    assert await whole(stage) == []
    assert await reverse(stage.database, asked(made)) == done
    assert isinstance(await reverse(stage.database, asked(made, key="2")), NotReversible)


async def test_in_parts_on_the_platform(stage: Stage) -> None:
    """Parts never give back more than was exchanged, and together exactly that."""
    ann, made = await on_the_platform(stage)
    for key, amount in enumerate((1, 7, 971)):
        done = await reverse(stage.database, asked(made, amount, f"part {key}"))
        assert isinstance(done, Reversal)
    assert (await stage.states(made))[-1] is S.PARTLY_REVERSED
    assert await stage.network.points(ann) == {"HOTEL": 1 + 10 + 1_471, "MILES": 1_001}
    assert isinstance(await reverse(stage.database, asked(made, 1_002, "more")), ReversalTooMuch)
    await reverse(stage.database, asked(made, key="rest"))
    assert await stage.network.points(ann) == {"HOTEL": 3_000, "MILES": 0}
    assert set((await stage.network.positions()).values()) == {0}
    assert await whole(stage) == []


async def test_points_that_are_spent(stage: Stage) -> None:
    """Less can be taken back as long as something is left; then nothing any more, for good."""
    ann, made = await on_the_platform(stage)
    shop, number = stage.network.brand_id("airline"), ann.cards["MILES"].number
    assert isinstance(await burn(stage.database, Burn("MILES", number, 1_900, shop, "till", "1")), Movement)
    assert await reverse(stage.database, asked(made)) == PointsSpent(1_980, 80)
    assert await stage.states(made) == [S.COMPLETED]
    assert isinstance(await burn(stage.database, Burn("MILES", number, 80, shop, "till", "2")), Movement)
    refused = await reverse(stage.database, asked(made, key="2"))
    assert isinstance(refused, Reversal)
    assert refused.state is ReversalState.REFUSED
    assert await stage.states(made) == [S.COMPLETED, S.REVERSAL_REFUSED]
    assert await whole(stage) == []


async def test_outside(stage: Stage) -> None:
    """The target takes back, then the source gives back, each asked under a reference of its own."""
    made = await outside(stage)
    begun = await reverse(stage.database, asked(made))
    assert isinstance(begun, Reversal)
    assert begun.state is ReversalState.OPEN
    assert isinstance(await reverse(stage.database, asked(made, key="2")), ReversalUnderWay)
    await stage.run()
    assert (stage.rail.moved, stage.ferry.moved) == (0, 0)
    assert (await stage.net("mirror", "RAIL"), await stage.net("mirror", "FERRY")) == (0, 0)
    assert (await stage.states(made))[-1] is S.REVERSED
    assert set((await stage.network.positions()).values()) == {0}
    assert await whole(stage) == []


async def test_outside_in_parts_with_lost_answers(stage: Stage) -> None:
    """Each part is asked for until it is known."""
    made = await outside(stage)
    for key, amount in enumerate((100, 200, None)):
        stage.ferry.tricks.append("lost answer")
        stage.rail.tricks.append("lost request")
        assert isinstance(await reverse(stage.database, asked(made, amount, f"part {key}")), Reversal)
        await stage.wait()
        assert await whole(stage) == []
    assert (stage.rail.moved, stage.ferry.moved) == (0, 0)
    assert (await stage.states(made))[-3:] == [S.PARTLY_REVERSED, S.PARTLY_REVERSED, S.REVERSED]


async def test_outside_spent(stage: Stage) -> None:
    """The target has nothing to take: the reversal is refused for good, and the reserve is released."""
    made = await outside(stage)
    query = "SELECT number FROM members_membership WHERE id = $1"
    card = await stage.superuser.fetchval(query, made.target.membership_id)
    stage.ferry.balances[card] = 0
    await reverse(stage.database, asked(made))
    await stage.run()
    assert (await stage.states(made))[-1] is S.REVERSAL_REFUSED
    assert await stage.superuser.fetchval("SELECT sum(debits_pending) FROM ledger_account") == 0
    assert await whole(stage) == []


async def test_two_persons(stage: Stage) -> None:
    """What staff propose moves nothing until somebody else approves exactly that."""
    ann, made = await on_the_platform(stage)
    proposed = await propose_reversal(stage.database, asked(made, who="lin.wei"))
    assert isinstance(proposed, Reversal)
    assert proposed.state is ReversalState.PROPOSED
    alone = await approve_reversal(
        stage.database, proposed.id, subject="lin.wei", digest=proposed.digest, reason="checked"
    )
    assert alone == SamePerson("lin.wei")
    for reason, refusal in ((" ", ReasonMissing()), ("x" * 201, ReasonUnusable(200))):
        decided = await approve_reversal(
            stage.database, proposed.id, subject="chen.yu", digest=proposed.digest, reason=reason
        )
        dropped = await reject_reversal(stage.database, proposed.id, subject="chen.yu", reason=reason)
        assert (decided, dropped) == (refusal, refusal)
    assert await stage.network.points(ann) == {"HOTEL": 0, "MILES": 1_980}
    done = await approve_reversal(
        stage.database, proposed.id, subject="chen.yu", digest=proposed.digest, reason="checked"
    )
    assert isinstance(done, Reversal)
    assert await stage.network.points(ann) == {"HOTEL": 3_000, "MILES": 0}
    assert await whole(stage) == []


async def open_cases(stage: Stage) -> list[Case]:
    """The manual queue."""
    async with stage.database.connection() as connection:
        return await cases(connection)


async def given_up(stage: Stage) -> Exchange:
    """A reversal whose taking back reached FERRY late, after it had been decided that it was not done."""
    made = await outside(stage)
    await reverse(stage.database, asked(made))
    stage.ferry.standing = "late"
    await stage.wait(timedelta(hours=25))
    (case,) = await open_cases(stage)
    proposed = await propose(stage.database, case.id, Action.CONFIRM_UNDONE, subject="lin.wei", reason="not there")
    assert isinstance(proposed, Proposal), proposed
    assert isinstance(
        await approve(stage.database, case.id, subject="chen.yu", digest=proposed.digest, reason="nor mine"), Case
    )
    stage.ferry.standing = ""
    assert (await stage.superuser.fetchval("SELECT state FROM exchange_reversal")) == "REFUSED"
    assert (await stage.now(made)).state is S.COMPLETED
    assert await whole(stage) == []
    return made


def arrive(stage: Stage) -> None:
    """FERRY does what it was asked for so long ago."""
    ((text, (order, _)),) = stage.ferry.pending.items()
    stage.ferry.arrive(text, order)


async def test_points_taken_back_after_it_was_given_up(stage: Stage) -> None:
    """It is asked whether it happened after all: then the reversal goes on to its end, and all books agree."""
    made = await given_up(stage)
    arrive(stage)
    assert stage.ferry.moved == 0
    await stage.wait()
    assert (await stage.now(made)).state is S.REVERSED
    assert (stage.rail.moved, stage.ferry.moved) == (0, 0)
    assert (await stage.net("mirror", "RAIL"), await stage.net("mirror", "FERRY")) == (0, 0)
    assert (await stage.net("exchange_clearing"), await stage.net("break_suspense")) == (0, 0)
    assert set((await stage.network.positions()).values()) == {0}
    assert await open_cases(stage) == []
    assert await whole(stage) == []


async def test_the_brands_own_word_is_followed_long_after(stage: Stage) -> None:
    """When nobody asks any more, a webhook about it is enough to ask once more."""
    made = await given_up(stage)
    await stage.wait()
    assert await stage.superuser.fetchval("SELECT count(*) FROM exchange_errand WHERE due_at IS NOT NULL") == 0
    arrive(stage)
    reference = reference_of(made.id, Role.TAKE_BACK, 1).text
    assert await hurry(stage.database, stage.network.program("FERRY"), reference)
    await stage.wait()
    assert (await stage.now(made)).state is S.REVERSED
    assert (stage.rail.moved, stage.ferry.moved) == (0, 0)
    assert await whole(stage) == []


async def test_another_reversal_has_taken_its_place(stage: Stage) -> None:
    """What the target took once too often is a matter for persons: nothing is given back twice."""
    made = await given_up(stage)
    again = await reverse(stage.database, asked(made, key="again"))
    assert isinstance(again, Reversal)
    await stage.run()
    assert (await stage.now(made)).state is S.REVERSED
    stage.ferry.balances = dict.fromkeys(stage.ferry.balances, 2_000)
    arrive(stage)
    await stage.wait()
    assert (await stage.now(made)).state is S.REVERSED
    (case,) = await open_cases(stage)
    assert case.kind is CaseKind.LATE_SUCCESS
    assert await whole(stage) == []
