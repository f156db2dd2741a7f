"""Reading what a batch refers to, under one ordered lock over its accounts."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from msgspec import Struct

from core.clock import Clock
from core.database import Connection
from ledger.account import Account
from ledger.books import AccountState, Books
from ledger.decision import referenced_ids
from ledger.errors import NoTransaction
from ledger.form import Form, form_of
from ledger.opening import open_accounts
from ledger.reading_known import read_known
from ledger.reading_lots import read_lots
from ledger.reading_originals import read_originals
from ledger.side_by_side import under_way
from ledger.transfer import Transfer

ID_AHEAD_MAX = timedelta(minutes=5)
"""How far an id's clock may be ahead of the database's."""

_MANY = 100
"""Transfers from which on their form is worth a task of its own."""

_MICROSECOND = timedelta(microseconds=1)


class Locked(Struct, frozen=True, gc=False):
    """Accounts under lock, and what was true from then on."""

    accounts: dict[UUID, AccountState]
    instant: datetime
    """The database's clock."""
    known: bool
    """Whether one of the transfers was answered before."""
    lots: bool
    """Whether one of the accounts keeps lots."""


async def read_books(
    connection: Connection, transfers: Sequence[Transfer], accounts: Sequence[Account], clock: Clock
) -> tuple[Books, Form]:
    """Lock the batch's accounts, opening those of `accounts` that are missing, and read what the batch refers to.

    The batch's form is looked at meanwhile.
    """
    ids = sorted(map(_ID, transfers), key=_INT)
    locking = lock_accounts(connection, account_ids(transfers), accounts, ids)
    if len(transfers) < _MANY:
        locked, form = await locking, form_of(transfers)
    else:
        async with under_way(locking) as task:
            form, locked = form_of(transfers), await task
    books = open_books(locked, clock)
    books.plain = form.plain
    if locked.known:
        books.known = await read_known(connection, ids)
    await read_more(connection, books, transfers, lots=locked.lots)
    return books, form


def open_books(locked: Locked, clock: Clock) -> Books:
    """The books of accounts that have just been locked."""
    return Books(
        recording_instant(clock.pinned or locked.instant, locked.accounts.values()),
        int((locked.instant + ID_AHEAD_MAX).timestamp() * 1000),
        locked.accounts,
    )


async def read_more(connection: Connection, books: Books, transfers: Sequence[Transfer], *, lots: bool) -> None:
    """Read what the batch refers to besides its accounts; often nothing."""
    if not books.plain:
        await _read_references(connection, books, transfers)
    if lots:
        await read_lots(connection, books, transfers)


async def _read_references(connection: Connection, books: Books, transfers: Sequence[Transfer]) -> None:
    if any(transfer.event_time is not None for transfer in transfers):
        assets = {account.asset for account in books.accounts.values()}
        rows = await connection.fetch(_CLOSED, sorted(assets))
        books.closed_until = {row["code"]: row["closed_until"] for row in rows}
    referenced = referenced_ids(transfers)
    if referenced:
        await read_originals(connection, books, referenced)


def account_ids(transfers: Sequence[Transfer]) -> list[UUID]:
    """The accounts of the batch, each once, in the order in which everybody locks them."""
    ids = set(map(_DEBIT, transfers))
    ids.update(map(_CREDIT, transfers))
    return sorted(ids, key=_INT)


def recording_instant(now: datetime, accounts: Iterable[AccountState]) -> datetime:
    """`now`, or just after the latest recording on the accounts."""
    for account in accounts:
        if account.last_recorded_at >= now:
            now = account.last_recorded_at + _MICROSECOND
    return now


async def lock_accounts(
    connection: Connection, ids: Sequence[UUID], accounts: Sequence[Account] = (), transfer_ids: Sequence[UUID] = ()
) -> Locked:
    """Lock the accounts, opening those of `accounts` that are missing. All ids are in order, accounts' are distinct.

    Nothing is locked before everything is open: who opens an account while holding others waits out of order for
    those who opened it first. Raises NoTransaction.
    """
    if not connection.is_in_transaction():
        raise NoTransaction
    span = (transfer_ids[0], transfer_ids[-1]) if transfer_ids else (None, None)
    rows = await connection.fetch(_LOCK, ids, transfer_ids, *span, bool(accounts))
    if not rows:
        await open_accounts(connection, accounts, ids)
        rows = await connection.fetch(_LOCK, ids, transfer_ids, *span, False)  # noqa: FBT003 - SQL's argument
    last = rows.pop()
    # Keys that are the caller's own objects are found without a comparison.
    keys = ids if len(rows) == len(ids) else [row["id"] for row in rows]
    found: dict[UUID, AccountState] = {}
    lots = False
    for key, row in zip(keys, rows, strict=True):
        found[key] = account = AccountState(*row)
        lots = lots or account.keeps_lots
    return Locked(found, instant=last["last_recorded_at"], known=last["closed"], lots=lots)


_ID, _INT = attrgetter("id"), attrgetter("int")
_DEBIT, _CREDIT = attrgetter("debit_account_id"), attrgetter("credit_account_id")

_LOCK = "select * from ledger_lock($1, $2, $3, $4, $5)"

_CLOSED = "select code, closed_until from ledger_asset where code = any($1::text[]) order by code for share"
"""Shared, so that a period is closed either before a past event is recorded or after that is committed."""
