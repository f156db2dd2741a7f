"""What of a brand's file is not in our books, and the other way round: found, typed, priced, and closed by itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from exchange import Award, Exchange, Movement, award
from ledger.tracing import trace
from settlement.proof import BreakBehind, Explanation, explain
from settlement.reconciliation.break_kinds import BreakKind
from settlement.reconciliation.breaks import Break, BreakState, EventKind, events_of, read_breaks
from settlement.reconciliation.rules import Rule
from tests.network import Network, Person
from tests.settlement.reconciliation.statements import Stated, network_of, taken, told, written
from tests.settlement.trade import claim_lounge, money, trade

NEXT = "2026-01-16"


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """On the day that is stated."""
    return await network_of(pinned_database)


@pytest.fixture
async def ann(network: Network) -> Person:
    """A member of all three programs."""
    return await network.enrol({"HOTEL": 90_000, "MILES": 90_000, "BEANS": 0})


def stated(exchange: Exchange, key: str, *, member: str = "", sign: int = 1) -> Stated:
    """What the airline says of miles received."""
    return Stated(key, str(sign * exchange.conversion.target), str(exchange.id), member)


async def earn(network: Network, person: Person, amount: int, key: str) -> Movement:
    """The airline gives miles, under its own reference."""
    number = person.cards["MILES"].number
    done = await award(network.database, Award("MILES", number, amount, network.brand_id("airline"), "crm", key))
    assert isinstance(done, Movement), done
    return done


async def test_every_rule_on_real_books(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock, superuser: Connection
) -> None:
    """An exchange by our reference, an award by the brand's, a right by member, amount and day; nothing is posted."""
    (received,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    await earn(network, ann, 500, "FLIGHT-7")
    await claim_lounge(network, ann, "MILES")
    before = await superuser.fetchval("SELECT count(*) FROM ledger_transfer")
    clock.advance(timedelta(days=1))
    number = ann.cards["MILES"].number
    rows = [
        stated(received, "A-1"),
        Stated("FLIGHT-7", "500"),
        Stated("A-3", "-1500", member=f" {number[:4]}-{number[4:]}"),
    ]
    found = await taken(network, tmp_path, written(rows))
    assert found.matched == {Rule.REFERENCE: 1, Rule.BRAND_REFERENCE: 1, Rule.MEMBER: 1}
    assert (found.clean, found.breaks, found.suggestions) == (True, (), ())
    assert await superuser.fetchval("SELECT count(*) FROM ledger_transfer") == before
    again = await taken(network, tmp_path, written(rows))
    assert (again.clean, again.matched) == (True, {})


async def test_every_kind_is_found_and_no_other(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock
) -> None:
    """One of each, planted; each is worth what the airline gets for a mile, 0.075, or pays, 0.06."""
    orders = [(ann, "HOTEL", "MILES", 3_000 + 1_000 * n) for n in range(7)]
    good, absent, amount, asset, status, double, turned = await trade(network, *orders)
    refused = Stated("A-5", str(status.conversion.target), str(status.id), status="失败")
    rows = [
        stated(good, "A-1"),
        Stated("A-3", str(amount.conversion.target - 100), str(amount.id)),
        Stated("A-4", str(asset.conversion.target), str(asset.id), asset="BEANS"),
        refused,
        stated(double, "A-6"),
        stated(double, "A-7"),
        stated(turned, "A-8", sign=-1),
        Stated("A-9", "250", member="NOBODY"),
        Stated("A-10", "70", status="失败"),
    ]
    clock.advance(timedelta(days=1))
    found = await taken(network, tmp_path, written(rows))
    assert found.matched == {Rule.REFERENCE: 1}
    at_stake = {
        BreakKind.MISSING_AT_BRAND: -absent.conversion.target * 75_000,
        BreakKind.AMOUNT: -100 * 75_000,
        BreakKind.ASSET: -asset.conversion.target * 75_000,
        BreakKind.STATUS: -status.conversion.target * 75_000,
        BreakKind.DUPLICATE: double.conversion.target * 75_000,
        BreakKind.REVERSAL: -turned.conversion.target * (75_000 + 60_000),
        BreakKind.MISSING_HERE: 250 * 75_000,
    }
    assert {it.kind: it.at_stake for it in found.breaks} == at_stake
    assert len(found.breaks) == len(at_stake)
    assert [abs(it.at_stake) for it in found.breaks] == sorted((abs(it) for it in at_stake.values()), reverse=True)


async def test_a_break_closes_itself_when_the_line_comes(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock
) -> None:
    """The brand books a day later, in its next file; before that it is a break, from then on it is none."""
    (received,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    clock.advance(timedelta(days=1))
    found = await taken(network, tmp_path, written([]))
    assert told(found.breaks) == [("MISSING_AT_BRAND", -14_850)]
    clock.advance(timedelta(days=1))
    late = Stated("B-1", str(received.conversion.target), member=ann.cards["MILES"].number, day=NEXT)
    found = await taken(network, tmp_path, written([late], period=(NEXT, NEXT)))
    assert (found.clean, found.matched, found.events) == (True, {Rule.MEMBER: 1}, {EventKind.CLOSED: 1})


async def test_what_we_post_the_day_after_is_not_missing(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock
) -> None:
    """Days that no file has stated are not compared, but a line of the next day may be the brand's of this one."""
    clock.advance(timedelta(days=1))
    (received, _) = await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "HOTEL", "MILES", 5_000))
    found = await taken(network, tmp_path, written([stated(received, "A-1")]))
    assert (found.clean, found.matched) == (True, {Rule.REFERENCE: 1})


async def test_a_correction_replaces_by_key_and_keeps_history(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock, superuser: Connection
) -> None:
    """What agreed turns into a break, opens again when corrected back, and every version of the line stays."""
    (received,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    clock.advance(timedelta(days=1))
    right = stated(received, "A-1")
    assert (await taken(network, tmp_path, written([right]))).clean
    wrong = Stated("A-1", "1979", str(received.id))
    found = await taken(network, tmp_path, written([wrong]), correcting=True)
    assert (found.replaced, told(found.breaks), found.events) == (1, [("AMOUNT", -8)], {EventKind.OPENED: 1})
    closed = await taken(network, tmp_path, written([right, Stated("A-2", "0")]), correcting=True)
    assert (closed.replaced, closed.breaks_count, closed.events) == (1, 0, {EventKind.CLOSED: 1})
    assert [(it.line, it.value) for it in closed.quarantined] == [(3, "A-2")]  # nobody has stated it
    gone = await taken(network, tmp_path, written([Stated("A-1", "0")]), correcting=True)
    assert (told(gone.breaks), gone.events) == ([("MISSING_AT_BRAND", -14_850)], {EventKind.REOPENED: 1})
    lines = await superuser.fetch("SELECT amount, current FROM settlement_brand_line WHERE key = 'A-1' ORDER BY id")
    assert [tuple(line) for line in lines] == [(1980, False), (1979, False), (1980, False), (0, True)]
    async with network.database.connection() as connection:
        events = await events_of(connection, gone.breaks[0].id)
        (kept,) = await read_breaks(connection, "program_id = $1", network.program("MILES").id)
    assert [event.kind.value for event in events] == ["OPENED", "CLOSED", "REOPENED"]
    assert kept.state is BreakState.OPEN
    undone = await superuser.fetch("SELECT rule, undone_at IS NOT NULL FROM settlement_match")
    assert [tuple(row) for row in undone] == [("REFERENCE", True)] * 2


async def test_a_correction_of_one_part_frees_the_others(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock, superuser: Connection
) -> None:
    """All that was matched together is undone, and matched again when the part comes back."""
    (one,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    parts = [Stated(f"A-{n}", str(n), str(one.id)) for n in (380, 600, 1_000)]
    clock.advance(timedelta(days=1))
    assert (await taken(network, tmp_path, written(parts))).matched == {Rule.SPLIT: 1}
    less = await taken(network, tmp_path, written([Stated("A-600", "0")]), correcting=True)
    assert [it.kind.value for it in less.breaks] == ["DUPLICATE"]
    again = await taken(network, tmp_path, written([parts[1]]), correcting=True)
    assert (again.clean, again.matched) == (True, {Rule.SPLIT: 1})
    kept = await superuser.fetch("SELECT undone_at IS NULL, count(*) FROM settlement_match GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in kept] == [(False, 3), (True, 3)]


async def test_parts_and_days(network: Network, ann: Person, tmp_path: Path, clock: SettableClock) -> None:
    """One of ours in two parts, and all the rest of the day's in one sum."""
    one, two, three = await trade(network, *[(ann, "HOTEL", "MILES", 3_000)] * 3)
    whole = two.conversion.target + three.conversion.target
    parts = [Stated(f"A-{n}", str(n), str(one.id)) for n in (980, 1_000)]
    clock.advance(timedelta(days=1))
    found = await taken(network, tmp_path, written([*parts, Stated("SUM", str(whole))]))
    assert (found.clean, found.matched) == (True, {Rule.SPLIT: 1, Rule.BATCH: 1})


async def test_a_suggestion_is_never_applied(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock
) -> None:
    """A line that nearly fits is shown to a person; both sides stay breaks."""
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    clock.advance(timedelta(days=1))
    near = Stated("A-1", "1979", member=ann.cards["MILES"].number)
    found = await taken(network, tmp_path, written([near]))
    assert [it.theirs for it in found.suggestions] == ["A-1"]
    assert told(found.breaks) == [("MISSING_AT_BRAND", -14_850), ("MISSING_HERE", 14_842)]
    assert found.matched == {}
    assert (await money(network)) == {
        "position of hotel": -150_000_000,
        "position of airline": 148_500_000,
        "position of operator": 1_500_000,
    }


async def test_a_line_leads_to_its_break(network: Network, received: Exchange, broken: Break) -> None:
    """What a brand states otherwise is matched with nothing; from the money of the exchange one finds it as well."""
    async with network.database.connection() as connection:
        moved = await trace(connection, received.id)
    for transfer in moved:
        found = await explain(network.database, transfer.id)
        assert isinstance(found, Explanation)
        assert found.brand_lines == ()
        assert found.breaks == (BreakBehind(broken.id, "MILES", BreakKind.AMOUNT, BreakState.OPEN, ("A-1",)),)
