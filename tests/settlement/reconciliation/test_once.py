"""What differs in points and in CNY is at risk once, wherever its lines lie and however many there are."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from brands import Program
from core.clock import SettableClock
from core.database import Connection, Database
from settlement import close
from settlement.reconciliation.break_kinds import BreakKind, StatedLine
from settlement.reconciliation.comparing import OurSide
from settlement.reconciliation.files import Covered
from settlement.reconciliation.finding import BreakPage, Wanted, find_page
from settlement.reconciliation.line import MONEY, Line, money_key
from settlement.reconciliation.our_lines import lay_out_ours
from settlement.reconciliation.reconciling import Reconciled, reconcile_program
from settlement.reconciliation.remainder import CHUNK, lines_left
from settlement.reconciliation.set_matching import match_staged
from settlement.reconciliation.staging import open_staging, stage_theirs
from tests.network import AIRLINE, COFFEE, HOTEL, Network, load_network
from tests.settlement.reconciliation.test_matching import DAY, line
from tests.settlement.reconciliation.test_planted import HEADERS, MONEY_FILE, Row, Total
from tests.settlement.trade import MAKER, trade

MILE = 75_000
YUAN = 1_000_000


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """The airline states CNY as well."""
    return await load_network(pinned_database, (HOTEL, AIRLINE + MONEY_FILE, COFFEE))


async def nothing(connection: Connection, program: Program, first_day: date, last_day: date, *, in_money: bool) -> None:
    """Our side where nothing is left of it."""


async def taken(network: Network, folder: Path, rows: Sequence[Row], our_side: OurSide = lay_out_ours) -> Reconciled:
    """What a file of one day comes to."""
    total, path = Total(), folder / "money.csv"
    text = HEADERS + "".join(row.text(total) for row in rows)
    text += f"合计,航空,{total.count},{total.points},{DAY},{DAY},,{total.micro / YUAN:.6f}\r\n"
    path.write_bytes(text.encode("gb18030"))
    found = await reconcile_program(network.database, network.program("MILES"), path, MAKER, our_side=our_side)
    assert isinstance(found, Reconciled), found
    return found


async def at_risk(network: Network) -> tuple[int, int]:
    """How many breaks are open, and what is at risk in all of them."""
    page = await find_page(network.database, Wanted())
    assert isinstance(page, BreakPage), page
    return page.count, page.at_risk_micro


async def test_a_pair_is_counted_once_where_a_chunk_ends_between_its_lines(
    network: Network, clock: SettableClock, tmp_path: Path
) -> None:
    """One row in points alone comes first, so that every other line is the first half of a pair."""
    clock.advance(timedelta(days=1))
    rows = [Row("A", "", "", 10, DAY), *(Row(f"B{n:04}", "", "", 10, DAY, YUAN) for n in range(CHUNK // 2 + 1))]
    found = await taken(network, tmp_path, rows)
    assert found.breaks_count == 1 + 2 * (CHUNK // 2 + 1)
    assert await at_risk(network) == (found.breaks_count, 10 * MILE + (CHUNK // 2 + 1) * YUAN)


async def test_a_pair_stays_together_where_other_names_lie_between(
    network: Network, clock: SettableClock, tmp_path: Path
) -> None:
    """The CNY of `A` is called `A` and a sign, and so many names begin with `A`."""
    clock.advance(timedelta(days=1))
    rows = [Row("A", "", "", 10, DAY, YUAN), *(Row(f"A{n:04}", "", "", 10, DAY) for n in range(CHUNK))]
    await taken(network, tmp_path, rows)
    assert await at_risk(network) == (CHUNK + 2, YUAN + 10 * CHUNK * MILE)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
async def test_whatever_is_about_one_thing_is_read_at_once(database: Database, chunk: int) -> None:
    """With or without our reference; nothing is lost, and no more than a chunk and one thing is held at a time."""
    ids = [str(UUID(int=n)) for n in range(2)]
    named = [line(f"n{n}", 5, ids[n % 2]) for n in range(6)]
    alone = [line(f"a{n}", 5, ("", "batch 7")[n % 2]) for n in range(12)]
    both = [
        each
        for it in (*named, *alone)
        for each in (it, Line(money_key(it.key), it.reference, it.key, MONEY, 7, "", it.day))
    ]
    stated = [StatedLine(str(UUID(int=n)), booked=True, line=it) for n, it in enumerate(both, 1)]
    async with database.transaction() as connection:
        await open_staging(connection)
        await stage_theirs(connection, enumerate(stated, 1))
        await match_staged(connection, {})
        found = [left.theirs async for left in lines_left(connection, Covered(DAY, DAY), chunk=chunk)]
    assert sorted(it.line.key for part in found for it in part) == sorted(it.key for it in both)
    things = [{it.line.thing for it in part} for part in found]
    assert sum(map(len, things)) == len(set().union(*things)) == len(ids) + len(alone)
    assert max(map(len, found)) <= chunk + len(named)


async def test_what_lies_in_another_window_is_at_risk_once(
    network: Network, clock: SettableClock, tmp_path: Path
) -> None:
    """Points and CNY agree, and both are stated in the window before: two breaks, one amount."""
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 2_000))
    clock.advance(timedelta(days=1))
    await close(network.database, MAKER)
    clock.advance(timedelta(days=2))
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    worth = made.conversion.credit_micro
    row = Row("m1", str(made.id), "", made.conversion.target, DAY, worth)
    found = await taken(network, tmp_path, [row])
    windows = [it for it in found.breaks if it.kind is BreakKind.WINDOW]
    assert sorted(abs(it.at_stake) for it in windows) == [0, worth]


async def test_a_late_success_stated_in_points_and_in_money(
    network: Network, clock: SettableClock, superuser: Connection, tmp_path: Path
) -> None:
    """The brand did what we had given up, and says what it books for it: two breaks, at risk once, in CNY."""
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    await superuser.execute("UPDATE exchange_exchange SET state = 'REFUNDED' WHERE id = $1", made.id)
    clock.advance(timedelta(days=1))
    row = Row("m1", str(made.id), "", made.conversion.target, DAY, 150 * YUAN)
    for _ in range(2):
        found = await taken(network, tmp_path, [row], our_side=nothing)
        assert sorted((it.kind, it.at_stake) for it in found.breaks) == [
            (BreakKind.LATE_SUCCESS, 0),
            (BreakKind.LATE_SUCCESS, 150 * YUAN),
        ]
        assert {it.exchange_id for it in found.breaks} == {made.id}
