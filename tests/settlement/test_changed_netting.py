"""A model's netting changes while exchanges are in flight over the cut-off: what is settled is settled once.

RAIL 1,000 are worth 50.00; the ferry is credited 49.50 for them, the operator keeps 0.50.
"""

from collections.abc import Awaitable, Callable

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from exchange import Exchange, State
from exchange.brand_system import Failure
from exchange.saga.reversing import ReversalRequest, reverse
from settlement import Netting, Replay, Window, close, current_window, net, reconcile, replay
from settlement.netting import FEN_MICRO
from tests.exchange.saga.stage import Stage, open_stage
from tests.network import Person
from tests.settlement.agreed import agree_on
from tests.settlement.endings import PLENTY
from tests.settlement.identities import identities
from tests.settlement.trade import MAKER, done, seen

MODEL = """
model = "tracks"
netting = "{}"
members = ["rail", "ferry"]
[caps]
rail = "90000.00"
ferry = "90000.00"
"""

OTHERS = ("bilateral", "gross")

Ending = Callable[[Stage, Exchange], Awaitable[None]]


@pytest.fixture
async def stage(pinned_database: Database, clock: SettableClock, superuser: Connection) -> Stage:
    """Rail and ferry settle in a model of their own, everything set off against everything."""
    stage = await open_stage(pinned_database, clock, superuser)
    await agree_on(pinned_database, MODEL.format("multilateral"))
    return stage


async def rich(stage: Stage) -> Person:
    """Somebody with plenty of points at both."""
    return await stage.member(RAIL=PLENTY, FERRY=PLENTY)


async def on_the_way(stage: Stage) -> Exchange:
    """The rail has taken the points; the ferry has not answered yet."""
    made = await stage.exchange(await rich(stage), "RAIL", "FERRY")
    stage.ferry.standing = "pending"
    await stage.run()
    await stage.run()
    assert (await stage.now(made)).state is State.TARGET_PENDING
    return made


async def settled(stage: Stage) -> Window:
    """The model's open window, closed and netted."""
    window = done(await close(stage.database, MAKER, window_id=(await current_window(stage.database, "tracks")).id))
    done(await reconcile(stage.database, window.id, MAKER))
    return done(await net(stage.database, window.id, MAKER))


async def moved(stage: Stage, *windows: Window) -> dict[str, int]:
    """What the windows settle in all, in fen; nobody is left with more than less than a fen."""
    total: dict[str, int] = {}
    for window in windows:
        found = await seen(stage.database, window.id)
        for it in found.figures.positions:
            name = found.names[it.participant_id].lower()
            total[name] = total.get(name, 0) + it.settled // FEN_MICRO
            paid = sum(p.amount_fen for p in found.figures.payments if p.payee_id == it.participant_id)
            pays = sum(p.amount_fen for p in found.figures.payments if p.payer_id == it.participant_id)
            assert paid - pays == it.settled // FEN_MICRO
        again = await replay(stage.database, window.id)
        assert isinstance(again, Replay)
        assert again.agrees
    last = await seen(stage.database, windows[-1].id)
    assert {
        last.names[it.participant_id]: it.carried for it in last.figures.positions if abs(it.carried) >= 10_000
    } == {}
    await identities(stage.database)
    return {name: fen for name, fen in total.items() if fen}


async def completed(stage: Stage, made: Exchange) -> None:
    """The ferry gives the points after all."""
    stage.ferry.standing = ""
    await stage.wait()
    assert (await stage.now(made)).state is State.COMPLETED


async def refunded(stage: Stage, made: Exchange) -> None:
    """The ferry never does."""
    stage.ferry.pending.clear()
    stage.ferry.standing = Failure.INELIGIBLE.value
    await stage.wait_for(made, State.REFUNDED)


async def given_late(stage: Stage, made: Exchange) -> None:
    """The ferry does after the points went back: nobody has decided yet who bears it."""
    stage.ferry.standing = "late"
    await stage.wait_for(made, State.REFUNDED)
    ((text, (order, _)),) = stage.ferry.pending.items()
    stage.ferry.arrive(text, order)
    stage.ferry.standing = ""
    await stage.wait()


async def reversed_whole(stage: Stage, made: Exchange) -> None:
    """It comes to its end, and is then taken back."""
    await completed(stage, made)
    await reverse(stage.database, ReversalRequest(made.id, "desk", "key", "a mistake", None))
    await stage.wait()
    assert (await stage.now(made)).state is State.REVERSED


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (completed, {"rail": -50_00, "ferry": 49_50, "operator": 50}),
        (refunded, {}),
        (reversed_whole, {}),
    ],
)
async def test_what_was_on_its_way_when_the_netting_changed(
    stage: Stage, other: str, ending: Ending, expected: dict[str, int]
) -> None:
    """The rail has paid in the window that was netted multilaterally; the next one, between pairs, knows it."""
    made = await on_the_way(stage)
    await agree_on(stage.database, MODEL.format(other))
    first = await settled(stage)
    assert (await moved_so_far(stage, first))["rail"] == -50_00
    await ending(stage, made)
    second = await settled(stage)
    assert second.terms.netting is Netting(other)
    assert await moved(stage, first, second) == expected


async def moved_so_far(stage: Stage, window: Window) -> dict[str, int]:
    """What one window settles, in fen."""
    found = await seen(stage.database, window.id)
    return {found.names[it.participant_id].lower(): it.settled // FEN_MICRO for it in found.figures.positions}


@pytest.mark.parametrize("other", OTHERS)
async def test_what_was_given_late_is_not_the_refunded_payers(stage: Stage, other: str) -> None:
    """Until two persons decide, the operator bears it: who got its money back owes nothing, in whichever window."""
    await agree_on(stage.database, MODEL.format(other))
    done(await close(stage.database, MAKER, model="tracks"))
    made = await stage.exchange(await rich(stage), "RAIL", "FERRY")
    await given_late(stage, made)
    assert await moved_so_far(stage, await settled(stage)) == {"rail": 0, "ferry": 49_50, "operator": -49_50}


@pytest.mark.parametrize("other", OTHERS)
async def test_given_late_after_the_netting_changed(stage: Stage, other: str) -> None:
    made = await on_the_way(stage)
    await agree_on(stage.database, MODEL.format(other))
    first = await settled(stage)
    stage.ferry.pending.clear()
    await given_late(stage, made)
    second = await settled(stage)
    assert await moved_so_far(stage, second) == {"rail": 50_00, "ferry": 49_50, "operator": -99_50}
    assert await moved_so_far(stage, first) == {"rail": -50_00, "ferry": 0, "operator": 50_00}


@pytest.mark.parametrize("other", OTHERS)
async def test_a_reversal_that_was_half_way_when_the_netting_changed(stage: Stage, other: str) -> None:
    """The ferry has given the points back; the rail has paid, and gets its money from the operator."""
    made = await stage.exchange(await rich(stage), "RAIL", "FERRY")
    await stage.wait()
    stage.rail.standing = "pending"
    await reverse(stage.database, ReversalRequest(made.id, "desk", "key", "a mistake", None))
    await stage.run()
    await agree_on(stage.database, MODEL.format(other))
    first = await settled(stage)
    assert (await moved_so_far(stage, first))["rail"] == -50_00
    stage.rail.standing = ""
    await stage.wait()
    assert (await stage.now(made)).state is State.REVERSED
    assert await moved(stage, first, await settled(stage)) == {}
