"""How an audit runs: over one instant, in pieces, with the checks of other packages, and with a plain report."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from ledger import Account, AuditProgress, Finding, SqlCheck, Transfer, audit, post
from ledger.audit import CHECKS, Books, Span
from ledger.audit import chain as audit_chain
from ledger.audit import run as audit_run
from ledger.audit import span as audit_span
from tests.ledger.small_book import SmallBook, seal_all, write_small_book


@pytest.fixture
async def book(pinned_database: Database, clock: SettableClock) -> SmallBook:
    """A small book, sealed."""
    written = await write_small_book(pinned_database, clock)
    await seal_all(pinned_database, entries_per_seal=5)
    return written


@pytest.mark.usefixtures("book")
async def test_counts_tell_what_was_looked_at(pinned_database: Database) -> None:
    """A clean report says over how many rows it is clean."""
    report = await audit(pinned_database)
    assert report.whole
    assert (report.counts["ledger_account"], report.counts["ledger_transfer"]) == (7, 22)
    assert report.counts["ledger_refusal"] == 1


@pytest.mark.usefixtures("book")
async def test_progress_reaches_the_end(pinned_database: Database) -> None:
    """Progress counts up to its total, one by one, and names the check."""
    seen: list[AuditProgress] = []
    await audit(pinned_database, progress=seen.append)
    assert [step.done for step in seen] == list(range(1, seen[-1].total + 1))
    assert {step.check for step in seen} == {check.name for check in CHECKS}


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("workers", [1, 3])
async def test_small_pieces_find_what_large_ones_find(
    pinned_database: Database, superuser: Connection, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """However the books are divided among however many connections, the findings are the same, in the same order."""
    await superuser.execute("alter table ledger_transfer disable trigger append_only")
    await superuser.execute(
        "update ledger_transfer set amount = amount + 1 where kind = 1 and debit_account_id in "
        "(select id from ledger_account where purpose = 'member')"
    )
    expected = (await audit(pinned_database)).findings
    monkeypatch.setattr(audit_span, "TRANSFERS_PER_SPAN", 2)
    monkeypatch.setattr(audit_span, "ACCOUNTS_PER_SPAN", 1)
    found = (await audit(pinned_database, workers=workers)).findings
    assert set(found) == set(expected)
    assert [finding.check for finding in found] == [finding.check for finding in expected]
    assert len(found) > 5


async def test_small_pieces_of_what_was_not_recorded_in_the_order_of_transactions(
    pinned_database: Database,
    book: SmallBook,
    clock: SettableClock,
    superuser: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A transaction that got its number first and recorded last stands in another piece than the one before it."""
    for _ in range(2):  # three transfers each time, so that pieces of two are cut in both ways
        first, second, third = (Transfer(new_id(), book.bank.id, book.shop.id, 1, 2) for _ in range(3))
        late = superuser.transaction()
        await late.start()
        await superuser.fetchval("select pg_current_xact_id()")
        async with pinned_database.transaction() as connection:
            await post(connection, [first], clock=clock)
        await post(superuser, [second], clock=clock)
        await late.commit()
        async with pinned_database.transaction() as connection:
            await post(connection, [third], clock=clock)
    monkeypatch.setattr(audit_span, "TRANSFERS_PER_SPAN", 1)
    assert (await audit(pinned_database)).findings == []


@pytest.mark.usefixtures("book")
async def test_an_audit_that_has_found_enough_stops(
    pinned_database: Database, superuser: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Books in ruins do not make an endless list."""
    await superuser.execute("update ledger_account set debits_posted = debits_posted + 1 where limits = 0")
    monkeypatch.setattr(audit_run, "FINDINGS_MAX", 1)
    steps: list[AuditProgress] = []
    report = await audit(pinned_database, workers=1, progress=steps.append)
    assert {finding.check for finding in report.findings} == {"accounts"}
    assert steps[-1].done < steps[-1].total


@pytest.mark.usefixtures("book")
async def test_a_chain_in_ruins_is_not_listed_to_its_end(
    pinned_database: Database, superuser: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After enough broken seals the rest of the chain is not read."""
    await superuser.execute("alter table ledger_seal disable trigger append_only")
    await superuser.execute("update ledger_seal set hash = digest")
    monkeypatch.setattr(audit_chain, "FINDINGS_PER_SPAN", 3)
    chain = [finding for finding in (await audit(pinned_database)).findings if finding.check == "chain"]
    assert [(finding.key, finding.column) for finding in chain] == [("1", "hash"), ("2", "previous"), ("2", "hash")]


@dataclass(frozen=True)
class Intruder:
    """A check that posts instead of looking, on a connection of its own."""

    connection: Connection
    transfer: Transfer
    clock: SettableClock
    name: str = "intruder"

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """One."""
        del connection, books
        return [()]

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """Nothing to find."""
        del connection, span
        async with self.connection.transaction():
            await post(self.connection, [self.transfer], clock=self.clock)
        return []


_COUNT = "select count(*) from ledger_transfer"


async def test_an_audit_looks_at_one_instant(
    pinned_database: Database, book: SmallBook, clock: SettableClock, superuser: Connection
) -> None:
    """What is posted after the audit began is not looked at, by no connection and no check."""
    intruder = Intruder(superuser, Transfer(new_id(), book.bank.id, book.shop.id, 1, 2), clock)
    count = SqlCheck("count", "select 'ledger_transfer', 'all', '*', null, count(*)::text from ledger_transfer")
    report = await audit(pinned_database, workers=1, checks=[intruder, count])
    assert [(finding.check, finding.found) for finding in report.findings] == [("count", "22")]
    assert report.counts["ledger_transfer"] == 22
    assert await superuser.fetchval(_COUNT) == 23
    assert (await audit(pinned_database)).whole


async def test_a_finding_reads_as_a_sentence() -> None:
    """The row, the column, and both values."""
    altered = Finding("accounts", "ledger_account", "0a", "debits_posted", "7", "8")
    missing = Finding("balances", "ledger_balance", "0a at noon", "*", "a row", None)
    assert str(altered) == "accounts: ledger_account 0a debits_posted: expected 7, found 8"
    assert str(missing) == "balances: ledger_balance 0a at noon: expected a row, found nothing"


async def test_the_application_s_role_is_enough(database: Database) -> None:
    """An audit needs no privilege beyond reading, and an empty book is whole."""
    report = await audit(database)
    assert report.whole
    assert (report.seals, report.head) == (0, "00" * 32)
    assert set(report.counts.values()) == {0}


async def test_another_book_has_another_head(pinned_database: Database, book: SmallBook, clock: SettableClock) -> None:
    """The hash to write down changes with every seal."""
    before = (await audit(pinned_database)).head
    account = Account(new_id(), "CNY", "bank")
    async with pinned_database.transaction() as connection:
        await post(connection, [Transfer(new_id(), book.bank.id, account.id, 1, 2)], accounts=[account], clock=clock)
    await seal_all(pinned_database)
    assert (await audit(pinned_database)).head != before
