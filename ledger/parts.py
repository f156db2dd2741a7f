"""Several writes as one statement, so that a batch costs one round trip however many tables it touches."""

import re
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import count as count_from

from msgspec import Struct

from core.database import Connection


class Part(Struct, frozen=True, gc=False):
    """A query that writes one table and may read what parts before it return.

    `?` stands for each value in turn, `?transfers.2` for the second value of the part named transfers, which is sent
    once however many parts use it. In what is written along with a batch, `$1` is the instant of recording.
    """

    name: str
    sql: str
    values: Sequence[object]


class Rows:
    """Rows of certain types to select from.

    In rows that are read once, the columns that come first may be `looked_up`: of fixed length, and never null.
    """

    __slots__ = ("_arrays", "_counted", "_one", "_two")

    def __init__(self, types: Sequence[str], looked_up: int = 0) -> None:
        row = f"({', '.join(f'?::{one}' for one in types)})"
        self._one = f"(values {row})"
        self._two = f"(values {row}, {row})"
        self._arrays = _arrays(types[:looked_up], types[looked_up:])
        self._counted = looked_up == len(types)

    def of(self, rows: Sequence[tuple[object, ...]]) -> tuple[str, Sequence[object]]:
        """What to select these rows from, and the values that it takes.

        Rows are sent as one array for each column; a row or two as they are, because setting up what takes arrays
        apart takes longer than all the rest for so few rows.
        """
        if len(rows) == 1:
            return self._one, rows[0]
        if len(rows) == 2:  # noqa: PLR2004 - the sides of one transfer
            return self._two, rows[0] + rows[1]
        columns = tuple(zip(*rows, strict=True))
        return self._arrays, (*columns, len(rows)) if self._counted else columns


def _arrays(looked_up: Sequence[str], others: Sequence[str]) -> str:
    # To look an element up is cheaper than `unnest`, which copies each twice. But it is looked up anew
    # wherever the column is used; and with nulls, or various lengths, PostgreSQL walks through all elements before it.
    unnested = f"unnest({', '.join(f'?::{one}[]' for one in others)})"
    if not looked_up:
        return unnested
    elements = [f"(?::{one}[])[place]" for one in looked_up]
    if not others:
        return f"(select {', '.join(elements)} from generate_series(1, ?::int) as place)"
    names = [f"other_{number}" for number, _ in enumerate(others)]
    rest = f"{unnested} with ordinality as rest ({', '.join(names)}, place)"
    return f"(select {', '.join(elements + names)} from {rest})"


_SELECT = "\nselect"
_AS_USUAL = """ set_config('enable_seqscan', 'on', true), set_config('enable_bitmapscan', 'on', true),
    set_config('plan_cache_mode', 'auto', true)"""


async def plan_as_usual(connection: Connection) -> None:
    """End what `ledger_lock` began, where nothing is written: from then on plans are made as usual."""
    await connection.execute(_SELECT + _AS_USUAL)


def execute_parts(
    connection: Connection, recorded_at: datetime, parts: Sequence[Part], *, last: bool = True
) -> Coroutine[None, None, str]:
    """Run the parts as one statement: each sees the tables as they were before all of them.

    The `last` statement of a batch ends what `ledger_lock` began as well (`plan_as_usual`).
    """
    return _execute(connection, parts, recorded_at, end=_SELECT + _AS_USUAL if last else _SELECT)


async def write_parts(connection: Connection, parts: Sequence[Part]) -> None:
    """The same without a batch: there is no instant of recording."""
    if parts:
        await _execute(connection, parts)


def _execute(
    connection: Connection, parts: Sequence[Part], *before: object, end: str = _SELECT
) -> Coroutine[None, None, str]:
    queries: list[tuple[str, str, int]] = []
    values = list(before)
    for part in parts:
        queries.append((part.name, part.sql, len(part.values)))
        values += part.values
    return connection.execute(_compose(tuple(queries), len(before) + 1, end), *values)


@lru_cache
def _compose(parts: tuple[tuple[str, str, int], ...], first: int, end: str) -> str:
    firsts, queries = dict[str, int](), list[str]()
    for name, sql, count in parts:
        firsts[name] = first
        queries.append(f"{name} as ({_numbered(sql, first, firsts)})")
        first += count
    return "with " + ",\n".join(queries) + end


def _numbered(sql: str, first: int, firsts: Mapping[str, int]) -> str:
    in_turn = count_from(first)

    def number(mark: re.Match[str]) -> str:
        name, place = mark.groups()
        return f"${firsts[name] + int(place) - 1 if name else next(in_turn)}"

    return _MARK.sub(number, sql)


_MARK = re.compile(r"\?(?:(\w+)\.(\d+))?")
