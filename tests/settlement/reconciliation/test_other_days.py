"""What a brand states under our reference is compared with ours, whichever day either of them booked."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from exchange.saga.postings import reversal_id
from exchange.saga.reversals import Reversal
from exchange.saga.reversing import ReversalRequest, reverse
from settlement import close, decide
from settlement.cash import Proposal, Verdict, proposals
from settlement.reconciliation.break_kinds import BreakKind
from settlement.reconciliation.disputing import propose_dispute
from settlement.reconciliation.errors import NothingAtStake
from settlement.reconciliation.reconciling import Reconciled
from settlement.reconciliation.resolving import propose_write_off
from settlement.reconciliation.rules import Rule
from tests.network import Network, Person
from tests.settlement.reconciliation.statements import DAY, Stated, network_of, taken, told, written
from tests.settlement.trade import CHECKER, MAKER, money, trade

BEFORE, LONG_BEFORE = "2026-01-14", "2026-01-05"
MILE = 75_000


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """On the fifteenth."""
    return await network_of(pinned_database)


@pytest.fixture
async def ann(network: Network) -> Person:
    """A member who trades."""
    return await network.enrol({"HOTEL": 90_000, "MILES": 0})


async def of_day(network: Network, folder: Path, day: str, *rows: tuple[str, int, object]) -> Reconciled:
    """What a file of this day alone comes to: (the brand's name, amount, our reference)."""
    lines = [Stated(key, str(amount), str(reference), day=day) for key, amount, reference in rows]
    return await taken(network, folder, written(lines, period=(day, day)))


@pytest.mark.parametrize("day", [BEFORE, LONG_BEFORE])
async def test_another_amount_on_another_day_is_no_missing_line(
    network: Network, ann: Person, tmp_path: Path, day: str
) -> None:
    """At risk is the difference alone, our line is shown, and no more than that can be given up."""
    exact, other = await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "HOTEL", "MILES", 5_000))
    amount = other.conversion.target
    rows = ("m1", exact.conversion.target, exact.id), ("m2", amount - 68, other.id)
    found = await of_day(network, tmp_path, day, *rows)
    assert found.matched == {Rule.REFERENCE: 1}
    (it,) = found.breaks
    assert (it.kind, it.at_stake) == (BreakKind.AMOUNT, -68 * MILE)
    assert [(line.reference, line.amount) for line in it.ours] == [(str(other.id), amount)]
    whole = (amount - 68) * MILE
    assert await propose_write_off(network.database, it.id, whole, MAKER, reason="x") == NothingAtStake(68 * MILE)
    again = await of_day(network, tmp_path, day, *rows)
    assert (again.events, told(again.breaks)) == ({}, told(found.breaks))


@pytest.mark.parametrize("day", [BEFORE, LONG_BEFORE])
async def test_stated_twice_on_another_day_is_a_duplicate(
    network: Network, ann: Person, tmp_path: Path, day: str
) -> None:
    """One too many is at risk, not both; a correction that takes it back closes it."""
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    amount = made.conversion.target
    found = await of_day(network, tmp_path, day, ("m1", amount, made.id), ("m1x", amount, made.id))
    (it,) = found.breaks
    assert (it.kind, it.at_stake, len(it.ours), len(it.theirs)) == (BreakKind.DUPLICATE, amount * MILE, 1, 2)
    correction = written([Stated("m1x", "0", day=day)], period=(day, day))
    assert (await taken(network, tmp_path, correction, correcting=True)).clean


@pytest.mark.parametrize("day", [BEFORE, LONG_BEFORE])
async def test_what_was_refused_on_another_day_is_told(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock, day: str
) -> None:
    """We posted it, the brand refused it: all of ours is at risk, until the brand states it after all."""
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    amount = made.conversion.target
    refused = Stated("m1", str(amount), str(made.id), day=day, status="失败")
    found = await taken(network, tmp_path, written([refused], period=(day, BEFORE)))
    (it,) = found.breaks
    assert (it.kind, it.at_stake) == (BreakKind.STATUS, -amount * MILE)
    assert [(line.reference, line.amount) for line in it.ours] == [(str(made.id), amount)]
    assert [(stated.line.key, stated.booked) for stated in it.theirs] == [("m1", False)]
    clock.advance(timedelta(days=1))
    assert (await of_day(network, tmp_path, DAY, ("m2", amount, made.id))).clean


async def test_what_was_refused_and_is_matched_is_harmless(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock
) -> None:
    """The brand tried twice: what it booked is the exchange, whatever it refused on another day."""
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    row = "m1", made.conversion.target, made.id
    assert (await of_day(network, tmp_path, BEFORE, row)).clean
    clock.advance(timedelta(days=1))
    refused = Stated("m2", str(made.conversion.target), str(made.id), status="失败")
    assert (await taken(network, tmp_path, written([refused]))).clean


async def test_a_line_of_the_day_before_is_known_when_its_own_day_comes(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock
) -> None:
    """The break stays the same one; the line that was named is not missing at the brand as well."""
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    found = await of_day(network, tmp_path, BEFORE, ("m1", made.conversion.target - 1, made.id))
    clock.advance(timedelta(days=1))
    after = await of_day(network, tmp_path, DAY)
    assert [it.id for it in after.breaks] == [it.id for it in found.breaks]
    assert after.events == {}


async def test_what_a_correction_of_another_day_frees_is_compared_again(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock
) -> None:
    """Our line lies far from the days of the correction, which names it no longer."""
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    clock.advance(timedelta(days=1))
    row = Stated("m1", str(made.conversion.target), str(made.id), day=LONG_BEFORE)
    assert (await taken(network, tmp_path, written([row], period=(LONG_BEFORE, DAY)))).clean
    back = written([Stated("m1", "0", day=LONG_BEFORE)], period=(LONG_BEFORE, LONG_BEFORE))
    (it,) = (await taken(network, tmp_path, back, correcting=True)).breaks
    assert (it.kind, [line.reference for line in it.ours]) == (BreakKind.MISSING_AT_BRAND, [str(made.id)])


async def test_what_lies_in_another_window_is_told(
    network: Network, ann: Person, tmp_path: Path, clock: SettableClock
) -> None:
    """The amount agrees; the days do not, and a window ended between them."""
    await trade(network, (ann, "HOTEL", "MILES", 2_000))
    clock.advance(timedelta(days=1))
    await close(network.database, MAKER)
    clock.advance(timedelta(days=2))
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    found = await of_day(network, tmp_path, DAY, ("m1", made.conversion.target, made.id))
    assert found.matched == {Rule.REFERENCE: 1}
    (window,) = [it for it in found.breaks if it.kind is BreakKind.WINDOW]
    assert [line.reference for line in window.ours] == [str(made.id)]


async def test_what_is_here_is_not_given_up_as_missing(
    network: Network, ann: Person, tmp_path: Path, superuser: Connection
) -> None:
    """Nothing can be moved for a break that says so of an exchange that is posted."""
    found = await of_day(network, tmp_path, BEFORE, ("m1", 500, ""))
    (it,) = found.breaks
    assert it.kind is BreakKind.MISSING_HERE
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    named = f'{{"reference": "{made.id}"}}'
    await superuser.execute(_NAME, it.id, named)
    assert await propose_write_off(network.database, it.id, 1, MAKER, reason="again") == NothingAtStake(0)
    assert await propose_dispute(network.database, it.id, 1, MAKER, reason="again") == NothingAtStake(0)


_NAME = """
UPDATE settlement_break SET theirs = jsonb_set(theirs, '{0,line}', theirs -> 0 -> 'line' || $2::text::jsonb)
WHERE id = $1
"""


@pytest.mark.parametrize("propose", [propose_write_off, propose_dispute])
async def test_what_came_meanwhile_is_not_given_up_when_it_is_approved(
    network: Network, ann: Person, tmp_path: Path, propose: Callable[..., Awaitable[object]]
) -> None:
    """The brand took points back before we did: missing here, and proposed as such. Then we post it: nothing moves."""
    (made,) = await trade(network, (ann, "HOTEL", "MILES", 3_000))
    found = await of_day(network, tmp_path, BEFORE, ("m1", -made.conversion.target, reversal_id(made.id, 1)))
    (it,) = found.breaks
    assert it.kind is BreakKind.MISSING_HERE
    proposed = await propose(network.database, it.id, abs(it.at_stake), MAKER, reason="it is not ours")
    assert isinstance(proposed, Proposal), proposed
    undone = await reverse(network.database, ReversalRequest(made.id, "desk", "key", "a mistake", None))
    assert isinstance(undone, Reversal), undone
    before = await money(network)
    database, digest = network.database, proposed.digest
    decided = await decide(database, proposed.id, CHECKER, Verdict.APPROVED, digest=digest, reason="seen")
    assert decided == NothingAtStake(0)
    assert decided == NothingAtStake(0)
    assert await money(network) == before
    (left,) = await proposals(network.database, open_only=False)
    assert (left.verdict, left.decided_reason) == (Verdict.LAPSED, NothingAtStake(0).message)
