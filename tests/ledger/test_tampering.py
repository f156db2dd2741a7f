"""Whoever alters, removes or adds one row, as superuser and past every trigger, is found, and the row is named."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from ledger import AuditReport, audit
from tests.ledger.small_book import SmallBook, seal_all, write_small_book

KEYS: Mapping[str, tuple[str, ...]] = {
    "ledger_asset": ("code",),
    "ledger_account": ("id",),
    "ledger_transfer": ("id",),
    "ledger_balance": ("account_id", "recorded_at"),
    "ledger_refusal": ("id",),
    "ledger_pending": ("id",),
    "ledger_reversal": ("original_id",),
    "ledger_lot": ("id",),
    "ledger_lot_use": ("transfer_id",),
    "ledger_lot_extension": ("id",),
    "ledger_term_change": ("id",),
    "ledger_seal": ("number",),
    "ledger_seal_head": ("id",),
}
"""Every table of the ledger and its key."""

UNALTERABLE = {("ledger_lot", "live"), ("ledger_seal_head", "id"), ("ledger_seal", "entries")}
"""A generated column, the constant key of the one row, and a length that is checked against what it measures."""


@dataclass(frozen=True)
class Change:
    """One cell of one row, as it was and as it is to be."""

    table: str
    key: Mapping[str, Any]
    column: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.table} {dict(self.key)} {self.column}: {self.before!r} -> {self.after!r}"


EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")
"""When an account that never moved was last recorded on: earlier than that is no other state."""

SOME_INSTANT = datetime.fromisoformat("2026-01-01T00:00:00Z")

OTHERS: Mapping[str, Callable[[Any], Sequence[Any]]] = {
    "uuid": lambda _: [new_id()],
    "text": lambda value: ["money", "points"] if value is None else [f"{value}x", "money", "points"],
    "boolean": lambda value: [not value],
    "bytea": lambda value: [bytes([value[0] ^ 1]) + value[1:]],
    "timestamp with time zone": lambda value: (
        [value - timedelta(seconds=1), value + timedelta(seconds=1)] if value and value.tzinfo else [SOME_INSTANT]
    ),
    "ARRAY": lambda value: [[*value[:-1], new_id() if isinstance(value[-1], UUID) else value[-1] + 1], value[:-1]],
    "xid8": lambda value: [str(int(value) + 1)],
}
"""Other values for a cell, likely ones first, by the column's type; numbers are in `_others`."""


def _others(value: Any, kind: str) -> list[Any]:
    numbers = [1, 2] if value is None else [value + 1, value - 1, 3] if isinstance(value, int) else []
    others = OTHERS[kind](value) if kind in OTHERS else numbers
    return [other for other in [*others, None] if other != value]


async def _columns(connection: Connection, table: str) -> Mapping[str, str]:
    rows = await connection.fetch(
        "select column_name, data_type from information_schema.columns where table_name = $1", table
    )
    return {row["column_name"]: row["data_type"] for row in rows}


async def _rows(connection: Connection, table: str) -> list[dict[str, Any]]:
    order = ", ".join(KEYS[table])
    return [dict(row) for row in await connection.fetch(f"select * from {table} order by {order}")]


def _places(rows: Sequence[dict[str, Any]], column: str) -> Sequence[Sequence[dict[str, Any]]]:
    """The rows in which the column has a value, and those in which it has none."""
    moved = [row for row in rows if column != "last_recorded_at" or row[column] != EPOCH]
    filled = [row for row in moved if row[column] is not None]
    return [places for places in (filled[::-1], [row for row in rows if row[column] is None]) if places]


async def _set(connection: Connection, change: Change, value: Any, kind: str, key: Mapping[str, Any]) -> None:
    cast = "::text::xid8" if kind == "xid8" else ""
    condition = " and ".join(f"{name} = ${place}" for place, name in enumerate(key, 2))
    done = await connection.execute(
        f"update {change.table} set {change.column} = $1{cast} where {condition}", value, *key.values()
    )
    assert done == "UPDATE 1", f"{change}: {done}"


async def _alter(
    connection: Connection, table: str, rows: Sequence[Mapping[str, Any]], column: str, kind: str
) -> Change | None:
    """Give a cell of one of the rows another value; None when the table's constraints let none pass."""
    for row in rows:
        key = {name: row[name] for name in KEYS[table]}
        value = str(row[column]) if kind == "xid8" else row[column]
        for other in _others(value, kind):
            change = Change(table, key, column, value, other)
            try:
                await _set(connection, change, other, kind, key)
            except asyncpg.IntegrityConstraintViolationError:
                continue
            return change
    return None


async def _restore(connection: Connection, change: Change, kind: str) -> None:
    key = {**change.key, change.column: change.after} if change.column in change.key else change.key
    await _set(connection, change, change.before, kind, key)


@asynccontextmanager
async def _past_the_triggers(connection: Connection) -> AsyncIterator[None]:
    await connection.execute("set session_replication_role = replica")
    yield
    await connection.execute("reset session_replication_role")


GONE = ("next after", "the first of the seal", "the last seal")
"""How a row is named that is not there any more."""


def _names(report: AuditReport, table: str, key: Mapping[str, Any]) -> bool:
    """Whether the audit names the row, or says that one next to it is gone."""
    text = str(next(iter(key.values())))
    return any(
        finding.table == table and (text in finding.key or finding.key.startswith(GONE)) for finding in report.findings
    )


@pytest.fixture
async def sealed_book(pinned_database: Database, clock: SettableClock) -> SmallBook:
    """A small book, sealed in several seals."""
    book = await write_small_book(pinned_database, clock)
    await seal_all(pinned_database, entries_per_seal=12)
    return book


async def test_every_table_of_the_ledger_is_here(superuser: Connection) -> None:
    """A new table cannot be forgotten."""
    tables = await superuser.fetch(
        "select relname from pg_class where relname like 'ledger%' and relkind in ('r', 'p') and not relispartition"
    )
    assert {row["relname"] for row in tables} == set(KEYS)


@pytest.mark.usefixtures("sealed_book")
async def test_an_untouched_book_is_whole(pinned_database: Database, superuser: Connection) -> None:
    """The book has rows in every table, and the audit finds nothing."""
    report = await audit(pinned_database)
    assert report.findings == []
    assert report.whole
    assert {table for table in KEYS if not await _rows(superuser, table)} == set()
    assert report.head == (await superuser.fetchval("select hash from ledger_seal_head")).hex()


@pytest.mark.usefixtures("sealed_book")
@pytest.mark.parametrize("table", KEYS)
async def test_one_altered_cell_is_found(pinned_database: Database, superuser: Connection, table: str) -> None:
    """Whatever the column, with a value or without: the audit names the row."""
    for column, kind in (await _columns(superuser, table)).items():
        if (table, column) in UNALTERABLE:
            continue
        altered = 0
        for rows in _places(await _rows(superuser, table), column):
            async with _past_the_triggers(superuser):
                change = await _alter(superuser, table, rows, column, kind)
                if change is None:
                    continue
                report = await audit(pinned_database)
                await _restore(superuser, change, kind)
            altered += 1
            changed = {**change.key, column: change.after} if column in change.key else change.key
            assert _names(report, table, change.key) or _names(report, table, changed), f"{change}\n" + "\n".join(
                map(str, report.findings)
            )
        assert altered, f"{table}.{column} was not tried"
    assert (await audit(pinned_database)).findings == []


@pytest.mark.usefixtures("sealed_book")
@pytest.mark.parametrize("table", KEYS)
async def test_one_missing_row_is_found(pinned_database: Database, superuser: Connection, table: str) -> None:
    """Each row in turn: without it the audit is not clean, and says so of this table or names the row."""
    for row in await _rows(superuser, table):
        key = {name: row[name] for name in KEYS[table]}
        condition = " and ".join(f"{name} = ${place}" for place, name in enumerate(key, 1))
        async with _past_the_triggers(superuser):
            await superuser.execute(
                f"create temporary table gone as select * from {table} where {condition}", *key.values()
            )
            await superuser.execute(f"delete from {table} where {condition}", *key.values())
            report = await audit(pinned_database)
            await _put_back(superuser, table)
        texts = [str(value) for value in key.values()]
        assert any(
            finding.table == table or texts[0] in f"{finding.key} {finding.expected} {finding.found}"
            for finding in report.findings
        ), f"{table} {key} is gone"
    assert (await audit(pinned_database)).findings == []


async def _put_back(connection: Connection, table: str) -> None:
    generated = "select column_name from information_schema.columns where table_name = $1 and is_generated = 'NEVER'"
    names = ", ".join(f'"{row["column_name"]}"' for row in await connection.fetch(generated, table))
    await connection.execute(f"insert into {table} ({names}) overriding system value select {names} from gone")
    await connection.execute("drop table gone")


FRESH: Mapping[str, Callable[[], Any]] = {
    "code": lambda: "BEANS",
    "number": lambda: 10**6,
    "recorded_at": lambda: datetime.fromisoformat("2026-01-15T04:00:30Z"),
}
"""New values for keys that are not ids."""


@pytest.mark.usefixtures("sealed_book")
@pytest.mark.parametrize("table", sorted(set(KEYS) - {"ledger_seal_head"}))
async def test_one_added_row_is_found(pinned_database: Database, superuser: Connection, table: str) -> None:
    """A copy of a row under a key of its own is found and named."""
    for row in await _rows(superuser, table):
        key = KEYS[table][-1]
        fresh = FRESH.get(key, new_id)() if not isinstance(row[key], int) else 10**6
        async with _past_the_triggers(superuser):
            await superuser.execute(f"create temporary table gone as select * from {table} where {key} = $1", row[key])
            await superuser.execute("delete from gone where ctid <> (select min(ctid) from gone)")
            await superuser.execute(f"update gone set {key} = $1", fresh)
            if table == "ledger_account":
                await superuser.execute("update gone set owner = $1", new_id())
            await _put_back(superuser, table)
            report = await audit(pinned_database)
            await superuser.execute(f"delete from {table} where {key} = $1", fresh)
        assert any(
            finding.table == table and str(fresh).removesuffix(":00") in finding.key for finding in report.findings
        ), f"{table} {fresh}\n" + "\n".join(map(str, report.findings))
    assert (await audit(pinned_database)).findings == []


ONLY_SEALED = {
    "balancing",
    "code",
    "event_time",
    "group_id",
    "lot_available_at",
    "lot_expires_at",
    "lot_funder",
    "lot_unit_cost",
    "lots_of",
    "reference",
    "requested",
    "sequence",
    "timeout_seconds",
    "xact",
}
"""Columns of a transfer that nothing else repeats (a pending one's time-out is): unsealed, privileges protect them."""


async def test_a_transfer_that_is_not_sealed_yet_is_compared_with_what_it_did(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    """Accounts, amounts, kinds, pending and reversed transfers, groups and instants are found before the first seal."""
    await write_small_book(pinned_database, clock)
    unnoticed: set[str] = set()
    for column, kind in (await _columns(superuser, "ledger_transfer")).items():
        for rows in _places(await _rows(superuser, "ledger_transfer"), column):
            async with _past_the_triggers(superuser):
                change = await _alter(superuser, "ledger_transfer", rows, column, kind)
                if change is None:
                    continue
                unnoticed |= {column} if (await audit(pinned_database)).whole else set()
                await _restore(superuser, change, kind)
    assert unnoticed <= ONLY_SEALED
    assert (await audit(pinned_database)).findings == []
