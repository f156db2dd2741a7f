"""The life of a window on the real ledger."""

from pathlib import Path

import pytest

from core.database import Connection, Database
from core.ids import new_id
from settlement import (
    Status,
    WindowNotFound,
    WrongStep,
    abort,
    current_window,
    overview,
    reject,
    replay,
    window_numbered,
    windows,
)
from tests.network import load_network
from tests.settlement.cash.bank import register
from tests.settlement.steps import STEPS
from tests.settlement.trade import (
    CHECKER,
    MAKER,
    claim_lounge,
    closings,
    done,
    money,
    pays,
    seen,
    to_advised,
    to_closed,
    trade,
    visit_lounge,
)

ORDER = [Status.OPEN, *STEPS]

_TABLES = """
SELECT relname FROM pg_class
WHERE relkind IN ('r', 'p') AND NOT relispartition AND relname ~ '^(settlement|ledger)_' ORDER BY relname
"""


async def everything(superuser: Connection) -> dict[str, list[str]]:
    """Every row of the settlement and of the ledger, by table."""
    tables = [row["relname"] for row in await superuser.fetch(_TABLES)]
    return {
        table: sorted(row["content"] for row in await superuser.fetch(f"SELECT t::text AS content FROM {table} AS t"))
        for table in tables
    }


async def test_a_window_from_trade_to_advice(database: Database, tmp_path: Path) -> None:
    """Exchange, grant and redemption end in one payment each way, and the positions are left with nothing."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 5_000})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    await visit_lounge(network, ann, await claim_lounge(network, ann, "MILES"))
    advice = await to_advised(database, tmp_path)
    assert advice.window.status is Status.ADVISED
    found = await seen(database, advice.window.id)
    # airline: 148.50 for miles issued, -90.00 for the points the visit was paid with, +80.00 for honouring it
    assert closings(found) == {"Hotel": -140_000_000, "Airline": 138_500_000, "operator": 1_500_000}
    assert pays(found) == [("Hotel", "operator", 14_000), ("operator", "Airline", 13_850)]
    assert await money(network) == {
        "due of hotel": -140_000_000,
        "owed to airline": 138_500_000,
        "owed to operator": 1_500_000,
    }
    assert [(step.status, step.actor) for step in found.steps] == [
        (Status.CLOSING, "maker-7"),
        *((status, "maker-7") for status in ORDER[1:5]),
        (Status.APPROVED, "checker-3"),
        (Status.ADVISED, "maker-7"),
    ]


async def test_every_step_taken_twice_changes_nothing(
    database: Database, superuser: Connection, tmp_path: Path
) -> None:
    network = await load_network(database)
    await register(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await current_window(database)
    for status, step in STEPS.items():
        assert done(await step(database, window.id, tmp_path)).status is status
        before = await everything(superuser)
        for again in list(STEPS.values())[: ORDER.index(status)]:
            assert done(await again(database, window.id, tmp_path)).status is status
        assert await everything(superuser) == before


@pytest.mark.parametrize("reached", ORDER[:-1])
async def test_a_step_out_of_order_is_refused_and_changes_nothing(
    reached: Status, database: Database, superuser: Connection, tmp_path: Path
) -> None:
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await current_window(database)
    for status in ORDER[1 : ORDER.index(reached) + 1]:
        done(await STEPS[status](database, window.id, tmp_path))
    before = await everything(superuser)
    for status in ORDER[ORDER.index(reached) + 2 :]:
        needed = ORDER[ORDER.index(status) - 1]
        assert await STEPS[status](database, window.id, tmp_path) == WrongStep(1, reached, needed)
    assert await everything(superuser) == before


async def test_a_window_that_does_not_exist(database: Database, tmp_path: Path) -> None:
    await load_network(database)
    nowhere = new_id()
    for step in STEPS.values():
        assert await step(database, nowhere, tmp_path) == WindowNotFound(str(nowhere))
    assert await abort(database, nowhere, MAKER, reason="a mistake") == WindowNotFound(str(nowhere))
    assert await reject(database, nowhere, CHECKER, reason="a mistake") == WindowNotFound(str(nowhere))
    assert await replay(database, nowhere) == WindowNotFound(str(nowhere))
    assert await overview(database, nowhere) == WindowNotFound(str(nowhere))
    assert await window_numbered(database, 7) == WindowNotFound("7")
    assert await windows(database) == []


async def test_windows_follow_each_other_without_a_gap(database: Database) -> None:
    """Each begins where the one before ended, and the latest come first."""
    await load_network(database)
    first, second = await to_closed(database), await to_closed(database)
    third = await current_window(database)
    assert [window.number for window in (first, second, third)] == [1, 2, 3]
    assert (first.after, second.after, third.after) == (None, first.cut_off_at, second.cut_off_at)
    assert third.cut_off_at is None
    assert await windows(database) == [third, second, first]
    assert await windows(database, limit=1, before=3) == [second]
    assert await window_numbered(database, 2) == second


async def test_an_open_window_shows_what_it_would_pay(database: Database, superuser: Connection) -> None:
    """The view before the close changes nothing and says what the close then finds."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await current_window(database)
    before = await everything(superuser)
    looked = await seen(database, window.id)
    assert await everything(superuser) == before
    assert closings(looked) == {"Hotel": -150_000_000, "Airline": 148_500_000, "operator": 1_500_000}
    assert pays(looked) == [("Hotel", "operator", 15_000), ("operator", "Airline", 14_850)]
    closed = await seen(database, (await to_closed(database)).id)
    assert closed.figures.positions == looked.figures.positions
    assert closed.figures.payments == looked.figures.payments


async def test_what_is_less_than_a_fen_waits_for_the_next_window(database: Database) -> None:
    """1,110 miles are worth 66.60, less a fee of 0.999: 656.01 beans for 65.601."""
    network = await load_network(database)
    ann = await network.enrol({"MILES": 5_000, "BEANS": 0})
    for opening, coffee_fen in ((0, 6_560), (1_000, 6_560), (2_000, 6_560)):
        await trade(network, (ann, "MILES", "BEANS", 1_110))
        found = await seen(database, (await to_closed(database)).id)
        opened = {found.names[p.participant_id]: p.opening for p in found.figures.positions if p.opening}
        assert opened == ({"Coffee": opening, "operator": -opening} if opening else {})
        assert pays(found) == [("Airline", "operator", 6_660), ("operator", "Coffee", coffee_fen)]
        assert found.figures.ties
