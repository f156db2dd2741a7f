"""What was true at an instant stays readable for ever."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from core.clock import SettableClock
from core.database import Database
from core.ids import new_id
from ledger import (
    Account,
    Balance,
    Kind,
    Transfer,
    balance_at,
    balances,
    open_assets,
    post,
    statement,
    trial_balance,
)
from ledger.asset import Asset, AssetKind
from ledger.statement import LINES_PER_PAGE
from tests.ledger.small_book import START, SmallBook, write_small_book


@pytest.fixture
async def book(pinned_database: Database, clock: SettableClock) -> SmallBook:
    """A small book."""
    return await write_small_book(pinned_database, clock)


def _at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


async def test_balances_at_each_instant(pinned_database: Database, book: SmallBook) -> None:
    """Ann: 300 earned at minute 1; 150 spent at 2; 50 reserved at 3; 17 of it posted at 4; 38 back at 5."""
    expected = [
        (0, (0, 0, 0, 0)),
        (1, (0, 0, 0, 300)),
        (2, (0, 150, 0, 300)),
        (3, (50, 150, 0, 300)),
        (4, (11, 167, 0, 300)),
        (5, (11, 167, 0, 338)),
        (999, (11, 167, 0, 338)),
    ]
    async with pinned_database.connection() as connection:
        for minute, counters in expected:
            for instant in (_at(minute), _at(minute) + timedelta(seconds=59)):
                assert await balance_at(connection, book.ann.id, instant) == Balance(book.ann.id, *counters)
        just_before = _at(2) - timedelta(microseconds=1)
        assert await balance_at(connection, book.ann.id, just_before) == Balance(book.ann.id, 0, 0, 0, 300)


async def test_an_account_that_never_moved(pinned_database: Database) -> None:
    """It holds nothing at any instant, and its statement is empty."""
    nobody = new_id()
    async with pinned_database.connection() as connection:
        assert await balance_at(connection, nobody, datetime(2020, 1, 1, tzinfo=UTC)) == Balance(nobody)
        assert [line async for line in statement(connection, nobody)] == []


async def test_statement_of_a_member(pinned_database: Database, book: SmallBook) -> None:
    """Every kind of line: what it posted, what it reserved or released, and the balance after it."""
    async with pinned_database.connection() as connection:
        lines = [line async for line in statement(connection, book.ann.id)]
        now = await balances(connection, [book.ann.id])
    names = {identifier: name for name, identifier in book.transfers.items()}
    assert [(names[line.transfer_id], line.posted, line.pending, line.balance.available_credit) for line in lines] == [
        ("earn soon", 100, 0, 100),
        ("earn later", 200, 0, 300),
        ("spend", -120, 0, 180),
        ("leg 1", -10, 0, 170),
        ("give", -20, 0, 150),
        ("open", 0, -11, 139),
        ("posted", 0, -12, 127),
        ("partly", 0, -13, 114),
        ("voided", 0, -14, 100),
        ("POST posted", -12, 12, 100),
        ("POST partly", -5, 13, 108),
        ("VOID voided", 0, 14, 122),
        ("refund", 30, 0, 152),
        ("hand over", 8, 0, 160),
    ]
    assert lines[-1].balance == now[book.ann.id]
    assert {line.other_account_id for line in lines} == {book.issued.id, book.bob.id}
    assert [line.kind for line in lines[5:10]] == [Kind.PENDING] * 4 + [Kind.POST]


async def test_a_stretch_of_a_statement(pinned_database: Database, book: SmallBook) -> None:
    """`after` is left out and `until` is included; the running balance begins with what was there before."""
    async with pinned_database.connection() as connection:
        lines = [line async for line in statement(connection, book.ann.id, after=_at(1), until=_at(3))]
        opening = await balance_at(connection, book.ann.id, _at(1))
        closing = await balance_at(connection, book.ann.id, _at(3))
    assert {line.recorded_at for line in lines} == {_at(2), _at(3)}
    assert opening.net_credit + sum(line.posted for line in lines) == closing.net_credit
    assert lines[0].balance.net_credit == opening.net_credit - 120
    assert lines[-1].balance == closing


async def test_stretches_join(pinned_database: Database, book: SmallBook) -> None:
    """Cut anywhere, the parts are the whole."""
    async with pinned_database.connection() as connection:
        for account in book.accounts:
            whole = [line async for line in statement(connection, account.id)]
            cuts = [None, *(_at(minute) for minute in range(7)), None]
            parts = [
                [line async for line in statement(connection, account.id, after=after, until=until)]
                for after, until in pairwise(cuts)
            ]
            assert [line for part in parts for line in part] == whole


async def test_a_statement_longer_than_a_page(pinned_database: Database, book: SmallBook, clock: SettableClock) -> None:
    """Pages end in the middle of batches, and no line is lost or given twice."""
    sent: list[Transfer] = []
    for size in (LINES_PER_PAGE - 1, LINES_PER_PAGE + 1, 3):
        clock.advance(timedelta(hours=2))
        batch = [Transfer(new_id(), book.bank.id, book.shop.id, amount, 2) for amount in range(1, size + 1)]
        async with pinned_database.transaction() as connection:
            await post(connection, batch, clock=clock)
        sent += batch
    async with pinned_database.connection() as connection:
        lines = [line async for line in statement(connection, book.shop.id, after=_at(100))]
    assert [line.transfer_id for line in lines] == [transfer.id for transfer in sent]
    assert [line.posted for line in lines] == [transfer.amount for transfer in sent]


async def test_trial_balance_adds_up_to_zero_at_every_instant(pinned_database: Database, book: SmallBook) -> None:
    """For each asset the net credits are zero, whatever the instant; and the lines are those worked out by hand."""
    async with pinned_database.connection() as connection:
        for minute in range(70):
            lines = await trial_balance(connection, _at(minute))
            for asset in ("AURORA", "CNY"):
                assert sum(line.net_credit for line in lines if line.asset == asset) == 0
        lines = await trial_balance(connection, _at(2))
    assert [(line.asset, line.purpose, line.accounts, line.net_credit) for line in lines] == [
        ("AURORA", "issued", 1, -220),
        ("AURORA", "member", 2, 220),
        ("CNY", "bank", 1, 900),
        ("CNY", "due", 1, -700),
        ("CNY", "owed", 1, 300),
        ("CNY", "position", 1, -500),
    ]
    assert book.transfers


async def test_a_trial_balance_may_exceed_64_bits(pinned_database: Database, clock: SettableClock) -> None:
    """Sums over accounts are not limited by what one account can hold."""
    accounts = [Account(new_id(), "BIG", purpose) for purpose in ("a", "b", "a", "b")]
    huge = 2**63 - 1
    async with pinned_database.transaction() as connection:
        await open_assets(connection, [Asset("BIG", 0, AssetKind.MONEY)])
        batch = [Transfer(new_id(), accounts[at].id, accounts[at + 1].id, huge, 2) for at in (0, 2)]
        await post(connection, batch, accounts=accounts, clock=clock)
    async with pinned_database.connection() as connection:
        lines = await trial_balance(connection, clock.now())
    assert [(line.purpose, line.debits_posted, line.credits_posted) for line in lines] == [
        ("a", 2 * huge, 0),
        ("b", 0, 2 * huge),
    ]
