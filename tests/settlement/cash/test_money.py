"""Money that is not simply paid: deposits, disputes, small differences, money sent back; each with its posting."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid5

import pytest

from core.clock import SettableClock
from core.database import Database
from exchange import Acceptance, Exchange, QuoteRequest, accept, quote
from exchange.offers import Quote
from ledger import audit
from settlement import (
    AUDIT_CHECKS,
    Status,
    Window,
    advise,
    close,
    decide,
    net,
    overview,
    propose_adjustment,
    reconcile,
    submit,
    windows,
)
from settlement import approve as approve_window
from settlement.cash import (
    AmountTooLarge,
    CashLineNotFound,
    Imported,
    Instructed,
    Kind,
    Outcome,
    OwnProposal,
    PaymentNotFound,
    Proposal,
    ProposalChanged,
    Verdict,
    deposits,
    disputes,
    due_payments,
    import_bank_statements,
    instruct,
    late_payers,
    propose_dispute,
    propose_end,
    propose_returned,
    propose_tolerance,
    propose_top_up,
    unexplained_lines,
)
from settlement.cash.errors import NotInModel, OneParticipant, WindowNotClosed
from settlement.errors import ReasonMissing
from settlement.proof import LinePage, LinesWanted, lines_of
from tests.network import Network, Person, load_network
from tests.settlement.agreed import agree_on
from tests.settlement.cash.bank import Movement, advised, camt, register
from tests.settlement.trade import CHECKER, MAKER, approved, done, money, seen, trade

PREPAID = """
model = "air"
funding = "prefunded"
pairs = [["hotel", "airline"]]
"""


async def whole(database: Database) -> None:
    report = await audit(database, checks=AUDIT_CHECKS)
    assert report.whole, report.findings


async def received(database: Database, name: str, before_fen: int, *movements: Movement) -> None:
    answer = await import_bank_statements(database, camt(name, before_fen, *movements), MAKER)
    assert isinstance(answer, Imported), answer


async def exchanged(network: Network, person: Person, amount: int) -> object:
    found = await quote(network.database, QuoteRequest(person.id, "HOTEL", "MILES", amount))
    if not isinstance(found, Quote):
        return found
    return await accept(network.database, Acceptance(found.id, person.id, f"{amount}-{found.id}"))


async def instructed(database: Database, folder: Path, model: str = "network") -> Window:
    """The model's open window, taken as far as the bank's order."""
    window = done(await close(database, MAKER, model=model))
    done(await reconcile(database, window.id, MAKER))
    done(await net(database, window.id, MAKER))
    done(await submit(database, window.id, MAKER))
    digest = (await seen(database, window.id)).figures.digest
    done(await approve_window(database, window.id, CHECKER, digest=digest, reason="compared"))
    await advise(database, window.id, MAKER, folder=folder)
    answer = await instruct(database, window.id, MAKER, folder=folder)
    assert isinstance(answer, Instructed), answer
    return answer.window


async def test_a_deposit_widens_the_cap_and_pays_what_is_due(database: Database, tmp_path: Path) -> None:
    """Nothing may be owed before 200.00 are deposited; then 150.00 may, and the deposit pays them at the order."""
    network = await load_network(database)
    await register(database)
    await agree_on(database, PREPAID)
    ann = await network.enrol({"HOTEL": 50_000, "MILES": 0})
    assert type(await exchanged(network, ann, 3_000)).__name__ == "NetDebitCapReached"
    await received(database, "S1", 0, Movement(200_00, "deposit of the hotel"))
    (line,) = await unexplained_lines(database)
    await approved(database, await propose_top_up(database, line.id, "hotel", "air", 200_00, MAKER, reason="deposit"))
    assert [(it.participant, it.model, it.held_fen, it.earmarked_fen) for it in await deposits(database)] == [
        ("hotel", "air", 200_00, 0)
    ]
    assert await unexplained_lines(database) == []
    assert isinstance(await exchanged(network, ann, 3_000), Exchange)
    assert type(await exchanged(network, ann, 3_000)).__name__ == "NetDebitCapReached"  # 50.00 are left
    await whole(database)
    window = await instructed(database, tmp_path, "air")
    assert window.status is Status.FUNDED
    assert [(it.held_fen, it.earmarked_fen) for it in await deposits(database)] == [(50_00, 0)]
    assert type(await exchanged(network, ann, 3_000)).__name__ == "NetDebitCapReached"  # still 50.00
    assert isinstance(await exchanged(network, ann, 1_000), Exchange)
    (owed,) = await due_payments(database)
    await received(database, "S2", 200_00, Movement(-148_50, owed.reference))
    assert (await seen(database, window.id)).window.status is Status.SETTLED
    await whole(database)


async def test_what_is_earmarked_widens_no_cap_until_the_bank_is_told(database: Database) -> None:
    """Netting gives the position its room back; the deposit that will pay for it takes the same room away."""
    network = await load_network(database)
    await register(database)
    await agree_on(database, PREPAID)
    ann = await network.enrol({"HOTEL": 50_000, "MILES": 0})
    await received(database, "S1", 0, Movement(200_00))
    (line,) = await unexplained_lines(database)
    await approved(database, await propose_top_up(database, line.id, "hotel", "air", 200_00, MAKER, reason="deposit"))
    assert isinstance(await exchanged(network, ann, 3_000), Exchange)
    window = done(await close(database, MAKER, model="air"))
    done(await reconcile(database, window.id, MAKER))
    done(await net(database, window.id, MAKER))
    assert [(it.held_fen, it.earmarked_fen) for it in await deposits(database)] == [(200_00, 150_00)]
    assert type(await exchanged(network, ann, 3_000)).__name__ == "NetDebitCapReached"
    await whole(database)


async def test_a_dispute_lets_the_window_settle_and_stays_in_sight(database: Database, tmp_path: Path) -> None:
    """50.00 of 150.00 are disputed: the rest settles the window; 30.00 come later, 20.00 are written off."""
    _, window = await advised(database, tmp_path)
    await instruct(database, window.id, MAKER, folder=tmp_path)
    due, owed = sorted(await due_payments(database), key=lambda it: not it.incoming)
    await approved(database, await propose_dispute(database, due.id, 50_00, MAKER, reason="nights not stayed"))
    await received(database, "S1", 0, Movement(100_00, due.reference), Movement(-148_50, owed.reference))
    assert (await seen(database, window.id)).window.status is Status.SETTLED
    (found,) = await disputes(database)
    assert (found.participant, found.window, found.open_fen, found.reason) == ("hotel", 1, 50_00, "nights not stayed")
    assert await propose_end(database, found.id, Outcome.WRITTEN_OFF, 50_01, MAKER, reason="x") == AmountTooLarge(50_00)
    assert await propose_end(database, found.id, Outcome.PAID, 30_00, MAKER, reason="x") == CashLineNotFound()
    await received(database, "S2", -48_50, Movement(30_00, "for the nights"))
    (line,) = await unexplained_lines(database)
    paid = await propose_end(database, found.id, Outcome.PAID, 30_00, MAKER, reason="it came", cash_id=line.id)
    assert isinstance(paid, Proposal)
    assert "for the nights" in paid.content["cash"]
    await approved(database, paid)
    await approved(database, await propose_end(database, found.id, Outcome.WRITTEN_OFF, 20_00, MAKER, reason="agreed"))
    assert await disputes(database) == []
    assert [it.open_fen for it in await disputes(database, open_only=False)] == [0]
    assert "suspense" not in await money(await _network(database))
    await whole(database)


async def _network(database: Database) -> Network:
    return await load_network(database)


async def test_a_small_difference_may_be_given_up_by_two_persons(database: Database, tmp_path: Path) -> None:
    """The bank kept 1.00 of 150.00; more than one per cent is no small difference."""
    _, window = await advised(database, tmp_path)
    await instruct(database, window.id, MAKER, folder=tmp_path)
    due, owed = sorted(await due_payments(database), key=lambda it: not it.incoming)
    assert await propose_tolerance(database, owed.id, 1_49, MAKER, reason="x") == AmountTooLarge(1_48)
    assert await propose_dispute(database, owed.id, 1_00, MAKER, reason="x") == PaymentNotFound()
    await received(database, "S1", 0, Movement(149_00, due.reference))
    assert await propose_tolerance(database, due.id, 1_01, MAKER, reason="x") == AmountTooLarge(1_00)
    await approved(database, await propose_tolerance(database, due.id, 1_00, MAKER, reason="the bank's fee"))
    assert (await seen(database, window.id)).window.status is Status.FUNDED
    assert [it.id for it in await due_payments(database)] == [owed.id]
    await whole(database)


async def test_money_that_was_sent_back_explains_itself(database: Database) -> None:
    await load_network(database)
    await register(database)
    await received(database, "S1", 0, Movement(70_00, "a stranger"), Movement(-70_00, "back to the stranger"))
    out, into = sorted(await unexplained_lines(database), key=lambda it: it.amount_fen)
    assert await propose_returned(database, out.id, into.id, 70_00, MAKER, reason="x") == CashLineNotFound()
    await approved(database, await propose_returned(database, into.id, out.id, 70_00, MAKER, reason="not ours"))
    assert await unexplained_lines(database) == []
    await whole(database)


async def test_an_adjustment_is_settled_with_the_next_window(database: Database) -> None:
    """12.345678 more from the hotel to the airline because of window 1: its figures stand, window 2 has a line."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 50_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    standing = (await windows(database)) or [done(await close(database, MAKER))]
    first = done(await close(database, MAKER)) if standing[0].status is Status.OPEN else standing[0]
    before = (await seen(database, first.id)).figures.digest
    current = (await windows(database))[0]
    open_one = await propose_adjustment(database, current.id, "hotel", "airline", 1, MAKER, reason="x")
    assert open_one == WindowNotClosed(current.number)
    itself = await propose_adjustment(database, first.id, "hotel", "hotel", 5, MAKER, reason="x")
    assert itself == OneParticipant("hotel")
    proposed = await propose_adjustment(database, first.id, "hotel", "airline", 12_345_678, MAKER, reason="wrong rate")
    await approved(database, proposed)
    assert (await seen(database, first.id)).figures.digest == before
    second = done(await close(database, MAKER))
    done(await reconcile(database, second.id, MAKER))
    lines = {
        (it.participant_id, s.code): s.credits - s.debits
        for it in (await seen(database, second.id)).figures.positions
        for s in it.subtotals
    }
    hotel, airline = network.brand_id("hotel"), network.brand_id("airline")
    assert lines == {(hotel, 32): -12_345_678, (airline, 32): 12_345_678}
    page = await lines_of(database, LinesWanted(second.id, "airline"))
    assert isinstance(page, LinePage)
    assert [it.detail for it in page.lines] == [f"adjustment of window {first.number}"]
    await whole(database)


async def test_late_payers_are_listed_by_age(pinned_database: Database, clock: SettableClock, tmp_path: Path) -> None:
    _, window = await advised(pinned_database, tmp_path)
    assert await late_payers(pinned_database) == []
    for days, band in ((2, "DAYS_2"), (5, "DAYS_7"), (23, "DAYS_30")):
        clock.advance(timedelta(days=days))
        (found,) = await late_payers(pinned_database)
        assert (found.participant, found.open_fen, [b.value for b, _ in found.by_band]) == ("hotel", 150_00, [band])
    assert isinstance(await overview(pinned_database, window.id), object)


async def test_nobody_is_late_before_the_due_day_is_over(
    pinned_database: Database, clock: SettableClock, tmp_path: Path
) -> None:
    """Advised on a Thursday before a long holiday: two days later the bank has not even opened."""
    await load_network(pinned_database)
    await agree_on(pinned_database, 'model = "network"\n[schedule]\nholidays = [2026-01-16, 2026-01-17, 2026-01-18]\n')
    await advised(pinned_database, tmp_path)
    (due,) = [it for it in await due_payments(pinned_database) if it.incoming]
    assert str(due.due_on) == "2026-01-19"
    for days, late in ((4, []), (1, ["hotel"])):
        clock.advance(timedelta(days=days))
        assert [it.participant for it in await late_payers(pinned_database)] == late


async def test_every_decision_needs_a_second_person_a_reason_and_the_digest(database: Database, tmp_path: Path) -> None:
    """Nothing of the money moves while any of the three is wrong."""
    network, _ = await advised(database, tmp_path)
    due = next(it for it in await due_payments(database) if it.incoming)
    assert await propose_dispute(database, due.id, 50_00, MAKER, reason=" ") == ReasonMissing()
    proposed = await propose_dispute(database, due.id, 50_00, MAKER, reason="nights not stayed")
    assert isinstance(proposed, Proposal)
    before = await money(network)
    digest = proposed.digest
    own = await decide(database, proposed.id, MAKER, Verdict.APPROVED, digest=digest, reason="mine")
    assert own == OwnProposal(MAKER.subject)
    other = await decide(database, proposed.id, CHECKER, Verdict.APPROVED, digest="0" * 64, reason="seen")
    assert other == ProposalChanged(digest)
    nothing = await decide(database, proposed.id, CHECKER, Verdict.APPROVED, digest=digest, reason=" ")
    assert nothing == ReasonMissing()
    assert await money(network) == before
    assert proposed.kind is Kind.DISPUTE


@pytest.mark.parametrize("place", range(2))
async def test_a_deposit_names_a_receipt_and_a_model_that_there_are(database: Database, place: int) -> None:
    await load_network(database)
    await register(database)
    await agree_on(database, PREPAID)
    await received(database, "S1", 0, Movement(200_00))
    (line,) = await unexplained_lines(database)
    wrong: list[tuple[UUID, str, str, int, object]] = [
        (uuid5(line.id, "other"), "hotel", "air", 1, CashLineNotFound()),
        (line.id, "coffee", "air", 1, NotInModel("coffee", "air")),
    ]
    cash_id, who, model, fen, refused = wrong[place]
    assert await propose_top_up(database, cash_id, who, model, fen, MAKER, reason="x") == refused
    for amount in (0, -1, 200_01):
        answer = await propose_top_up(database, line.id, "hotel", "air", amount, MAKER, reason="x")
        assert answer == AmountTooLarge(200_00)
