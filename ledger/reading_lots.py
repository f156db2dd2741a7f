"""The lots that a batch's debits may take: as many of the first-expiring ones as the batch could need, and no more."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from core.amounts import AMOUNT_MAX
from core.database import Connection
from ledger.books import Books
from ledger.rows import LOT, lot_of
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
    expiring = [t for t in transfers if t.kind is Kind.LOT_EXPIRY and _keeps_lots(books, t)]
    if expiring:
        accounts, instants = [t.debit_account_id for t in expiring], [t.event_time for t in expiring]
        _put(books, await connection.fetch(_EXPIRED, accounts, instants))


def _keeps_lots(books: Books, transfer: Transfer) -> bool:
    account = books.accounts.get(transfer.debit_account_id)
    return account is not None and account.keeps_lots


def _needs(books: Books, transfers: Sequence[Transfer]) -> dict[UUID, int]:
    """The most that the batch can take from each account's first-expiring lots."""
    needs: dict[UUID, int] = defaultdict(int)
    accounts = books.accounts
    for transfer in transfers:
        if transfer.kind in _FIRST_EXPIRING:
            account = accounts.get(transfer.debit_account_id)
            if account is not None and account.keeps_lots:
                needs[account.id] += transfer.amount
    return needs


async def _read_first_expiring(connection: Connection, books: Books, needs: dict[UUID, int]) -> None:
    rows = await connection.fetch(_FIRST, list(needs), books.recorded_at, _FEW)
    _put(books, rows)
    found: dict[UUID, list[int]] = defaultdict(list)
    for row in rows:
        found[row["account_id"]].append(row["remaining"])
    short = [key for key, need in needs.items() if len(found[key]) == _FEW and sum(found[key]) < need]
    if short:
        wanted = short, [min(needs[key], AMOUNT_MAX) for key in short]
        _put(books, await connection.fetch(_ENOUGH, *wanted, books.recorded_at))


def _put(books: Books, rows: Sequence[Record]) -> None:
    lots = [lot_of(row) for row in rows]
    shelves = {lot.account_id: books.accounts[lot.account_id].shelf for lot in lots}
    there = {lot.id for shelf in shelves.values() for lot in shelf.lots}
    for lot in lots:
        if lot.id not in there:
            there.add(lot.id)
            shelves[lot.account_id].put(lot)


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
) as lot
"""

_ALL = f"select {LOT} from ledger_lot where account_id = any($1::uuid[]) and live"

_EXPIRED = f"""
select lot.* from unnest($1::uuid[], $2::timestamptz[]) as due (account_id, instant)
cross join lateral (
    select {LOT} from ledger_lot as stored
    where account_id = due.account_id and live and stored.expires_at <= due.instant
) as lot
"""
