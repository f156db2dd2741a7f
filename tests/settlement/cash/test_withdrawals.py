"""Deposits that are paid back or pay what is late, and movements at the bank that are the operator's own."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from ledger import audit
from settlement import AUDIT_CHECKS, Status, decide
from settlement.cash import (
    AccountsMissing,
    AmountTooLarge,
    CashLineUsed,
    Imported,
    Kind,
    NotLate,
    OwnProposal,
    PaidBack,
    PaymentNotFound,
    Proposal,
    ProposalOpen,
    Purpose,
    Verdict,
    WithdrawalNotFound,
    WrongDirection,
    deposits,
    due_payments,
    import_bank_statements,
    instruct,
    late_payers,
    pay_back,
    proposals,
    propose_allocation,
    propose_draw,
    propose_own,
    propose_tolerance,
    propose_top_up,
    propose_withdrawal,
    unexplained_lines,
    withdrawals,
)
from settlement.cash.proposals import keep_proposal
from settlement.cash.references import Referred, find_references, paying_back
from settlement.errors import ReasonMissing
from tests.network import Network, load_network
from tests.settlement.cash.bank import Movement, advised, camt, register
from tests.settlement.trade import CHECKER, MAKER, approved, seen, to_advised, trade

_PURPOSES = """
SELECT purpose, sum(credits_posted - debits_posted)::bigint AS net FROM ledger_account
WHERE purpose = ANY($1::text[]) GROUP BY purpose HAVING sum(credits_posted - debits_posted) <> 0 ORDER BY purpose
"""

MONEY = (
    "bank",
    "suspense",
    "funds",
    "prefund",
    "withdrawn",
    "due",
    "owed",
    "write_off",
    "bank_charges",
    "bank_interest",
)


async def whole(database: Database) -> None:
    report = await audit(database, checks=AUDIT_CHECKS)
    assert report.whole, report.findings


async def received(database: Database, name: str, before_fen: int, *movements: Movement) -> None:
    answer = await import_bank_statements(database, camt(name, before_fen, *movements), MAKER)
    assert isinstance(answer, Imported), answer


async def nets(superuser: Connection) -> dict[str, int]:
    """What each kind of account holds in all, in fen; credits positive."""
    return {row["purpose"]: row["net"] // 10_000 for row in await superuser.fetch(_PURPOSES, list(MONEY))}


async def deposited(database: Database, fen: int = 200_00) -> Network:
    """The hotel has so much deposited in the network's own model."""
    network = await load_network(database)
    await register(database)
    await received(database, "S1", 0, Movement(fen, "deposit of the hotel"))
    (line,) = await unexplained_lines(database)
    await approved(database, await propose_top_up(database, line.id, "hotel", "network", fen, MAKER, reason="deposit"))
    return network


async def test_a_deposit_is_paid_back_by_two_persons_and_proven_by_the_bank(
    database: Database, superuser: Connection, tmp_path: Path
) -> None:
    """80.00 of 200.00: decided, ordered, paid in two parts; each step once, however often it is taken."""
    await deposited(database)
    made = await propose_withdrawal(database, "hotel", "network", 80_00, MAKER, reason="contract of May")
    assert isinstance(made, Proposal)
    assert await nets(superuser) == {"bank": -200_00, "prefund": 200_00}
    await approved(database, made)
    await approved(database, made)
    assert [(it.held_fen, it.earmarked_fen) for it in await deposits(database)] == [(120_00, 0)]
    (waiting,) = await withdrawals(database)
    assert (waiting.participant, waiting.open_fen, waiting.ordered_at) == ("hotel", 80_00, None)
    ordered = [await pay_back(database, waiting.id, who, folder=tmp_path) for who in (MAKER, CHECKER)]
    assert [it.total_fen for it in ordered if isinstance(it, PaidBack)] == [80_00, 80_00]
    written = (tmp_path / "AGIO-D000000001.pain.001.xml").read_text()
    assert (waiting.reference in written, '<InstdAmt Ccy="CNY">80.00<' in written) == (True, True)
    await received(database, "S2", 200_00, Movement(-50_00, waiting.reference))
    assert [(it.open_fen, it.reference) for it in await withdrawals(database)] == [(30_00, waiting.reference)]
    await whole(database)
    await received(database, "S3", 150_00, Movement(-30_00, account="622200000002"))
    assert await withdrawals(database) == []
    assert [it.open_fen for it in await withdrawals(database, open_only=False)] == [0]
    assert await nets(superuser) == {"bank": -120_00, "prefund": 120_00}
    await whole(database)


async def test_what_is_not_ordered_takes_no_money_from_the_bank(database: Database) -> None:
    """A payment out with the right reference before anybody told the bank is explained by persons, not by itself."""
    await deposited(database)
    await approved(database, await propose_withdrawal(database, "hotel", "network", 80_00, MAKER, reason="contract"))
    (waiting,) = await withdrawals(database)
    await received(database, "S2", 200_00, Movement(-80_00, waiting.reference))
    assert [it.left_fen for it in await unexplained_lines(database)] == [80_00]
    await whole(database)


async def test_a_movement_is_given_to_what_is_paid_back_by_two_persons(database: Database, tmp_path: Path) -> None:
    await deposited(database)
    await approved(database, await propose_withdrawal(database, "hotel", "network", 80_00, MAKER, reason="contract"))
    (waiting,) = await withdrawals(database)
    await pay_back(database, waiting.id, MAKER, folder=tmp_path)
    await received(database, "S2", 200_00, Movement(-80_01, "no reference"))
    (line,) = await unexplained_lines(database)
    await approved(database, await propose_allocation(database, line.id, waiting.id, 80_00, MAKER, reason="called"))
    assert await withdrawals(database) == []
    assert [it.left_fen for it in await unexplained_lines(database)] == [1]
    await whole(database)


async def test_a_deposit_that_is_used_is_not_paid_back(database: Database, tmp_path: Path) -> None:
    """More than there is, nothing, of nobody, for no reason, by oneself, to no account: refused, and nothing moves."""
    await deposited(database)
    for fen in (0, -1, 200_01):
        assert await propose_withdrawal(database, "hotel", "network", fen, MAKER, reason="r") == AmountTooLarge(200_00)
    for who, model in (("nobody", "network"), ("operator", "network"), ("hotel", "nowhere")):
        answer = await propose_withdrawal(database, who, model, 1, MAKER, reason="r")
        assert type(answer).__name__ in {"UnknownParticipant", "NotInModel"}
    assert await propose_withdrawal(database, "hotel", "network", 1, MAKER, reason=" ") == ReasonMissing()
    assert await propose_withdrawal(database, "coffee", "network", 1, MAKER, reason="r") == AmountTooLarge(0)
    made = await propose_withdrawal(database, "hotel", "network", 200_00, MAKER, reason="r")
    other = await propose_withdrawal(database, "hotel", "network", 1, MAKER, reason="r")
    assert isinstance(made, Proposal)
    assert isinstance(other, Proposal)
    own = await decide(database, made.id, MAKER, Verdict.APPROVED, digest=made.digest, reason="mine")
    assert own == OwnProposal(MAKER.subject)
    await approved(database, made)
    late = await decide(database, other.id, CHECKER, Verdict.APPROVED, digest=other.digest, reason="seen")
    assert late == AmountTooLarge(0)
    assert await pay_back(database, made.id, MAKER, folder=tmp_path) == WithdrawalNotFound()
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240
    await whole(database)


async def test_nobody_without_an_account_is_paid_back(database: Database, tmp_path: Path) -> None:
    await load_network(database)
    await register(database, ["operator"])
    await received(database, "S1", 0, Movement(50_00))
    (line,) = await unexplained_lines(database)
    await approved(database, await propose_top_up(database, line.id, "hotel", "network", 50_00, MAKER, reason="r"))
    await approved(database, await propose_withdrawal(database, "hotel", "network", 50_00, MAKER, reason="r"))
    (waiting,) = await withdrawals(database)
    assert await pay_back(database, waiting.id, MAKER, folder=tmp_path) == AccountsMissing(("hotel",))
    assert [it.ordered_at for it in await withdrawals(database)] == [None]


async def test_two_approvals_at_once_take_a_deposit_only_once(database: Database) -> None:
    """Five proposals of 60.00 each of 200.00, approved at once on connections of their own: three are."""
    await deposited(database)
    made = [await propose_withdrawal(database, "hotel", "network", 60_00, MAKER, reason="r") for _ in range(5)]
    answers = await asyncio.gather(
        *(
            decide(database, it.id, CHECKER, Verdict.APPROVED, digest=it.digest, reason="seen")
            for it in made
            if isinstance(it, Proposal)
        )
    )
    assert sorted(type(it).__name__ for it in answers) == [*["AmountTooLarge"] * 2, *["Proposal"] * 3]
    assert [it.held_fen for it in await deposits(database)] == [20_00]
    await whole(database)


async def test_a_receipt_is_not_proposed_as_a_deposit_twice(database: Database) -> None:
    """What is claimed waits for its decision; once it is rejected the rest is free, once it is approved it is used."""
    await load_network(database)
    await register(database)
    await received(database, "S1", 0, Movement(100_00))
    (line,) = await unexplained_lines(database)
    first = await propose_top_up(database, line.id, "hotel", "network", 70_00, MAKER, reason="r")
    assert isinstance(first, Proposal)
    for fen in (100_00, 30_01):
        again = await propose_top_up(database, line.id, "hotel", "network", fen, MAKER, reason="r")
        assert again == ProposalOpen(first.id, "TOP_UP", MAKER.subject, 30_00)
    await decide(database, first.id, CHECKER, Verdict.REJECTED, digest=first.digest, reason="the amount is wrong")
    await approved(database, await propose_top_up(database, line.id, "hotel", "network", 100_00, MAKER, reason="r"))
    assert await propose_top_up(database, line.id, "hotel", "network", 1, MAKER, reason="r") == CashLineUsed()


async def test_two_approvals_at_once_explain_a_movement_only_once(database: Database) -> None:
    """A receipt of 100.00: as a deposit, and as own money, twice, all approved at once: one of them is."""
    await load_network(database)
    await register(database)
    await received(database, "S1", 0, Movement(100_00))
    (line,) = await unexplained_lines(database)
    made = [await propose_top_up(database, line.id, "hotel", "network", 100_00, MAKER, reason="r")]
    content = {"cash_id": str(line.id), "amount_fen": 100_00}
    async with database.transaction() as connection:  # as they stood before a second one was refused
        for purpose in (Purpose.BANK_INTEREST, Purpose.FUNDS):
            what = content | {"purpose": purpose.value}
            made.append(await keep_proposal(connection, Kind.OWN, what, MAKER, "r", database.clock))
    answers = await asyncio.gather(
        *(
            decide(database, it.id, CHECKER, Verdict.APPROVED, digest=it.digest, reason="seen")
            for it in made
            if isinstance(it, Proposal)
        )
    )
    assert sorted(type(it).__name__ for it in answers) == ["CashLineUsed", "CashLineUsed", "Proposal"]
    assert await unexplained_lines(database) == []
    await whole(database)


async def test_what_is_late_is_drawn_from_the_deposit(
    pinned_database: Database, clock: SettableClock, superuser: Connection, tmp_path: Path
) -> None:
    """150.00 are three days late; 100.00 of them are taken from the deposit, and 50.00 stay late."""
    database = pinned_database
    network = await deposited(database, 100_00)
    ann = await network.enrol({"HOTEL": 50_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await settled_as_far_as_the_bank(database, tmp_path)
    (due,) = [it for it in await due_payments(database) if it.incoming]
    early = await propose_draw(database, due.id, "network", 100_00, MAKER, reason="late")
    assert early == NotLate(0)
    clock.advance(timedelta(days=3))
    assert [it.open_fen for it in await late_payers(database)] == [150_00]
    for fen in (0, 100_01):
        answer = await propose_draw(database, due.id, "network", fen, MAKER, reason="late")
        assert answer == AmountTooLarge(100_00)
    assert await propose_draw(database, window, "network", 1, MAKER, reason="late") == PaymentNotFound()
    made = await propose_draw(database, due.id, "network", 100_00, MAKER, reason="late")
    assert isinstance(made, Proposal)
    assert made.kind is Kind.DRAW
    own = await decide(database, made.id, MAKER, Verdict.APPROVED, digest=made.digest, reason="mine")
    assert own == OwnProposal(MAKER.subject)
    await approved(database, made)
    await approved(database, made)
    (late,) = await late_payers(database)
    assert (late.participant, late.open_fen, late.oldest.days) == ("hotel", 50_00, 3)
    assert await deposits(database) == []
    assert (await nets(superuser))["due"] == -50_00
    await whole(database)
    await received(database, "S2", 100_00, Movement(50_00, due.reference))
    assert (await seen(database, window)).window.status is Status.FUNDED
    assert await late_payers(database) == []
    await whole(database)


async def settled_as_far_as_the_bank(database: Database, folder: Path) -> UUID:
    advice = await to_advised(database, folder)
    await instruct(database, advice.window.id, MAKER, folder=folder)
    return advice.window.id


@pytest.mark.parametrize(
    ("purpose", "fen", "holds"),
    [
        (Purpose.BANK_CHARGE, -12_50, {"bank": 12_50, "bank_charges": -12_50}),
        (Purpose.BANK_INTEREST, 3_21, {"bank": -3_21, "bank_interest": 3_21}),
        (Purpose.DIFFERENCE, 10_00, {"bank": -10_00, "write_off": 10_00}),
        (Purpose.DIFFERENCE, -1, {"bank": 1, "write_off": -1}),
        (Purpose.FUNDS, 5_000_00, {"bank": -5_000_00, "funds": 5_000_00}),
        (Purpose.FUNDS, -70_00, {"bank": 70_00, "funds": -70_00}),
    ],
)
async def test_a_movement_can_be_the_operators_own(
    database: Database, superuser: Connection, purpose: Purpose, fen: int, holds: dict[str, int]
) -> None:
    await load_network(database)
    await register(database)
    await received(database, "S1", 0, Movement(fen))
    (line,) = await unexplained_lines(database)
    for wrong in (0, abs(fen) + 1):
        assert isinstance(await propose_own(database, line.id, purpose, wrong, MAKER, reason="r"), AmountTooLarge)
    await approved(database, await propose_own(database, line.id, purpose, abs(fen), MAKER, reason="r"))
    assert await unexplained_lines(database) == []
    assert await propose_own(database, line.id, purpose, 1, MAKER, reason="r") == CashLineUsed()
    assert await nets(superuser) == holds
    await whole(database)


@pytest.mark.parametrize(("purpose", "fen"), [(Purpose.BANK_INTEREST, -3_21), (Purpose.BANK_CHARGE, 12_50)])
async def test_the_bank_takes_charges_and_pays_interest(database: Database, purpose: Purpose, fen: int) -> None:
    """Not the other way round: nothing is proposed."""
    await load_network(database)
    await register(database)
    await received(database, "S1", 0, Movement(fen))
    (line,) = await unexplained_lines(database)
    waiting = await proposals(database)
    refused = await propose_own(database, line.id, purpose, 1, MAKER, reason="r")
    assert refused == WrongDirection(purpose.value, fen > 0)
    assert await proposals(database) == waiting


async def test_only_little_is_a_difference(database: Database) -> None:
    await load_network(database)
    await register(database)
    await received(database, "S1", 0, Movement(10_01))
    (line,) = await unexplained_lines(database)
    answer = await propose_own(database, line.id, Purpose.DIFFERENCE, 10_01, MAKER, reason="r")
    assert answer == AmountTooLarge(10_00)


async def test_small_differences_on_both_sides_end_at_zero(
    database: Database, superuser: Connection, tmp_path: Path
) -> None:
    """149.50 came for 150.00 and 148.00 went for 148.50: given up on either side, nothing is due or owed any more."""
    _, window = await advised(database, tmp_path)
    await instruct(database, window.id, MAKER, folder=tmp_path)
    due, owed = sorted(await due_payments(database), key=lambda it: not it.incoming)
    await received(database, "S1", 0, Movement(149_50, due.reference), Movement(-148_00, owed.reference))
    for payment in (due, owed):
        await approved(database, await propose_tolerance(database, payment.id, 50, MAKER, reason="the bank kept it"))
    assert (await seen(database, window.id)).window.status is Status.SETTLED
    assert await nets(superuser) == {"bank": -1_50, "funds": 1_50}
    await whole(database)


def test_what_pays_back_has_a_reference_of_its_own() -> None:
    written = paying_back(7)
    assert len(written) == 18
    assert find_references(f"zu {written[:9]} {written[9:].lower()}") == frozenset({Referred(0, 7)})
    assert find_references(written.replace("7", "8")) == frozenset()
