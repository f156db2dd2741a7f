"""Several writes as one statement, so that a batch costs one round trip however many tables it touches."""

import re
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import count as count_from

from msgspec import Struct

from core.database import Connection


class Part(Struct, frozen=True, gc=False):
    """A query that writes one table and may read what parts before it return.

    `$1` is the instant of recording, `?` stands for each value in turn, `?transfers.2` for the second value of the part
    named transfers, which is sent once however many parts use it.
    """

    name: str
    sql: str
    values: Sequence[object]


class Rows:
    """Rows of certain types to select from."""

    __slots__ = ("_arrays", "_one", "_two")

    def __init__(self, types: Sequence[str]) -> None:
        row = f"({', '.join(f'?::{one}' for one in types)})"
        self._one = f"(values {row})"
        self._two = f"(values {row}, {row})"
        self._arrays = f"unnest({', '.join(f'?::{one}[]' for one in types)})"

    def of(self, rows: Sequence[tuple[object, ...]]) -> tuple[str, Sequence[object]]:
        """What to select these rows from, and the values that it takes.

        Rows are sent as one array for each column; a row or two as they are, because PostgreSQL unpacks every array in
        a scan of its own, and for so few rows setting that up takes longer than all the rest.
        """
        if len(rows) == 1:
            return self._one, rows[0]
        if len(rows) == 2:  # noqa: PLR2004 - the sides of one transfer
            return self._two, rows[0] + rows[1]
        return self._arrays, tuple(zip(*rows, strict=True))


def execute_parts(connection: Connection, recorded_at: datetime, parts: Sequence[Part]) -> Awaitable[str]:
    """Run the parts as one statement: each sees the tables as they were before all of them.

    Ends what `ledger_lock` began: for the rest of the transaction plans are made as usual.
    """
    queries: list[tuple[str, str, int]] = []
    values: list[object] = [recorded_at]
    for part in parts:
        queries.append((part.name, part.sql, len(part.values)))
        values += part.values
    return connection.execute(_compose(tuple(queries)), *values)


@lru_cache
def _compose(parts: tuple[tuple[str, str, int], ...]) -> str:
    first, firsts, queries = 2, dict[str, int](), list[str]()
    for name, sql, count in parts:
        firsts[name] = first
        queries.append(f"{name} as ({_numbered(sql, first, firsts)})")
        first += count
    return "with " + ",\n".join(queries) + _END


def _numbered(sql: str, first: int, firsts: Mapping[str, int]) -> str:
    in_turn = count_from(first)

    def number(mark: re.Match[str]) -> str:
        name, place = mark.groups()
        return f"${firsts[name] + int(place) - 1 if name else next(in_turn)}"

    return _MARK.sub(number, sql)


_MARK = re.compile(r"\?(?:(\w+)\.(\d+))?")

_END = "\nselect set_config('enable_seqscan', 'on', true), set_config('plan_cache_mode', 'auto', true)"
