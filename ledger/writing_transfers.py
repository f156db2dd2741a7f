"""History: the transfers that were recorded, and those that were refused.

Columns that all transfers of a batch leave at their default are left out, in bundles: few statements to prepare, and
little to send for the plain batch.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

from ledger.books import Posting
from ledger.decision import RefusalEntry
from ledger.parts import Part, rows_of
from ledger.transfer import LotTerms, Transfer, is_plain


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    # Compared by identity: statements are looked up by their columns, for every batch.
    name: str
    type: str
    value: Callable[[Any], object]


_Columns = tuple[_Column, ...]

_NO_TERMS = LotTerms(unit_cost=None)  # type: ignore[arg-type]


def _lot(field: str) -> Callable[[Transfer], object]:
    get = attrgetter(field)
    return lambda transfer: get(transfer.lot or _NO_TERMS)


_PLAIN: _Columns = (
    _Column("id", "uuid", attrgetter("id")),
    _Column("code", "int", attrgetter("code")),
)
_BELONGING: _Columns = (
    _Column("group_id", "uuid", attrgetter("group_id")),
    _Column("reference", "uuid", attrgetter("reference")),
)
_SPECIAL: _Columns = (
    _Column("kind", "smallint", attrgetter("kind")),
    _Column("balancing", "smallint", attrgetter("balancing.value")),
    _Column("pending_id", "uuid", attrgetter("pending_id")),
    _Column("reverses_id", "uuid", attrgetter("reverses_id")),
    _Column("lots_of", "uuid", attrgetter("lots_of")),
    _Column("timeout_seconds", "int", attrgetter("timeout_seconds")),
    _Column("event_time", "timestamptz", attrgetter("event_time")),
)
_TERMS: _Columns = (
    _Column("lot_expires_at", "timestamptz", _lot("expires_at")),
    _Column("lot_funder", "uuid", _lot("funder")),
    _Column("lot_unit_cost", "bigint", _lot("unit_cost")),
)
_AVAILABILITY: _Columns = (_Column("lot_available_at", "timestamptz", _lot("available_at")),)
_ACCOUNTS: _Columns = (
    _Column("debit_account_id", "uuid", attrgetter("debit_account_id")),
    _Column("credit_account_id", "uuid", attrgetter("credit_account_id")),
)
_MOVED: _Columns = (
    # The accounts' ids as the database gave them are sent faster than those of the transfers.
    _Column("debit_account_id", "uuid", attrgetter("debit.id")),
    _Column("credit_account_id", "uuid", attrgetter("credit.id")),
    _Column("amount", "bigint", attrgetter("amount")),
    _Column("sequence", "int", attrgetter("sequence")),
)
_GROUP_SIZE: _Columns = (_Column("group_size", "int", attrgetter("group_size")),)
_REFUSED: _Columns = (
    _Column("sequence", "int", attrgetter("sequence")),
    _Column("status", "text", attrgetter("status.value")),
)
_REQUESTED: _Columns = (
    _Column("requested", "bigint", lambda p: None if p.amount == p.transfer.amount else p.transfer.amount),
)
_AMOUNT: _Columns = (_Column("amount", "bigint", attrgetter("amount")),)


def transfer_part(postings: Sequence[Posting], *, plain: bool) -> Part:
    """Insert the recorded transfers; whether all of them are plain."""
    transfers = [posting.transfer for posting in postings]
    content = _content(transfers, plain=plain)
    moved = _MOVED
    if _BELONGING[0] in content:
        moved += _GROUP_SIZE
    if _SPECIAL[0] in content:
        moved += _REQUESTED
    values = (*_columns(transfers, content), *_columns(postings, moved))
    return _insert("transfers", "ledger_transfer", (*content, *moved), values)


def refusal_part(refusals: Sequence[RefusalEntry], *, plain: bool) -> Part:
    """Insert the refused transfers; whether all of them are plain."""
    transfers = [entry.transfer for entry in refusals]
    content = (*_content(transfers, plain=plain), *_ACCOUNTS, *_AMOUNT)
    values = (*_columns(transfers, content), *_columns(refusals, _REFUSED))
    return _insert("refusals", "ledger_refusal", (*content, *_REFUSED), values)


def _columns(items: Sequence[object], columns: Iterable[_Column]) -> tuple[list[object], ...]:
    return tuple(list(map(column.value, items)) for column in columns)


def _content(transfers: Sequence[Transfer], *, plain: bool) -> tuple[_Column, ...]:
    columns = _PLAIN
    if any(t.group_id is not None or t.reference is not None for t in transfers):
        columns += _BELONGING
    if not plain and not all(map(is_plain, transfers)):
        columns += _SPECIAL
    lots = [transfer.lot for transfer in transfers if transfer.lot is not None]
    if lots:
        columns += _TERMS
        if any(lot.available_at is not None for lot in lots):
            columns += _AVAILABILITY
    return columns


def _insert(part: str, table: str, columns: _Columns, values: Sequence[Sequence[object]]) -> Part:
    names, types = _heading(columns)
    rows, sent = rows_of(types, values)
    return Part(part, _statement(table, names, rows), sent)


@lru_cache
def _statement(table: str, names: str, rows: str) -> str:
    return f"insert into {table} (recorded_at, {names}) select $1::timestamptz, new.* from {rows} as new"


@lru_cache
def _heading(columns: _Columns) -> tuple[str, tuple[str, ...]]:
    return ", ".join(column.name for column in columns), tuple(column.type for column in columns)
