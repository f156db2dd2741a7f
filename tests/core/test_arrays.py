"""Our arrays against asyncpg's own: what is sent, what is read back, and what is refused."""

from collections.abc import AsyncIterator, Collection
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import FORMS
from core.database import Connection, Database
from core.ids import new_id
from core.scratch import connect_as_owner

A, B = new_id(), UUID("00000000-0000-4000-8000-0000000000ff")

GOOD = [
    ("uuid", []),
    ("uuid", [A]),
    ("uuid", (A, B, A)),
    ("uuid", {A: 1, B: 2}.keys()),
    ("uuid", [None, A, None]),
    ("uuid", [A, str(B)]),
    ("int", []),
    ("int", [0, -1, 2**31 - 1, -(2**31)]),
    ("int", [None, 5]),
    ("int", range(3)),
    ("bigint", []),
    ("bigint", [0, -1, 1, 2**63 - 1, -(2**63), 2**32, -(2**32) - 1]),
    ("bigint", [None]),
    ("bigint", [2**40, None, -7]),
]

BAD = [
    ("uuid", ["no id"]),
    ("uuid", [5]),
    ("uuid", 5),
    ("int", [2**31]),
    ("int", [-(2**31) - 1, None]),
    ("int", [2.5]),
    ("int", ["7"]),
    ("int", [[1], [2]]),
    ("bigint", [2**63]),
    ("bigint", [None, -(2**63) - 1]),
    ("bigint", [2.0, None]),
    ("bigint", "12"),
]


@pytest.fixture
async def plain(database_url: str) -> AsyncIterator[Connection]:
    """A connection with asyncpg's own codecs."""
    connection = await connect_as_owner(database_url)
    yield connection
    await connection.close()


@pytest.mark.parametrize(("kind", "values"), GOOD)
async def test_an_array_arrives_and_comes_back(
    database: Database, plain: Connection, kind: str, values: Collection[Any]
) -> None:
    """PostgreSQL writes it as the same text, and gives it back the same."""
    as_text, as_array = f"select $1::{kind}[]::text", f"select $1::{kind}[]"
    async with database.connection() as connection:
        assert await connection.fetchval(as_text, values) == await plain.fetchval(as_text, list(values))
        assert await connection.fetchval(as_array, values) == await plain.fetchval(as_array, list(values))


@pytest.mark.parametrize(("kind", "values"), BAD)
async def test_what_is_no_such_array_is_refused_before_it_is_sent(database: Database, kind: str, values: Any) -> None:
    """As asyncpg refuses it; the connection stays usable."""
    async with database.connection() as connection:
        with pytest.raises(asyncpg.DataError, match="invalid input for query argument"):
            await connection.fetchval(f"select $1::{kind}[]", values)
        assert await connection.fetchval("select $1::int[]", [1]) == [1]


async def test_an_array_of_arrays_is_not_read_as_something_else(database: Database) -> None:
    """It is refused by name: nothing of ours makes one."""
    async with database.connection() as connection:
        with pytest.raises(ValueError, match="an array of 2 dimensions"):
            await connection.fetchval("select '{{1,2},{3,4}}'::int[]")


IDS = st.uuids() | st.none()
INTS = st.integers(-(2**31), 2**31 - 1) | st.none()
BIGINTS = st.integers(-(2**63), 2**63 - 1) | st.none()


@given(st.tuples(st.lists(IDS), st.lists(INTS), st.lists(BIGINTS)))
def test_whatever_is_sent_is_read_back(arrays: tuple[list[Any], ...]) -> None:
    """Any length, nulls at any place."""
    for form, values in zip(FORMS, arrays, strict=True):
        assert form.decode(form.encode(values)) == values
