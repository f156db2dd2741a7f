"""From the payment order to the last fen: windows that settle by what the bank says."""

from importlib.resources import as_file, files
from pathlib import Path

import pytest
from xmlschema import XMLSchema

from core.database import Connection, Database
from ledger import audit
from settlement import AUDIT_CHECKS, AbortTooLate, CashSeen, Status, Window, WrongStep, abort, propose_abort
from settlement.cash.allocating import propose_allocation, unexplained_lines
from settlement.cash.deciding import decide
from settlement.cash.errors import (
    AccountsMissing,
    AllocationTooLarge,
    CashLineNotFound,
    OwnProposal,
    PaymentNotFound,
    ProposalEnded,
    StatementChanged,
    StatementGap,
    StatementOfOtherAccount,
    StatementUnreadable,
)
from settlement.cash.importing import Imported, import_bank_statements
from settlement.cash.instructing import Instructed, instruct
from settlement.cash.own import Purpose, propose_own
from settlement.cash.payments import due_payments
from settlement.cash.proposals import Proposal, Verdict
from settlement.cash.references import reference
from tests.network import Network, load_network
from tests.settlement.cash.bank import ACCOUNTS, Movement, advised, camt, register
from tests.settlement.test_life import everything
from tests.settlement.trade import CHECKER, MAKER, approved, money, seen, to_advised, to_netted, trade


async def instructed(database: Database, folder: Path) -> tuple[Network, Window]:
    """The same window after the bank was told."""
    network, window = await advised(database, folder)
    answer = await instruct(database, window.id, MAKER, folder=folder)
    assert isinstance(answer, Instructed), answer
    return network, answer.window


async def references(database: Database) -> dict[str, str]:
    """The open payments' references, by participant; one window at a time."""
    return {payment.participant: payment.reference for payment in await due_payments(database)}


async def took_in(database: Database, content: bytes) -> Imported:
    """What an import brought."""
    answer = await import_bank_statements(database, content, MAKER)
    assert isinstance(answer, Imported), answer
    return answer


async def whole(database: Database) -> None:
    """The audit finds nothing."""
    report = await audit(database, checks=AUDIT_CHECKS)
    assert report.whole, report.findings


async def test_a_window_that_settles_by_itself(database: Database, tmp_path: Path) -> None:
    """The receipt funds it, the payout settles it, and the bank holds the operator's fee and its own money."""
    network, window = await instructed(database, tmp_path)
    assert window.status is Status.INSTRUCTED
    named = await references(database)
    first = await took_in(database, camt("S1", 0, Movement(1_000_00), Movement(150_00, f"settlement {named['hotel']}")))
    assert (first.statements, first.movements, first.matched, first.unexplained) == (1, 2, 1, 1)
    (line,) = await unexplained_lines(database)
    await approved(database, await propose_own(database, line.id, Purpose.FUNDS, 1_000_00, MAKER, reason="the start"))
    assert [(moved.number, moved.status) for moved in first.moved] == [(1, Status.FUNDED)]
    second = await took_in(database, camt("S2", 1_150_00, Movement(-148_50, end_to_end_id=named["airline"])))
    assert [(moved.number, moved.status) for moved in second.moved] == [(1, Status.SETTLED)]
    assert await money(network) == {"bank": -1_001_500_000, "funds": 1_001_500_000}
    assert await due_payments(database) == []
    assert [step.status for step in (await seen(database, window.id)).steps][-3:] == [
        *(Status.INSTRUCTED, Status.FUNDED, Status.SETTLED)
    ]
    await whole(database)


async def test_an_order_is_valid_and_written_again_the_same(database: Database, tmp_path: Path) -> None:
    """Even when a bank account has changed since."""
    network, window = await advised(database, tmp_path)
    first = await instruct(database, window.id, MAKER, folder=tmp_path)
    assert isinstance(first, Instructed)
    assert first.path is not None
    assert (first.path.name, first.total_fen) == ("AGIO-000001.pain.001.xml", 148_50)
    content = first.path.read_bytes()
    with as_file(files("sepaxml") / "schemas" / "pain.001.001.09.xsd") as schema:
        XMLSchema(schema).validate(content.decode())
    before = await money(network)
    await register(database, ["airline"])
    again = await instruct(database, window.id, MAKER, folder=tmp_path / "again")
    assert isinstance(again, Instructed)
    assert again.path is not None
    assert again.path.read_bytes() == content
    assert await money(network) == before


async def test_nobody_is_paid_without_an_agreed_account(database: Database, tmp_path: Path) -> None:
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 50_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = (await to_advised(database, tmp_path)).window
    await register(database, ["hotel"])
    refused = await instruct(database, window.id, MAKER, folder=tmp_path)
    assert refused == AccountsMissing(("airline", "operator"))
    assert (await seen(database, window.id)).window.status is Status.ADVISED


async def test_a_window_is_not_instructed_before_it_is_advised(database: Database, tmp_path: Path) -> None:
    await load_network(database)
    window = await to_netted(database)
    refused = await instruct(database, window.id, MAKER, folder=tmp_path)
    assert refused == WrongStep(1, Status.NETTED, Status.ADVISED)


async def test_a_window_without_payments_settles_at_once(database: Database, tmp_path: Path) -> None:
    await load_network(database)
    window = (await to_advised(database, tmp_path)).window
    answer = await instruct(database, window.id, MAKER, folder=tmp_path)
    assert isinstance(answer, Instructed)
    assert (answer.window.status, answer.path, answer.total_fen) == (Status.SETTLED, None, 0)


async def test_parts_late_and_too_much(database: Database, tmp_path: Path) -> None:
    """Two parts pay the hotel's due; what comes beyond it lies in suspense, in nobody's favour."""
    network, _ = await instructed(database, tmp_path)
    named = await references(database)
    part = await took_in(database, camt("S1", 0, Movement(100_00, named["hotel"])))
    assert part.moved == ()
    assert {it.participant: it.open_fen for it in await due_payments(database)} == {"hotel": 50_00, "airline": 148_50}
    rest = await took_in(database, camt("S2", 100_00, Movement(60_00, account=ACCOUNTS["hotel"].number)))
    assert (rest.matched, rest.unexplained) == (0, 1)  # not the exact amount, and no reference
    last = await took_in(database, camt("S3", 160_00, Movement(70_00, named["hotel"])))
    assert (last.matched, last.unexplained) == (1, 1)
    assert [moved.status for moved in last.moved] == [Status.FUNDED]
    assert await money(network) == {
        "bank": -230_000_000,
        "suspense": 80_000_000,
        "owed to airline": 148_500_000,
        "owed to operator": 1_500_000,
    }
    await whole(database)


async def test_a_receipt_by_account_and_amount(database: Database, tmp_path: Path) -> None:
    await instructed(database, tmp_path)
    found = await took_in(database, camt("S1", 0, Movement(150_00, account=ACCOUNTS["hotel"].number)))
    assert [moved.status for moved in found.moved] == [Status.FUNDED]


async def test_an_unknown_receipt_is_given_to_a_payment_by_two_persons(database: Database, tmp_path: Path) -> None:
    network, window = await instructed(database, tmp_path)
    await took_in(database, camt("S1", 0, Movement(150_00, "no reference at all")))
    (line,) = await unexplained_lines(database)
    assert (line.amount_fen, line.left_fen, line.text) == (150_00, 150_00, "no reference at all")
    (due,) = [payment for payment in await due_payments(database) if payment.incoming]
    proposed = await propose_allocation(database, line.id, due.id, 150_00, MAKER, reason="the hotel wrote to us")
    assert isinstance(proposed, Proposal)
    before = await money(network)
    assert await decide(database, proposed.id, MAKER, Verdict.APPROVED, reason="so it is") == OwnProposal("maker-7")
    assert await money(network) == before
    for _ in range(2):
        decided = await decide(database, proposed.id, CHECKER, Verdict.APPROVED, reason="seen the letter")
        assert isinstance(decided, Proposal)
        assert decided.verdict is Verdict.APPROVED
    assert (await seen(database, window.id)).window.status is Status.FUNDED
    assert await unexplained_lines(database) == []
    await whole(database)


async def test_what_cannot_be_given_to_a_payment(database: Database, tmp_path: Path) -> None:
    """More than there is, the other direction, what does not exist; and what was true when proposed, but no longer."""
    _, window = await instructed(database, tmp_path)
    await took_in(database, camt("S1", 0, Movement(149_00, "?")))
    (line,) = await unexplained_lines(database)
    payments = {payment.participant: payment.id for payment in await due_payments(database)}
    for amount in (149_01, 0, -1):
        refused = await propose_allocation(database, line.id, payments["hotel"], amount, MAKER, reason="why")
        assert refused == AllocationTooLarge(left_fen=149_00, open_fen=150_00)
    refused = await propose_allocation(database, line.id, payments["airline"], 1, MAKER, reason="why")
    assert refused == PaymentNotFound()
    refused = await propose_allocation(database, window.id, payments["hotel"], 1, MAKER, reason="why")
    assert refused == CashLineNotFound()
    proposed = await propose_allocation(database, line.id, payments["hotel"], 149_00, MAKER, reason="why")
    assert isinstance(proposed, Proposal)
    named = await references(database)
    await took_in(database, camt("S2", 149_00, Movement(10_00, named["hotel"])))
    late = await decide(database, proposed.id, CHECKER, Verdict.APPROVED, reason="fine")
    assert late == AllocationTooLarge(left_fen=149_00, open_fen=140_00)
    rejected = await decide(database, proposed.id, CHECKER, Verdict.REJECTED, reason="too late")
    assert rejected == ProposalEnded(Verdict.LAPSED, "settlement job", late.message)


async def test_the_first_statement_begins_with_an_empty_account(database: Database, superuser: Connection) -> None:
    """Nobody brings in own money alone: what was there before is a receipt that two persons explain."""
    await load_network(database)
    await register(database)
    before = await everything(superuser)
    for opening in (5_00, -5_00):
        answer = await import_bank_statements(database, camt("S1", opening, Movement(10_00)), MAKER)
        assert answer == StatementGap("S1", expected_fen=0, found_fen=opening)
        assert "agio settle own" in answer.message
    assert await everything(superuser) == before


REFUSED = {
    "the file is no XML": (b"not XML", StatementUnreadable),
    "another account": (camt("S2", 150_00, account="999999"), StatementOfOtherAccount),
    "one statement is missing": (camt("S3", 200_00), StatementGap),
    "last month's": (camt("S0", 0), StatementGap),
    "the same name with other content": (camt("S1", 0, Movement(150_01)), StatementChanged),
    "a movement that was there before": (camt("S2", 150_00, Movement(1, key="S1-0")), StatementUnreadable),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_statement_that_is_refused_changes_nothing(
    database: Database, superuser: Connection, tmp_path: Path, case: str
) -> None:
    content, refusal = REFUSED[case]
    await instructed(database, tmp_path)
    await took_in(database, camt("S1", 0, Movement(150_00, "?")))
    before = await everything(superuser)
    assert isinstance(await import_bank_statements(database, content, MAKER), refusal)
    assert await everything(superuser) == before


async def test_the_same_statement_again_changes_nothing(
    database: Database, superuser: Connection, tmp_path: Path
) -> None:
    await instructed(database, tmp_path)
    content = camt("S1", 0, Movement(150_00, (await references(database))["hotel"]))
    await took_in(database, content)
    before = await everything(superuser)
    assert await took_in(database, content) == Imported(0, 0, 0, 0, ())
    assert await everything(superuser) == before


async def test_a_window_that_money_was_seen_for_cannot_be_aborted(database: Database, tmp_path: Path) -> None:
    """A debtor may pay on the advice, before the bank is told anything."""
    _, window = await advised(database, tmp_path)
    await took_in(database, camt("S1", 0, Movement(1_00, (await references(database))["hotel"])))
    assert await abort(database, window.id, MAKER, reason="a wrong rate") == CashSeen(1)
    assert (await seen(database, window.id)).window.status is Status.ADVISED


async def test_a_window_that_is_instructed_cannot_be_aborted(database: Database, tmp_path: Path) -> None:
    _, window = await instructed(database, tmp_path)
    refused = await abort(database, window.id, MAKER, reason="a wrong rate")
    assert refused == AbortTooLate(1, Status.INSTRUCTED)
    assert "corrected by an adjustment" in refused.message
    assert await propose_abort(database, window.id, MAKER, reason="a wrong rate") == refused


async def test_the_reference_stands_on_the_statement(database: Database, tmp_path: Path) -> None:
    """What the debtor is asked to write is what the bank's statement is searched for."""
    await advised(database, tmp_path)
    text = (tmp_path / "window-000001" / "hotel.csv").read_text("utf-8-sig")
    assert (await references(database))["hotel"] in text
    assert (await references(database))["hotel"] in {reference(1, place) for place in (1, 2)}
