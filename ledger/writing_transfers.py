"""History: the transfers that were recorded, and those that were refused.

Columns that all transfers of a batch leave at their default are left out, in bundles: few statements to prepare, and
little to send for the plain batch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter, index
from typing import Any, cast

from ledger.books import Posting
from ledger.decision import RefusalEntry
from ledger.parts import Part, Rows
from ledger.transfer import LotTerms, is_plain


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    # Compared by identity: statements are looked up by their columns, for every batch.
    name: str
    type: str
    field: str
    """Of a posting or a refusal's entry; of its transfer's lot terms, if it starts with "lot."."""


_Columns = tuple[_Column, ...]
_Entries = Sequence[Posting] | Sequence[RefusalEntry]


def _content(field: str, kind: str) -> _Column:
    return _Column(field, kind, f"transfer.{field}")


# What every row has comes first; it is of fixed length and never null: PostgreSQL may look it up (`Rows`).
_MOVED: _Columns = (
    # These three come first, for the parts that name them: `SINGLE_POSTING`.
    _content("id", "uuid"),
    # The accounts' ids as the database gave them are sent faster than those of the transfers.
    _Column("debit_account_id", "uuid", "debit.id"),
    _Column("credit_account_id", "uuid", "credit.id"),
    _Column("amount", "bigint", "amount"),
    _Column("sequence", "int", "sequence"),
    _content("code", "int"),
)
_REFUSED: _Columns = (
    _content("id", "uuid"),
    _content("debit_account_id", "uuid"),
    _content("credit_account_id", "uuid"),
    _content("amount", "bigint"),
    _Column("sequence", "int", "sequence"),
    _content("code", "int"),
    _Column("status", "text", "status.value"),
)
_BELONGING: _Columns = (
    _content("group_id", "uuid"),
    _content("reference", "uuid"),
)
_SPECIAL: _Columns = (
    _content("kind", "smallint"),
    _Column("balancing", "smallint", "transfer.balancing.value"),
    _content("pending_id", "uuid"),
    _content("reverses_id", "uuid"),
    _content("lots_of", "uuid"),
    _content("timeout_seconds", "int"),
    _content("event_time", "timestamptz"),
)
_TERMS: _Columns = (
    _Column("lot_expires_at", "timestamptz", "lot.expires_at"),
    _Column("lot_funder", "uuid", "lot.funder"),
    _Column("lot_unit_cost", "bigint", "lot.unit_cost"),
)
_AVAILABILITY: _Columns = (_Column("lot_available_at", "timestamptz", "lot.available_at"),)
_GROUP_SIZE: _Columns = (_Column("group_size", "int", "group_size"),)
_REQUESTED: _Columns = (_Column("requested", "bigint", "requested"),)

SINGLE_POSTING = "?transfers.1", "?transfers.2", "?transfers.3"
"""The values of `transfer_part` for a single posting: ids of the transfer and of its debit and credit account."""


def transfer_part(postings: Sequence[Posting], *, plain: bool) -> Part:
    """Insert the recorded transfers; whether all of them are plain."""
    return _insert("ledger_transfer", _MOVED + _needed(postings, _OF_POSTINGS, plain=plain)).part("transfers", postings)


def refusal_part(refusals: Sequence[RefusalEntry], *, plain: bool) -> Part:
    """Insert the refused transfers; whether all of them are plain."""
    return _insert("ledger_refusal", _REFUSED + _needed(refusals, _OF_REFUSALS, plain=plain)).part("refusals", refusals)


def _needed(entries: _Entries, bundles: tuple[_Columns, _Columns], *, plain: bool) -> _Columns:
    belonging = special = terms = availability = False
    for entry in entries:
        transfer = entry.transfer
        if transfer.group_id is not None or transfer.reference is not None:
            belonging = True
        if transfer.lot is not None:
            terms = True
            availability = availability or transfer.lot.available_at is not None
        if not plain:
            special = special or not is_plain(transfer)
    columns: _Columns = bundles[0] if belonging else ()
    if special:
        columns += bundles[1]
    if terms:
        columns += _TERMS + _AVAILABILITY if availability else _TERMS
    return columns


class _Insert:
    """The insert of certain columns."""

    __slots__ = ("_begin", "_row", "_rows")

    def __init__(self, table: str, columns: _Columns) -> None:
        names = ", ".join(column.name for column in columns)
        self._begin = f"insert into {table} (recorded_at, {names}) select $1::timestamptz, new.* from "
        self._rows = Rows([column.type for column in columns], looked_up=len(_MOVED))
        self._row = _row(columns)

    def part(self, name: str, entries: _Entries) -> Part:
        if len(entries) <= 2:  # noqa: PLR2004 - these go as they are, and asyncpg would cut off a fraction (`Rows`)
            for entry in entries:
                index(entry.transfer.amount)
        rows, values = self._rows.of(list(map(self._row, entries)))
        return Part(name, f"{self._begin}{rows} as new", values)


_insert = lru_cache(_Insert)


def _row(columns: _Columns) -> Callable[[Any], tuple[object, ...]]:
    split = next((place for place, column in enumerate(columns) if column.field.startswith("lot.")), len(columns))
    content = attrgetter(*[column.field for column in columns[:split]])
    if split == len(columns):
        return cast("Callable[[Any], tuple[object, ...]]", content)
    terms = attrgetter(*[column.field.removeprefix("lot.") for column in columns[split:]])
    return lambda entry: (*content(entry), *terms(entry.transfer.lot or _NO_TERMS))


_NO_TERMS = LotTerms(unit_cost=None)  # type: ignore[arg-type]

_OF_POSTINGS = _BELONGING + _GROUP_SIZE, _SPECIAL + _REQUESTED
_OF_REFUSALS = _BELONGING, _SPECIAL
