"""The references: a transfer as a careful developer writes it by hand, one transaction each; and bare COPY.

The hand-written transaction keeps the same promises for one transfer: both accounts locked in one order, the limit
checked, the same id refused, balances after the transfer recorded for both sides, everything in one commit. It uses
four round trips (BEGIN, lock, write, COMMIT) and prepared statements.
"""

import asyncio
import io
from collections.abc import Iterable, Sequence

from benchmarks.pace import Stopwatch
from core.database import Connection, Database
from core.scratch import connect_as_owner
from ledger import Account, Transfer

COPY_ROWS = 50_000

SCHEMA = """
create table plain_account (
    id uuid primary key,
    debits bigint not null default 0,
    credits bigint not null default 0,
    check (debits <= credits)
) with (fillfactor = 40);
create table plain_transfer (
    id uuid primary key,
    debit_account_id uuid not null,
    credit_account_id uuid not null,
    amount bigint not null check (amount > 0),
    code int not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create table plain_balance (
    account_id uuid not null,
    transfer_id uuid not null,
    debits bigint not null,
    credits bigint not null,
    primary key (account_id, transfer_id)
);
create table plain_copy (like ledger_transfer including all);
grant select, insert, update on plain_account, plain_transfer, plain_balance to agio_app;
"""

HISTORY = """
insert into plain_transfer (id, debit_account_id, credit_account_id, amount, code, recorded_at)
select id, debit_account_id, credit_account_id, amount, code, recorded_at from ledger_transfer;
insert into plain_balance (account_id, transfer_id, debits, credits)
select account_id, id, debits_posted, credits_posted from ledger_balance cross join unnest(transfer_ids) as id
"""

LOCK = "select id, debits, credits from plain_account where id = any($1::uuid[]) order by id for no key update"

WRITE = """
with made as (
    insert into plain_transfer (id, debit_account_id, credit_account_id, amount, code) values ($1, $2, $3, $4, $5)
    on conflict (id) do nothing
    returning id
), side as (
    select *
    from (values ($2::uuid, $4::bigint, 0::bigint), ($3::uuid, 0::bigint, $4::bigint)) as side (id, debit, credit)
    where exists (select from made)
), changed as (
    update plain_account as account set debits = debits + side.debit, credits = credits + side.credit
    from side where account.id = side.id
    returning account.id, account.debits, account.credits
)
insert into plain_balance (account_id, transfer_id, debits, credits)
select changed.id, $1, changed.debits, changed.credits from changed
"""


async def prepare(connection: Connection, accounts: Iterable[Account], funds: int) -> None:
    """Make the tables, give every account funds, and a history as long as the ledger's is by now."""
    await connection.execute(SCHEMA)
    await connection.copy_records_to_table(
        "plain_account", columns=["id", "credits"], records=[(account.id, funds) for account in accounts]
    )
    await connection.execute(HISTORY)
    await connection.execute("analyze plain_account, plain_transfer, plain_balance")


async def transfer_once(connection: Connection, transfer: Transfer) -> bool:
    """One transfer, in the caller's transaction; False when its id was known, and nothing was moved.

    Raises ValueError when the debit account has not enough.
    """
    rows = await connection.fetch(LOCK, sorted((transfer.debit_account_id, transfer.credit_account_id)))
    debit = next(row for row in rows if row["id"] == transfer.debit_account_id)
    if debit["credits"] - debit["debits"] < transfer.amount:
        raise ValueError(transfer)
    sides = (transfer.debit_account_id, transfer.credit_account_id)
    done = await connection.execute(WRITE, transfer.id, *sides, transfer.amount, transfer.code)
    return done == "INSERT 0 2"


async def transfer_one_by_one(database: Database, transfers: Sequence[Transfer]) -> float:
    """The seconds that the transfers took one after the other, through the pool that the ledger uses as well."""
    done: list[bool] = []
    with Stopwatch() as watch:
        for transfer in transfers:
            async with database.transaction() as connection:
                done.append(await transfer_once(connection, transfer))
    assert all(done)
    return watch.seconds


class Crew:
    """Open connections that share out transfers, each doing one at a time."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections

    @classmethod
    async def connect(cls, url: str, count: int) -> "Crew":
        """Open `count` connections."""
        return cls([await connect_as_owner(url) for _ in range(count)])

    async def close(self) -> None:
        """Close them."""
        for connection in self._connections:
            await connection.close()

    async def do(self, transfers: Sequence[Transfer]) -> float:
        """The seconds that all transfers took, one transaction each."""
        todo = iter(transfers)

        async def work(connection: Connection) -> None:
            for transfer in todo:
                async with connection.transaction():
                    await transfer_once(connection, transfer)

        with Stopwatch() as watch:
            await asyncio.gather(*(work(connection) for connection in self._connections))
        return watch.seconds


class CopySource:
    """Recorded transfers in COPY's binary form, ready to be sent."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def copy(self, count: int) -> float:
        """The seconds that COPY takes for `count` transfers, COPY_ROWS a commit, into a table with the same indexes."""
        connection = await connect_as_owner(self._url)
        try:
            rows = await _recorded(connection)
            return sum([await _copy(connection, rows) for _ in range(count // COPY_ROWS)])
        finally:
            await connection.close()


async def _recorded(connection: Connection) -> bytes:
    rows = io.BytesIO()
    query = f"select * from ledger_transfer order by id limit {COPY_ROWS}"
    status = await connection.copy_from_query(query, output=rows, format="binary")
    assert status == f"COPY {COPY_ROWS}", status
    return rows.getvalue()


async def _copy(connection: Connection, rows: bytes) -> float:
    await connection.execute("truncate plain_copy")
    with Stopwatch() as watch:
        await connection.copy_to_table("plain_copy", source=io.BytesIO(rows), format="binary")
    return watch.seconds
