"""The lots that a batch's debits may take: as many of the first-expiring ones as the batch could need, and no more."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from core.amounts import AMOUNT_MAX
from core.database import Connection
from ledger.allocation import LotState
from ledger.books import Books
from ledger.rows import LOT
from ledger.transfer import Kind, Transfer

_FEW = 3
"""How many lots of an account are read at first; a spend seldom needs more."""

_FIRST_EXPIRING = frozenset({Kind.SINGLE, Kind.PENDING})


async def read_lots(connection: Connection, books: Books, transfers: Sequence[Transfer]) -> None:
    """Put the lots that the batch may take on their accounts' shelves."""
    needs = _needs(books, transfers)
    if needs:
        await _read_first_expiring(connection, books, needs)
    whole = [t.debit_account_id for t in transfers if t.kind is Kind.CLOSE and _keeps_lots(books, t)]
    if whole:
        _put(books, await connection.fetch(_ALL, whole))
    due = _due(books, transfers)
    if due:
        _put(books, await connection.fetch(_EXPIRED, list(due), list(due.values())))


def _keeps_lots(books: Books, transfer: Transfer) -> bool:
    account = books.accounts.get(transfer.debit_account_id)
    return account is not None and account.keeps_lots


def _due(books: Books, transfers: Sequence[Transfer]) -> dict[UUID, datetime]:
    """The latest instant up to which lots expire, by account."""
    due: dict[UUID, datetime] = {}
    for transfer in transfers:
        if transfer.kind is Kind.LOT_EXPIRY and transfer.event_time is not None and _keeps_lots(books, transfer):
            key = transfer.debit_account_id
            due[key] = max(transfer.event_time, due.get(key, transfer.event_time))
    return due


def _needs(books: Books, transfers: Sequence[Transfer]) -> dict[UUID, int]:
    """The most that the batch can take from each account's first-expiring lots."""
    needs: dict[UUID, int] = defaultdict(int)
    accounts = books.accounts
    for transfer in transfers:
        # One that is refused for its amount must not make the others' need look smaller.
        if transfer.kind in _FIRST_EXPIRING and transfer.amount > 0:
            account = accounts.get(transfer.debit_account_id)
            if account is not None and account.keeps_lots:
                needs[account.id] += transfer.amount
    return needs


async def _read_first_expiring(connection: Connection, books: Books, needs: dict[UUID, int]) -> None:
    found = _put(books, await connection.fetch(_FIRST, list(needs), books.recorded_at, _FEW))
    short = [
        key for key, lots in found.items() if len(lots) == _FEW and sum(lot.remaining for lot in lots) < needs[key]
    ]
    if short:
        wanted = [min(needs[key], AMOUNT_MAX) for key in short]
        _put(books, await connection.fetch(_ENOUGH, short, wanted, books.recorded_at))


def _put(books: Books, rows: Sequence[Record]) -> dict[UUID, list[LotState]]:
    """Put lots on their shelves, those that are there already excepted; the lots found, by account.

    An account's lots come first expiring first.
    """
    found: dict[UUID, list[LotState]] = defaultdict(list)
    for row in rows:
        lot = LotState(*row)
        found[lot.account_id].append(lot)
    for account_id, lots in found.items():
        shelf = books.accounts[account_id].shelf
        if not shelf.lots:
            shelf.fill(lots)
            continue
        there = {lot.id for lot in shelf.lots}
        for lot in lots:
            if lot.id not in there:
                there.add(lot.id)
                shelf.put(lot)
    return found


_FIRST = f"""
select lot.* from unnest($1::uuid[]) as need (account_id)
cross join lateral (
    select {LOT} from ledger_lot as stored
    where account_id = need.account_id and live and stored.expires_at > $2 and available_at <= $2
    order by stored.expires_at, id limit $3
) as lot
"""

_ENOUGH = f"""
select lot.* from unnest($1::uuid[], $2::bigint[]) as need (account_id, amount)
cross join lateral (
    select {LOT} from (
        select *, sum(remaining) over (order by expires_at, id) - remaining as before
        from ledger_lot where account_id = need.account_id and live and expires_at > $3 and available_at <= $3
    ) as stored
    where before < need.amount
    order by stored.expires_at, id
) as lot
"""

_ALL = (
    f"select {LOT} from ledger_lot as stored where account_id = any($1::uuid[]) and live order by stored.expires_at, id"
)

_EXPIRED = f"""
select lot.* from unnest($1::uuid[], $2::timestamptz[]) as due (account_id, instant)
cross join lateral (
    select {LOT} from ledger_lot as stored
    where account_id = due.account_id and live and stored.expires_at <= due.instant
    order by stored.expires_at, id
) as lot
"""
