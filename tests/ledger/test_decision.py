"""The decision by itself: the tables of transfers once more, and thousands of random ones beside the model."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from core.ids import new_id
from ledger import Account, Balancing, Limit, LotTerms, Status, Transfer
from ledger.books import Books
from ledger.decision import Decision, decide, decide_in_portions
from ledger.form import form_of, groups
from tests.ledger.memory import MemoryLedger, memory_table
from tests.ledger.model import Model
from tests.ledger.status_tables import TABLES
from tests.ledger.tables import Names
from tests.ledger.test_precedence import AMOUNTS, EXISTENCE, FORM, PENDING, REVERSAL
from tests.ledger.wishes import Wishes

START = datetime(2026, 1, 15, 4, tzinfo=UTC)
FIRST_ID = 0x019BC0DE_0000_7000_8000_000000000000
LADDERS = {"form": FORM, "existence": EXISTENCE, "pending": PENDING, "reversal": REVERSAL, "amounts": AMOUNTS}


@pytest.mark.parametrize("text", [*TABLES.values(), *LADDERS.values()], ids=[*TABLES, *LADDERS])
async def test_table(text: str) -> None:
    """A table of transfers comes out the same without a database."""
    await memory_table().run(text)


def ids() -> Callable[[], UUID]:
    """Ids that are the same in every run."""
    numbers = count(FIRST_ID)
    return lambda: UUID(int=next(numbers))


@pytest.mark.parametrize("seed", range(24))
def test_random_batches(seed: int) -> None:
    """Outcomes, counters and lots are those of the model, after every batch."""
    next_id, random = ids(), Random(seed)  # noqa: S311 - a replayable choice
    limited, reverse = Limit.DEBITS_MUST_NOT_EXCEED_CREDITS, Limit.CREDITS_MUST_NOT_EXCEED_DEBITS
    owner = next_id()
    accounts = [
        *(Account(owner, "P", name, limited, lots=True) for name in ("ann", "bob", "held")),
        Account(owner, "P", "issued"),
        Account(owner, "P", "shop", limited, credit_line=40),
        Account(owner, "P", "stock", reverse, credit_line=10),
        Account(owner, "M", "bank"),
        Account(owner, "unknown", "nowhere"),
    ]
    wishes = Wishes([account.id for account in accounts], next_id)
    ledger, model, now = MemoryLedger({"P", "M"}), Model({"P", "M"}), START
    for _ in range(60):
        now += timedelta(hours=random.choice([0, 0, 0, 1, 23, 24]))
        if random.random() < 0.05:
            ledger.closed_until["P"] = model.state.closed_until["P"] = now - timedelta(hours=1)
        batch = wishes.batch(random, now)
        outcomes = model.post(batch, accounts, now)
        assert ledger.post(batch, accounts, now) == outcomes
        wishes.recorded += [t for t, outcome in zip(batch, outcomes, strict=True) if outcome.ok]
        assert {account.id: ledger.counters(account.id) for account in accounts} == model.counters(accounts)
        assert [(lot.id, lot.remaining, lot.expires_at, lot.origin) for lot in ledger.lots] == [
            (lot.id, lot.remaining, lot.expires_at, lot.origin) for lot in model.lots
        ]


SAME_ID_IN_A_GROUP = """
    a issued > pot 5 group=g created
    a issued > pot 5 group=g exists 5
    b pot > spent 5 group=g created
    c issued > pot 1 group=h linked_failed
    c issued > pot 2 group=h exists_with_different_amount
    --
    d pot > spent 1 exceeds_credits
    c issued > pot 1 group=h linked_failed
"""


async def test_the_same_id_in_a_group() -> None:
    """The same content is the same transfer, and moves once; other content fails the group."""
    await memory_table().run(SAME_ID_IN_A_GROUP)


async def play_the_hour_that_comes_twice(table: Names) -> None:
    """Transfers and lots dated to both instants of half past two, when clocks are turned back."""
    first = datetime(2025, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    second = first.replace(fold=1)
    dated = Transfer(table.id("a"), table.account("issued"), table.account("pot"), 1, 1, event_time=first)
    later = replace(dated, event_time=second)
    await table.expect([dated, dated, later], [("created", 1), ("exists", 1), ("exists_with_different_event_time", 0)])
    await table.expect([dated, later], [("exists", 1), ("exists_with_different_event_time", 0)])
    earned = Transfer(table.id("b"), table.account("issued"), table.account("ann"), 1, 1, lot=LotTerms(first, None))
    longer = replace(earned, lot=LotTerms(second, None))
    sooner = replace(earned, lot=LotTerms(first, first - timedelta(hours=2)))
    await table.expect([earned, earned, longer], [("created", 1), ("exists", 1), ("exists_with_different_lot", 0)])
    differs = ("exists_with_different_lot", 0)
    await table.expect([earned, longer, sooner], [("exists", 1), differs, differs])


async def test_the_hour_that_comes_twice() -> None:
    """The same instant is the same, the other one is not."""
    await play_the_hour_that_comes_twice(memory_table())


def test_what_is_to_be_written() -> None:
    """Postings and refusals carry their place in the batch, and postings the size of their group."""
    table = memory_table()
    pot, issued, spent = (table.account(name) for name in ("pot", "issued", "spent"))
    good, bad, mixed = new_id(), new_id(), new_id()
    batch = [
        Transfer(new_id(), issued, pot, 5, 1),
        Transfer(new_id(), pot, spent, 9, 1),
        Transfer(new_id(), pot, spent, 2, 1, group_id=good),
        Transfer(new_id(), pot, spent, 3, 1, group_id=good),
        Transfer(new_id(), pot, pot, 1, 1),
        Transfer(new_id(), issued, pot, 1, 1, group_id=bad),
        Transfer(new_id(), pot, spent, 2, 1, group_id=bad),
        Transfer(new_id(), issued, pot, 1, 1, group_id=bad),
        Transfer(new_id(), issued, pot, 0, 1, group_id=mixed),
        Transfer(new_id(), issued, pot, 1, 1, group_id=mixed),
    ]
    decision = _decide(table.ledger, batch, list(table.accounts.values()))
    assert [(posting.sequence, posting.group_size, posting.amount) for posting in decision.postings] == [
        (0, 1, 5),
        (2, 2, 2),
        (3, 2, 3),
    ]
    assert {(batch.index(entry.transfer), entry.sequence, entry.status) for entry in decision.refusals} == {
        (1, 1, Status.EXCEEDS_CREDITS),
        (5, 5, Status.LINKED_FAILED),
        (6, 6, Status.EXCEEDS_CREDITS),
        (7, 7, Status.LINKED_FAILED),
        (9, 9, Status.LINKED_FAILED),
    }
    unstored = [place for place, outcome in enumerate(decision.outcomes) if outcome.recorded_at is None]
    assert unstored == [4, 8]


def test_what_was_asked_for_is_written_where_another_amount_is_moved() -> None:
    """Up to nine of five moves five, and nine was asked for."""
    table = memory_table()
    pot, issued = table.account("pot"), table.account("issued")
    batch = [
        Transfer(new_id(), issued, pot, 5, 1),
        Transfer(new_id(), pot, issued, 9, 1, balancing=Balancing.DEBIT),
    ]
    decision = _decide(table.ledger, batch, list(table.accounts.values()))
    assert [(posting.amount, posting.requested) for posting in decision.postings] == [(5, None), (5, 9)]


def test_the_age_of_ids() -> None:
    """Up to the latest time allowed, to the millisecond."""
    table = memory_table()
    transfer = Transfer(new_id(), table.account("issued"), table.account("pot"), 5, 1)
    for latest, status in ((-1, Status.ID_AHEAD_OF_CLOCK), (0, Status.CREATED)):
        ledger = MemoryLedger({"P"})
        ledger.id_milliseconds_max = (transfer.id.int >> 80) + latest
        assert ledger.post([transfer], list(table.accounts.values()), START)[0].status is status


def _decide(ledger: MemoryLedger, batch: list[Transfer], accounts: list[Account]) -> Decision:
    return decide(batch, _books(ledger, accounts))


def _books(ledger: MemoryLedger, accounts: list[Account]) -> Books:
    ledger.post([Transfer(new_id(), account.id, account.id, 1, 1) for account in accounts], accounts, START)
    return Books(START, 2**63, dict(ledger.accounts))


def test_a_refusal_before_a_group_is_not_the_groups() -> None:
    """Also where an id comes twice, so that all are remembered."""
    table, one = memory_table(), new_id()
    issued, pot = table.account("issued"), table.account("pot")
    bad = Transfer(new_id(), issued, pot, -1, 1)
    batch = [bad, bad, *(Transfer(new_id(), issued, pot, 1, 1, group_id=one) for _ in range(2))]
    decision = _decide(table.ledger, batch, list(table.accounts.values()))
    assert [outcome.status for outcome in decision.outcomes] == [
        *[Status.AMOUNT_MUST_BE_POSITIVE] * 2,
        *[Status.CREATED] * 2,
    ]


def test_a_batch_pauses_after_each_portion_and_parts_no_group() -> None:
    """Where it pauses, what was decided so far is there; the last time everything."""
    table, one = memory_table(), new_id()
    issued, pot = table.account("issued"), table.account("pot")
    batch = [Transfer(new_id(), issued, pot, 1, 1, group_id=one if 2 <= at < 5 else None) for at in range(9)]
    books = _books(table.ledger, list(table.accounts.values()))
    pauses = [len(it.outcomes) for it in decide_in_portions(batch, form_of(batch), books, 3)]
    assert pauses == [5, 8, 9]


def test_spans_of_groups() -> None:
    """Neighbours with the same group id, in order; no group is a group of one."""
    one, two = new_id(), new_id()
    accounts = new_id(), new_id()
    kinds = [None, one, one, None, None, two, one]
    batch = [Transfer(new_id(), *accounts, 1, 1, group_id=group) for group in kinds]
    assert groups(batch) == [(0, 1), (1, 3), (3, 4), (4, 5), (5, 6), (6, 7)]
    assert groups([]) == []
