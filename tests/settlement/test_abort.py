"""Giving a window up: what it would have settled is settled with the next one."""

import pytest

from core.database import Connection, Database
from core.refusals import NetDebitCapReached
from settlement import (
    LaterWindowClosed,
    ReasonMissing,
    Status,
    Window,
    WrongStep,
    abort,
    current_window,
    net,
    reconcile,
    replay,
    submit,
)
from tests.network import AIRLINE, HOTEL, Network, load_network
from tests.settlement.test_life import everything
from tests.settlement.trade import (
    MAKER,
    closings,
    done,
    given_up,
    money,
    seen,
    to_approved,
    to_closed,
    to_netted,
    trade,
)

HOTEL_TO_MILES = {"Hotel": -150_000_000, "Airline": 148_500_000, "operator": 1_500_000}
"""What 3,000 HOTEL for 1,980 MILES move in the positions, in micro-CNY."""


async def traded(database: Database) -> Network:
    """A network in which 3,000 HOTEL became 1,980 MILES."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    return network


async def _closed(database: Database) -> Window:
    return await to_closed(database)


async def _reconciled(database: Database) -> Window:
    return done(await reconcile(database, (await to_closed(database)).id, MAKER))


async def _submitted(database: Database) -> Window:
    return done(await submit(database, (await to_netted(database)).id, MAKER))


REACHED = {
    Status.CLOSED: _closed,
    Status.RECONCILED: _reconciled,
    Status.NETTED: to_netted,
    Status.SUBMITTED: _submitted,
    Status.APPROVED: to_approved,
}


@pytest.mark.parametrize("reached", REACHED)
async def test_the_lines_of_an_aborted_window_are_settled_with_the_next(database: Database, reached: Status) -> None:
    """All that was set aside or netted is taken back, and nothing of it is lost."""
    network = await traded(database)
    window = await REACHED[reached](database)
    assert window.status is reached
    assert (await given_up(database, window, reason="a wrong rate")).status is Status.ABORTED
    assert await money(network) == {
        "position of hotel": -150_000_000,
        "position of airline": 148_500_000,
        "position of operator": 1_500_000,
    }
    following = await to_approved(database)
    found = await seen(database, following.id)
    assert {found.names[p.participant_id]: p.opening for p in found.figures.positions if p.opening} == HOTEL_TO_MILES
    assert closings(found) == HOTEL_TO_MILES
    assert await money(network) == {
        "due of hotel": -150_000_000,
        "owed to airline": 148_500_000,
        "owed to operator": 1_500_000,
    }
    proof = await replay(database, following.id)
    assert getattr(proof, "agrees", False)


async def test_aborting_twice_changes_nothing(database: Database, superuser: Connection) -> None:
    await traded(database)
    window = await to_netted(database)
    done(await abort(database, window.id, MAKER, reason="a wrong rate"))
    before = await everything(superuser)
    assert done(await abort(database, window.id, MAKER, reason="a wrong rate")).status is Status.ABORTED
    assert await everything(superuser) == before


async def test_an_aborted_window_takes_no_other_step(database: Database) -> None:
    await traded(database)
    window = await to_closed(database)
    done(await abort(database, window.id, MAKER, reason="a wrong rate"))
    assert await reconcile(database, window.id, MAKER) == WrongStep(1, Status.ABORTED, Status.CLOSED)
    assert await net(database, window.id, MAKER) == WrongStep(1, Status.ABORTED, Status.RECONCILED)


async def test_an_abort_needs_a_reason_and_a_closed_window(database: Database) -> None:
    await load_network(database)
    window = await current_window(database)
    assert await abort(database, window.id, MAKER, reason=" ") == ReasonMissing()
    assert await abort(database, window.id, MAKER, reason="why not") == WrongStep(1, Status.OPEN, Status.CLOSED)


async def test_a_window_on_which_a_later_one_builds_cannot_be_aborted(
    database: Database, superuser: Connection
) -> None:
    await traded(database)
    first = await to_netted(database)
    await to_closed(database)
    before = await everything(superuser)
    assert await abort(database, first.id, MAKER, reason="a wrong rate") == LaterWindowClosed(1, 2)
    assert await everything(superuser) == before


async def test_an_abort_that_would_break_a_cap_is_refused(database: Database) -> None:
    """The hotel has used the room that netting made: taking the netting back would leave it below its cap."""
    network = await load_network(database, [HOTEL.replace('"100000.00"', '"200.00"'), AIRLINE])
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await to_netted(database)
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    before = await money(network)
    refused = await abort(database, window.id, MAKER, reason="a wrong rate")
    assert refused == NetDebitCapReached(network.brand_id("hotel"), needed=150_000_000, left=50_000_000)
    assert await money(network) == before
    assert (await seen(database, window.id)).window.status is Status.NETTED
