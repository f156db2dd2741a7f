"""History grows by months that are there before they are needed, and ids are unique across all of them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from ledger import (
    Account,
    Asset,
    AssetKind,
    Status,
    Transfer,
    audit,
    balance_at,
    ensure_partitions,
    open_assets,
    post,
)
from ledger.partitions import MONTHS_AHEAD
from tests.ledger.small_book import seal_all

NOW = datetime(2040, 11, 30, 23, 59, tzinfo=UTC)
_PARTITION_OF = "select tableoid::regclass::text from ledger_transfer where id = $1"


def _id(instant: datetime, tail: int = 1) -> UUID:
    milliseconds = int(instant.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0x8 << 60 | tail)


def _account(purpose: str = "bank") -> Account:
    return Account(new_id(), "CNY", purpose)


async def _open_assets(database: Database) -> None:
    async with database.transaction() as connection:
        await open_assets(connection, [Asset("CNY", 6, AssetKind.MONEY)])


async def _post(database: Database, batch: Sequence[Transfer], accounts: Sequence[Account]) -> list[Status]:
    async with database.transaction() as connection:
        outcomes = await post(connection, batch, accounts=accounts, clock=database.clock)
    return [outcome.status for outcome in outcomes]


async def test_months_are_open_ahead(database: Database, superuser: Connection) -> None:
    """The month of the instant and three more, of transfers and of balances, across the turn of the year; then none."""
    async with database.connection() as connection:
        assert await ensure_partitions(connection, NOW) == 2 * (1 + MONTHS_AHEAD)
        assert await ensure_partitions(connection, NOW) == 0
        assert await ensure_partitions(connection, NOW + timedelta(minutes=1)) == 2
    names = await superuser.fetch("select relname from pg_class where relispartition and relkind = 'r' order by 1")
    months = ["2040_11", "2040_12", "2041_01", "2041_02", "2041_03"]
    tables = [row["relname"] for row in names]
    assert [table for table in tables if "204" in table] == [
        *(f"ledger_balance_{month}" for month in months),
        "ledger_balance_until_2040_11",
        *(f"ledger_transfer_{month}" for month in months),
    ]


async def test_a_migrated_database_is_ready_for_months(superuser: Connection) -> None:
    """Right after migrating, this month and the next three are open."""
    now = await superuser.fetchval("select now()")
    assert await ensure_partitions(superuser, now) == 0


async def test_the_months_of_history_cannot_be_changed_either(database: Database, superuser: Connection) -> None:
    """A month made later refuses the application's role and everybody's triggers just like the first ones."""
    async with database.connection() as connection:
        await ensure_partitions(connection, NOW)
    await superuser.execute("set role agio_app")
    for statement in ("update {0} set recorded_at = now()", "delete from {0}", "truncate {0}", "select 1 from {0}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await superuser.execute(statement.format("ledger_transfer_2040_11"))
    await superuser.execute("reset role")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="history is append-only"):
        await superuser.execute("truncate ledger_balance_2040_11")


async def test_the_first_second_of_a_month_belongs_to_it(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    """Ids and instants on either side of midnight UTC lie in their own months; each balance is read from both."""
    await _open_assets(pinned_database)
    old, midnight = datetime(2026, 2, 1, tzinfo=UTC), datetime(2040, 12, 1, tzinfo=UTC)
    tick = timedelta(milliseconds=1)
    for month in (old - tick, old, midnight - tick):
        await ensure_partitions(superuser, month, months_ahead=1)
    accounts = [_account(), _account()]
    debit, credit = (account.id for account in accounts)
    for tail, early in enumerate((tick, timedelta()), 1):
        clock.set(midnight - early)
        transfer = Transfer(_id(old - early, tail), debit, credit, tail, 2)
        assert await _post(pinned_database, [transfer], accounts) == ["created"]
    rows = await superuser.fetch("select tableoid::regclass::text as month from ledger_transfer order by id")
    assert [row["month"] for row in rows] == ["ledger_transfer_2026_01", "ledger_transfer_2026_02"]
    rows = await superuser.fetch("select distinct tableoid::regclass::text as month from ledger_balance order by 1")
    assert [row["month"] for row in rows] == ["ledger_balance_2040_11", "ledger_balance_2040_12"]
    async with pinned_database.connection() as connection:
        held = [
            (await balance_at(connection, credit, midnight - early)).net_credit
            for early in (timedelta(seconds=1), tick, timedelta())
        ]
    assert held == [0, 1, 3]


async def test_balances_of_a_month_that_was_not_open_move_to_it(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    """After a year without opening months nothing was refused; the months come, the balances move, nothing is lost."""
    await _open_assets(pinned_database)
    accounts = [_account(), _account()]
    for year, month in ((2040, 10), (2040, 11), (2040, 12), (2041, 5)):
        clock.set(datetime(year, month, 15, tzinfo=UTC))
        transfer = Transfer(new_id(), accounts[0].id, accounts[1].id, month, 2)
        assert await _post(pinned_database, [transfer], accounts) == ["created"]
    await seal_all(pinned_database)
    assert await ensure_partitions(superuser, NOW, months_ahead=0) == 2
    rows = await superuser.fetch(
        "select tableoid::regclass::text as month, count(*) as rows from ledger_balance group by 1 order by 1"
    )
    assert [tuple(row) for row in rows] == [
        ("ledger_balance_2040_11", 2),
        ("ledger_balance_future", 4),
        ("ledger_balance_until_2040_11", 2),
    ]
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="history is append-only"):
        await superuser.execute("delete from ledger_balance_future")
    assert (await audit(pinned_database)).findings == []


async def test_an_id_is_unique_across_months(database: Database, superuser: Connection) -> None:
    """An old id (of an import) lies outside all months. It is known before and after its month is opened."""
    await _open_assets(database)
    accounts = [_account(), _account()]
    old = Transfer(_id(datetime(2019, 5, 5, tzinfo=UTC)), accounts[0].id, accounts[1].id, 7, 2)
    fresh = Transfer(new_id(), accounts[0].id, accounts[1].id, 8, 2)
    assert await _post(database, [old, fresh], accounts) == ["created", "created"]
    assert await superuser.fetchval(_PARTITION_OF, old.id) == "ledger_transfer_default"
    assert await _post(database, [old, fresh], accounts) == ["exists", "exists"]
    await seal_all(database)
    async with database.connection() as connection:
        assert await ensure_partitions(connection, datetime(2019, 5, 31, tzinfo=UTC), months_ahead=0) == 1
    assert await superuser.fetchval(_PARTITION_OF, old.id) == "ledger_transfer_2019_05"
    assert await _post(database, [old, fresh], accounts) == ["exists", "exists"]
    with pytest.raises(asyncpg.UniqueViolationError):
        await superuser.execute("insert into ledger_transfer select * from ledger_transfer where id = $1", old.id)
    report = await audit(database)
    assert (report.findings, report.counts["ledger_transfer"]) == ([], 2)


async def test_postings_go_on_while_months_are_opened(database: Database) -> None:
    """Fifty months are opened under load: every posting succeeds, none is lost, and the books are whole."""
    await _open_assets(database)
    accounts = [_account(), *(_account("position") for _ in range(4))]
    opened = asyncio.Event()

    async def load(account: Account) -> int:
        created = 0
        while not opened.is_set() or not created:
            batch = [Transfer(new_id(), accounts[0].id, account.id, 1, 2) for _ in range(5)]
            created += (await _post(database, batch, accounts)).count(Status.CREATED)
        return created

    async def open_months() -> int:
        async with database.connection() as connection:
            count = await ensure_partitions(connection, NOW, months_ahead=49)
        opened.set()
        return count

    *created, months = await asyncio.gather(*(load(account) for account in accounts[1:]), open_months())
    assert months == 100
    report = await audit(database)
    assert (report.findings, report.counts["ledger_transfer"]) == ([], sum(created))


async def test_a_month_that_cannot_be_had_is_left_for_later(database: Database, superuser: Connection) -> None:
    """A long reader holds the lock: opening gives up, nothing fails, and the next call does the rest."""
    await superuser.execute("alter function ledger_open_month set lock_timeout = '10ms'")
    reader = superuser.transaction()
    await reader.start()
    await superuser.fetch("select count(*) from ledger_balance")
    async with database.connection() as connection:
        assert await ensure_partitions(connection, NOW, months_ahead=0) == 1
    await reader.rollback()
    async with database.connection() as connection:
        assert await ensure_partitions(connection, NOW, months_ahead=0) == 1


async def test_several_processes_open_the_same_month(database: Database) -> None:
    """Whoever comes second finds it open."""

    async def ensure() -> int:
        async with database.connection() as connection:
            return await ensure_partitions(connection, NOW, months_ahead=0)

    assert sum(await asyncio.gather(*(ensure() for _ in range(4)))) == 2
