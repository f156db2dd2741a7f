"""Several writes as one statement, so that a batch costs one round trip however many tables it touches."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from core.database import Connection


class Part(NamedTuple):
    """A query that writes one table and may read what parts before it return.

    `$1` is the instant of recording, `?` stands for each value in turn.
    """

    name: str
    sql: str
    values: tuple[object, ...]


def rows_of(types: tuple[str, ...], columns: Sequence[Sequence[object]]) -> tuple[str, tuple[object, ...]]:
    """What to select rows from, given column by column, and the values that it takes.

    Rows are sent as one array for each column; a row or two as they are, because PostgreSQL unpacks every array in a
    scan of its own, and for so few rows setting that up takes longer than all the rest.
    """
    count = len(columns[0])
    if count > _FEW:
        return _arrays(types), tuple(columns)
    return _values(types, count), tuple(chain.from_iterable(zip(*columns, strict=True)))


async def execute_parts(connection: Connection, recorded_at: datetime, parts: Sequence[Part]) -> None:
    """Run the parts as one statement: each sees the tables as they were before all of them.

    Ends what `ledger_lock` began: for the rest of the transaction plans are made as usual.
    """
    query = _compose(tuple([(part.name, part.sql) for part in parts]))
    await connection.execute(query, recorded_at, *chain.from_iterable([part.values for part in parts]))


@lru_cache
def _arrays(types: tuple[str, ...]) -> str:
    return f"unnest({', '.join(f'?::{one}[]' for one in types)})"


@lru_cache
def _values(types: tuple[str, ...], count: int) -> str:
    row = f"({', '.join(f'?::{one}' for one in types)})"
    return f"(values {', '.join([row] * count)})"


@lru_cache
def _compose(parts: tuple[tuple[str, str], ...]) -> str:
    query = "with " + ",\n".join(f"{name} as ({sql})" for name, sql in parts) + _END
    pieces = query.split("?")
    numbered = (f"{piece}${place}" for place, piece in enumerate(pieces[:-1], 2))
    return "".join(numbered) + pieces[-1]


_FEW = 2
"""The sides of one transfer."""

_END = "\nselect set_config('enable_seqscan', 'on', true), set_config('plan_cache_mode', 'auto', true)"
