"""History cannot be changed: the application may not, and a trigger stops those who may."""

from datetime import timedelta

import asyncpg
import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from ledger import Extended, Extension, close_period, extend_expiry
from tests.ledger.small_book import seal_all
from tests.ledger.tables import Table

HISTORY = [
    "ledger_transfer",
    "ledger_balance",
    "ledger_refusal",
    "ledger_reversal",
    "ledger_lot_use",
    "ledger_lot_extension",
    "ledger_term_change",
    "ledger_seal",
]
CURRENT = ["ledger_asset", "ledger_account", "ledger_pending", "ledger_lot"]
WAYS = ["update {table} set {column} = {column}", "delete from {table}", "truncate {table}"]
FIXED = {
    "ledger_asset": "code",
    "ledger_account": "owner",
    "ledger_pending": "times_out_at",
    "ledger_lot": "opened",
}


async def partitions(connection: Connection) -> list[str]:
    """All partitions of history."""
    rows = await connection.fetch("""
        select inhrelid::regclass::text as name from pg_inherits
        where inhparent in ('ledger_transfer'::regclass, 'ledger_balance'::regclass)
    """)
    return [row["name"] for row in rows]


async def column_of(connection: Connection, table: str) -> str:
    """Some column of the table."""
    found = await connection.fetchval(
        "select attname from pg_attribute where attrelid = $1::text::regclass and attnum = 1", table
    )
    return str(found)


async def write_history(database: Database, clock: SettableClock) -> None:
    """A row in each table of history."""
    table = await Table(clock, database=database).open()
    await table.run("""
        a issued > ann 5 lot=+1d created
        b ann > issued 5 created
        c issued > ann 5 reverses=b created
        d ann > issued 9 exceeds_credits
    """)
    async with database.transaction() as connection:
        extension = Extension(new_id(), table.id("a"), clock.now() + timedelta(days=2))
        assert isinstance((await extend_expiry(connection, [extension], clock=clock))[0], Extended)
        assert await close_period(connection, "P", clock.now(), clock=clock) is None
    await seal_all(database)


@pytest.mark.parametrize("way", WAYS)
async def test_the_application_has_no_privilege_to_change_history(
    pinned_database: Database, clock: SettableClock, way: str
) -> None:
    """UPDATE, DELETE and TRUNCATE of history, and of each partition by its own name, are refused by PostgreSQL."""
    await write_history(pinned_database, clock)
    async with pinned_database.connection() as connection:
        for table in [*HISTORY, *await partitions(connection)]:
            statement = way.format(table=table, column=await column_of(connection, table))
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                await connection.execute(statement)


@pytest.mark.parametrize("way", WAYS)
async def test_a_trigger_stops_the_owner(
    pinned_database: Database, superuser: Connection, clock: SettableClock, way: str
) -> None:
    """Those whom no privilege holds back are stopped by a trigger, on each partition as well."""
    await write_history(pinned_database, clock)
    assert {table for table in HISTORY if not await superuser.fetchval(f"select count(*) from {table}")} == set()
    for table in [*HISTORY, *await partitions(superuser)]:
        statement = way.format(table=table, column=await column_of(superuser, table))
        if "truncate" not in way and not await superuser.fetchval(f"select exists (select from {table})"):
            continue
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="history is append-only"):
            await superuser.execute(statement)


@pytest.mark.parametrize("table", CURRENT)
async def test_the_application_changes_of_current_rows_only_what_moves(pinned_database: Database, table: str) -> None:
    """Rows of accounts, assets, lots and pending transfers stay, and so do their terms."""
    async with pinned_database.connection() as connection:
        for statement in (
            f"update {table} set {FIXED[table]} = {FIXED[table]}",
            f"delete from {table}",
            f"truncate {table}",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                await connection.execute(statement)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("debits_posted = 6", "debits_must_not_exceed_credits"),
        ("debits_pending = 6", "debits_must_not_exceed_credits"),
        ("debits_posted = -1", "counters_must_not_be_negative"),
        ("debits_pending = -1", "counters_must_not_be_negative"),
        ("credits_pending = -1", "counters_must_not_be_negative"),
        ("limits = 2, lots = false", "credits_must_not_exceed_debits"),
        ("limits = 0", "lots_must_be_limited_without_credit_line"),
        ("limits = 4", "ledger_limits_check"),
        ("credit_line = 1", "lots_must_be_limited_without_credit_line"),
        ("credit_line = -1", "ledger_credit_line_check"),
    ],
)
async def test_limits_are_checked_by_the_table_as_well(
    pinned_database: Database, superuser: Connection, clock: SettableClock, change: str, constraint: str
) -> None:
    """No way of writing can overrun an account's limit or make a counter negative."""
    table = await Table(clock, database=pinned_database).open()
    await table.run("a issued > ann 5 created")
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await superuser.execute(f"update ledger_account set {change} where id = $1", table.account("ann"))
    assert caught.value.constraint_name == constraint
