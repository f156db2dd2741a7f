"""What may be done about a break: by one person where no money moves, by two where lines or money are given up."""

from datetime import date, timedelta
from pathlib import Path

import asyncpg
import pytest

import ledger
import settlement
from core.database import Connection
from core.ids import new_id
from exchange import Exchange
from members import memberships_by_id
from settlement import Actor, ReasonMissing, Status
from settlement.cash import (
    OwnProposal,
    Proposal,
    ProposalEnded,
    ProposalNotFound,
    Verdict,
)
from settlement.cash import decide as decide_cash
from settlement.reconciliation.accepting import accept_suggestion, suggested_for
from settlement.reconciliation.breaks import Break, BreakState, EventKind, age_band
from settlement.reconciliation.disputing import propose_dispute, propose_dispute_end
from settlement.reconciliation.errors import (
    AmountsDiffer,
    BreakChanged,
    BreakNotFound,
    BreakNotOpen,
    DayPassed,
    Disputed,
    MoreThanDisputed,
    NotDisputed,
    NothingAtStake,
    NothingToMatch,
)
from settlement.reconciliation.finding import open_breaks
from settlement.reconciliation.resolving import decide, propose_match, propose_write_off
from settlement.reconciliation.work_list import (
    BreakHistory,
    assign,
    break_history,
    comment,
    explain,
    wait,
)
from tests.network import NOON, Network
from tests.settlement.reconciliation.statements import SHORT, Stated, taken, told, written
from tests.settlement.trade import CHECKER, MAKER, done, money, to_netted


async def history(network: Network, it: Break) -> BreakHistory:
    """The break now."""
    found = await break_history(network.database, it.id)
    assert isinstance(found, BreakHistory)
    return found


async def agreed(network: Network, proposed: object) -> object:
    """The checker's approval of a proposal."""
    assert isinstance(proposed, Proposal), proposed
    said = {"digest": proposed.digest, "reason": "seen the evidence"}
    return await decide(network.database, proposed.id, CHECKER, Verdict.APPROVED, **said)


async def test_one_person_may_speak_wait_and_hand_on(network: Network, broken: Break) -> None:
    """Comments, a new owner and a new due date are kept with who and when; nothing is posted and it stays open."""
    before = await money(network)
    await comment(network.database, broken.id, MAKER, "called the airline")
    await assign(network.database, broken.id, MAKER, CHECKER, reason="on holiday")
    await wait(network.database, broken.id, CHECKER, date(2026, 3, 1), reason="a correction is promised")
    today = network.database.clock.now().date()
    passed = await wait(network.database, broken.id, CHECKER, today - timedelta(days=1), reason="it came late")
    assert passed == DayPassed(today)
    now = await history(network, broken)
    assert (now.item.state, now.item.owner, now.item.due_on) == (BreakState.OPEN, "checker-3", date(2026, 3, 1))
    assert [(it.kind.value, it.actor, it.text) for it in now.events] == [
        ("OPENED", "maker-7", "AMOUNT"),
        ("COMMENT", "maker-7", "called the airline"),
        ("ASSIGNED", "maker-7", "to checker-3: on holiday"),
        ("WAIT", "checker-3", "until 2026-03-01: a correction is promised"),
    ]
    assert [it.id for it in await open_breaks(network.database, owner="checker-3")] == [broken.id]
    assert await open_breaks(network.database, owner="brand") == []
    assert await money(network) == before


async def test_evidence_resolves_until_the_lines_change(
    network: Network, received: Exchange, broken: Break, tmp_path: Path
) -> None:
    """The same file again leaves it resolved; a correction that still differs opens it again."""
    assert await explain(network.database, broken.id, MAKER, " ") == ReasonMissing()
    await explain(network.database, broken.id, MAKER, "contract, annex 3")
    assert await explain(network.database, broken.id, MAKER, "again") == BreakNotOpen()
    again = await taken(network, tmp_path, written([Stated("A-1", str(SHORT), str(received.id))]))
    assert (again.clean, again.events) == (True, {})
    turned = await taken(network, tmp_path, written([Stated("A-1", "1901", str(received.id))]), correcting=True)
    assert (turned.events, told(turned.breaks)) == ({EventKind.REOPENED: 1}, [("AMOUNT", -593)])


async def test_a_forced_match_needs_two_persons(
    network: Network, received: Exchange, broken: Break, tmp_path: Path
) -> None:
    """The lines are matched as they stand, and nothing is posted; a correction takes the match apart again."""
    before = await money(network)
    proposed = await propose_match(network.database, [broken.id], MAKER, reason="the airline rounds down")
    assert isinstance(proposed, Proposal)
    said = {"digest": proposed.digest, "reason": "mine"}
    own = await decide(network.database, proposed.id, Actor("MAKER-7"), Verdict.APPROVED, **said)
    assert own == OwnProposal("maker-7")
    elsewhere = await decide_cash(network.database, proposed.id, CHECKER, Verdict.APPROVED, reason="wrong door")
    assert elsewhere == ProposalNotFound()
    assert (await history(network, broken)).item.state is BreakState.OPEN
    assert isinstance(await agreed(network, proposed), Proposal)
    assert (await history(network, broken)).item.state is BreakState.CLOSED
    same = written([Stated("A-1", str(SHORT), str(received.id))])
    assert (await taken(network, tmp_path, same)).clean
    turned = await taken(network, tmp_path, written([Stated("A-1", "1", str(received.id))]), correcting=True)
    assert turned.events == {EventKind.REOPENED: 1}
    assert await money(network) == before


async def test_two_breaks_are_matched_with_each_other(network: Network, received: Exchange, tmp_path: Path) -> None:
    """What is missing on either side may be the same thing; one side alone matches nothing."""
    del received
    found = await taken(network, tmp_path, written([Stated("A-1", "1979", member="X1")]))
    ours, theirs = found.breaks
    assert await propose_match(network.database, [ours.id], MAKER, reason="it is") == NothingToMatch()
    proposed = await propose_match(network.database, [theirs.id, ours.id], MAKER, reason="a typing error")
    assert isinstance(await agreed(network, proposed), Proposal)
    assert await open_breaks(network.database) == []


async def test_what_was_proposed_is_what_is_decided(
    network: Network, received: Exchange, broken: Break, tmp_path: Path
) -> None:
    """A break that changed since cannot be decided on: what was proposed about it has lapsed, and nothing is posted."""
    before = await money(network)
    off = await propose_write_off(network.database, broken.id, 1_000_000, MAKER, reason="not worth a letter")
    await taken(network, tmp_path, written([Stated("A-1", "1950", str(received.id))]), correcting=True)
    lapsed = ProposalEnded(Verdict.LAPSED, "settlement job", BreakChanged().message)
    assert await agreed(network, off) == lapsed
    match = await propose_match(network.database, [broken.id], MAKER, reason="rounding")
    await taken(network, tmp_path, written([Stated("A-1", "1980", str(received.id))]), correcting=True)
    assert await agreed(network, match) == ProposalEnded(Verdict.LAPSED, "settlement job", BreakNotOpen().message)
    assert await money(network) == before


async def test_a_write_off_is_settled_with_the_open_window(network: Network, broken: Break) -> None:
    """6.00 go from the airline's position to the operator's; the window nets, and the audit agrees."""
    proposed = await propose_write_off(network.database, broken.id, 6_000_000, MAKER, reason="the airline is right")
    assert isinstance(await agreed(network, proposed), Proposal)
    assert await agreed(network, proposed) == await agreed(network, proposed)
    assert await money(network) == {
        "position of hotel": -150_000_000,
        "position of airline": 142_500_000,
        "position of operator": 7_500_000,
    }
    now = await history(network, broken)
    assert (now.item.state, now.item.at_stake, now.events[-1].kind) == (BreakState.RESOLVED, 0, EventKind.WRITE_OFF)
    window = await to_netted(network.database)
    assert done(window).status is Status.NETTED
    report = await ledger.audit(network.database, checks=settlement.AUDIT_CHECKS)
    assert report.whole, report.findings


async def test_a_write_off_comes_back_when_the_line_comes(
    network: Network, received: Exchange, broken: Break, tmp_path: Path
) -> None:
    """The lines agree after all: the break opens again until what was given up is taken back."""
    before = await money(network)
    await agreed(network, await propose_write_off(network.database, broken.id, 6_000_000, MAKER, reason="be it so"))
    right = written([Stated("A-1", "1980", str(received.id))])
    turned = await taken(network, tmp_path, right, correcting=True)
    assert (turned.events, told(turned.breaks)) == ({EventKind.REOPENED: 1}, [("AMOUNT", 600)])
    assert (await taken(network, tmp_path, right)).events == {}
    await agreed(network, await propose_write_off(network.database, broken.id, 6_000_000, MAKER, reason="take it back"))
    assert (await history(network, broken)).item.state is BreakState.CLOSED
    assert await money(network) == before


@pytest.mark.parametrize("amount", [0, -1, 6_000_001])
async def test_no_more_than_is_at_stake(network: Network, broken: Break, amount: int) -> None:
    refused = await propose_write_off(network.database, broken.id, amount, MAKER, reason="more")
    assert refused == NothingAtStake(6_000_000)


async def test_what_there_is_not(network: Network) -> None:
    """Unknown breaks and missing reasons are refused in every way."""
    database, nobody = network.database, new_id()
    assert await comment(database, nobody, MAKER, "hello") == BreakNotFound()
    assert await break_history(database, nobody) == BreakNotFound()
    assert await propose_match(database, [nobody], MAKER, reason="x") == BreakNotFound()
    assert await propose_match(database, [], MAKER, reason="x") == NothingToMatch()
    assert await propose_match(database, [nobody], MAKER, reason=" ") == ReasonMissing()
    assert await propose_write_off(database, nobody, 1, MAKER, reason="") == ReasonMissing()


async def test_the_database_refuses_what_two_persons_did_not_decide(
    network: Network, broken: Break, superuser: Connection
) -> None:
    """A write-off cannot be written round them, and one that was altered is named by the audit."""
    proposed = await propose_write_off(network.database, broken.id, 1_000_000, MAKER, reason="small")
    assert isinstance(proposed, Proposal)
    insert = "INSERT INTO settlement_write_off VALUES ($1, $2, $3, $1, 5, now())"
    with pytest.raises(asyncpg.RestrictViolationError):
        async with network.database.transaction() as connection:
            await connection.execute(insert, new_id(), broken.id, proposed.id)
    await agreed(network, proposed)
    await superuser.execute("UPDATE settlement_write_off SET amount_micro = amount_micro * 2")
    report = await ledger.audit(network.database, checks=settlement.AUDIT_CHECKS)
    assert {(it.check, it.column) for it in report.findings} == {
        ("write-offs", "amount"),
        ("write-offs", "amount_micro"),
    }


@pytest.mark.parametrize(
    ("days", "band"),
    [(0, "up to 7 days"), (7, "up to 7 days"), (8, "up to 30 days"), (90, "up to 90 days"), (91, "over 90 days")],
)
def test_age_bands(days: int, band: str) -> None:
    """By how many days it has been open."""
    assert age_band(NOON, NOON + timedelta(days=days)) == band


async def ended(network: Network, it: Break, *, won_micro: int) -> Break:
    """The break after its dispute."""
    proposed = await propose_dispute_end(network.database, it.id, MAKER, won_micro=won_micro, reason="both sides heard")
    assert isinstance(await agreed(network, proposed), Proposal)
    return (await history(network, it)).item


OUTCOMES = [
    (6_000_000, BreakState.RESOLVED, EventKind.DISPUTE_WON),
    (2_000_000, BreakState.OPEN, EventKind.DISPUTE_PARTLY_WON),
    (0, BreakState.OPEN, EventKind.DISPUTE_LOST),
]


@pytest.mark.parametrize(("won", "state", "told_as"), OUTCOMES)
async def test_a_dispute_moves_the_amount_until_it_is_decided(
    network: Network, broken: Break, won: int, state: BreakState, told_as: EventKind
) -> None:
    """6.00 leave the airline's position at once and are a balance of their own, which windows do not stumble over.

    What is lost comes back; what is won the operator gains; nothing is left in dispute, and the audit agrees.
    """
    before = await money(network)
    assert await propose_dispute_end(network.database, broken.id, MAKER, reason="?") == NotDisputed()
    proposed = await propose_dispute(network.database, broken.id, 6_000_000, MAKER, reason="the airline objects")
    assert isinstance(await agreed(network, proposed), Proposal)
    disputed = (await history(network, broken)).item
    assert (disputed.state, disputed.disputed, disputed.at_stake) == (BreakState.OPEN, -6_000_000, -6_000_000)
    assert disputed.disputed_at == NOON + timedelta(days=1)
    airline = before["position of airline"] - 6_000_000
    moved = before | {"position of airline": airline, "break_disputed of airline": 6_000_000}
    assert await money(network) == moved
    assert (await ledger.audit(network.database, checks=settlement.AUDIT_CHECKS)).whole
    again = await propose_dispute(network.database, broken.id, 1, MAKER, reason="again")
    assert again == await propose_write_off(network.database, broken.id, 1, MAKER, reason="both") == Disputed()
    more = await propose_dispute_end(network.database, broken.id, MAKER, won_micro=6_000_001, reason="more")
    assert more == MoreThanDisputed(6_000_000)
    done(await to_netted(network.database))
    report = await ledger.audit(network.database, checks=settlement.AUDIT_CHECKS)
    assert report.whole, report.findings
    after = await ended(network, broken, won_micro=won)
    assert (after.state, after.disputed, after.disputed_at, after.written_off) == (state, 0, None, -won)
    assert (await history(network, broken)).events[-1].kind is told_as
    assert (await money(network)).get("break_disputed of airline", 0) == 0
    done(await to_netted(network.database))
    report = await ledger.audit(network.database, checks=settlement.AUDIT_CHECKS)
    assert report.whole, report.findings


async def test_a_disputed_break_does_not_close_by_itself(
    network: Network, received: Exchange, broken: Break, tmp_path: Path
) -> None:
    """The lines agree after all: what was moved has to come back first."""
    before = await money(network)
    await agreed(network, await propose_dispute(network.database, broken.id, 6_000_000, MAKER, reason="it objects"))
    right = written([Stated("A-1", "1980", str(received.id))])
    assert (await taken(network, tmp_path, right, correcting=True)).events == {EventKind.REOPENED: 1}
    assert (await ended(network, broken, won_micro=0)).state is BreakState.CLOSED
    assert await money(network) == before


async def test_one_person_accepts_a_suggestion_of_one_amount(
    network: Network, received: Exchange, tmp_path: Path
) -> None:
    """Two breaks of one member and amount, days apart, are matched by a person with a reason; nothing is posted."""
    number = received.target.membership_id
    async with network.database.connection() as connection:
        card = (await memberships_by_id(connection, [number]))[number].number
    found = await taken(network, tmp_path, written([Stated("A-1", "1980", "typing error", card)]))
    ours, theirs = sorted(found.breaks, key=lambda it: not it.ours)
    for it, other in ((ours, theirs), (theirs, ours)):
        suggested = await suggested_for(network.database, it.id)
        assert isinstance(suggested, list)
        assert [each.id for each in suggested] == [other.id]
    assert await accept_suggestion(network.database, (ours.id, theirs.id), MAKER, reason=" ") == ReasonMissing()
    accepted = await accept_suggestion(network.database, (ours.id, theirs.id), MAKER, reason="same flight")
    assert isinstance(accepted, list)
    assert [it.state for it in accepted] == [BreakState.CLOSED] * 2
    assert (await history(network, ours)).events[-1].kind is EventKind.SUGGESTED
    again = await taken(network, tmp_path, written([Stated("A-1", "1980", "typing error", card)]))
    assert (again.clean, again.events) == (True, {})
    report = await ledger.audit(network.database, checks=settlement.AUDIT_CHECKS)
    assert report.whole, report.findings


async def test_a_suggestion_that_differs_needs_two(network: Network, received: Exchange, tmp_path: Path) -> None:
    """What differs in amount is given up by whoever matches it."""
    async with network.database.connection() as connection:
        cards = await memberships_by_id(connection, [received.target.membership_id])
    (card,) = cards.values()
    found = await taken(network, tmp_path, written([Stated("A-1", "1979", member=card.number)]))
    first, second = found.breaks
    refused = await accept_suggestion(network.database, (first.id, second.id), MAKER, reason="nearly")
    assert refused == AmountsDiffer(-1)
    assert len(await open_breaks(network.database)) == 2
