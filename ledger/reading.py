"""Reading what a batch refers to, under one ordered lock over its accounts."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from core.clock import Clock
from core.database import Connection
from ledger.account import Account
from ledger.books import AccountState, Books
from ledger.decision import referenced_ids
from ledger.opening import open_accounts
from ledger.reading_known import read_known
from ledger.reading_lots import read_lots
from ledger.reading_originals import read_originals
from ledger.transfer import Transfer

ID_AHEAD_MAX = timedelta(minutes=5)
"""How far an id's clock may be ahead of the database's."""

_MICROSECOND = timedelta(microseconds=1)


async def read_books(
    connection: Connection, transfers: Sequence[Transfer], accounts: Sequence[Account], clock: Clock
) -> Books:
    """Lock the batch's accounts, opening those of `accounts` that are missing, and read what the batch refers to."""
    locked = await lock_accounts(connection, account_ids(transfers), accounts)
    ids = [transfer.id for transfer in transfers]
    found = await connection.fetchrow(_NOW, ids)
    assert found is not None, "it always gives one row"
    books = Books(
        recording_instant(clock.pinned or found["now"], locked.values()),
        int((found["now"] + ID_AHEAD_MAX).timestamp() * 1000),
        locked,
    )
    if found["transfers"] or found["refusals"]:
        books.known = await read_known(connection, ids)
    if any(transfer.event_time is not None for transfer in transfers):
        books.closed_until = {row["code"]: row["closed_until"] for row in await connection.fetch(_CLOSED)}
    referenced = referenced_ids(transfers)
    if referenced:
        await read_originals(connection, books, referenced)
    if any(account.keeps_lots for account in locked.values()):
        await read_lots(connection, books, transfers)
    return books


def account_ids(transfers: Iterable[Transfer]) -> list[UUID]:
    """The accounts of the batch, each once, in the order in which everybody locks them."""
    ids = {transfer.debit_account_id for transfer in transfers}
    ids.update(transfer.credit_account_id for transfer in transfers)
    return sorted(ids, key=attrgetter("int"))


def recording_instant(now: datetime, accounts: Iterable[AccountState]) -> datetime:
    """`now`, or just after the latest recording on the accounts."""
    latest = max((account.last_recorded_at for account in accounts), default=None)
    return now if latest is None or latest < now else latest + _MICROSECOND


async def lock_accounts(
    connection: Connection, ids: Sequence[UUID], accounts: Sequence[Account] = ()
) -> dict[UUID, AccountState]:
    """Lock the accounts, opening those of `accounts` that are missing. `ids` are distinct and in order.

    Nothing is locked before everything is open: who opens an account while holding others waits out of order for
    those who opened it first.
    """
    if not accounts:
        rows = await connection.fetch(_LOCK, ids)
    else:
        rows = await connection.fetch(_LOCK_IF_ALL_ARE_OPEN, ids, len(ids))
        if not rows:
            await open_accounts(connection, accounts, ids)
            rows = await connection.fetch(_LOCK, ids)
    if len(rows) == len(ids):
        return {identifier: AccountState(*row) for identifier, row in zip(ids, rows, strict=True)}
    return {row["id"]: AccountState(*row) for row in rows}


_LOCK = """
select id, asset, limits, credit_line, lots, closed_at is not null,
       debits_pending, debits_posted, credits_pending, credits_posted, last_recorded_at
from ledger_account
where id = any($1::uuid[])
order by id
for no key update
"""
"""The sort stands below the lock in the plan, so that rows are locked in the order of their ids."""

_LOCK_IF_ALL_ARE_OPEN = _LOCK.replace(
    "order by", "and (select count(*) from ledger_account where id = any($1::uuid[])) = $2\norder by"
)

_NOW = """
select clock_timestamp() as now,
       exists (select from ledger_transfer where id = any($1::uuid[])) as transfers,
       exists (select from ledger_refusal where id = any($1::uuid[])) as refusals
"""
"""A statement of its own: it must see what others committed while this batch waited for its locks."""

_CLOSED = "select code, closed_until from ledger_asset where closed_until is not null"
