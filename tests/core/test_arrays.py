"""Our arrays against asyncpg's own: what is sent, what is read back, and what is refused."""

from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import FORMS
from core.database import Connection, Database
from core.ids import new_id
from core.scratch import connect_as_owner

NOON = datetime(2026, 2, 28, 12, 30, 1, 999_999, tzinfo=UTC)
TWICE = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
"""In the hour that clocks repeat."""
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
    ("timestamptz", []),
    ("timestamptz", [NOON, NOON + timedelta(microseconds=1), NOON]),
    ("timestamptz", (NOON, None, NOON.astimezone(timezone(timedelta(hours=-9, minutes=-30))))),
    ("timestamptz", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), NOON]),
    ("timestamptz", [datetime.max.replace(tzinfo=timezone(timedelta(hours=8))), NOON.replace(tzinfo=None)]),
    ("timestamptz", [TWICE, TWICE.replace(fold=1), TWICE]),
    ("timestamptz", [datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)]),
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
    ("timestamptz", ["2026-01-01"]),
    ("timestamptz", [5, NOON]),
    ("timestamptz", [NOON, None, []]),
    ("timestamptz", NOON),
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
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.timezones()) | st.none()  # noqa: DTZ001


@given(st.tuples(st.lists(IDS), st.lists(INTS), st.lists(BIGINTS), st.lists(INSTANTS)))
def test_whatever_is_sent_is_read_back(arrays: tuple[list[Any], ...]) -> None:
    """Any length, nulls at any place."""
    for form, values in zip(FORMS, arrays, strict=True):
        assert form.decode(form.encode(values)) == [_in_utc(value) for value in values]


def _in_utc(value: Any) -> Any:
    # Instants in the hour that clocks repeat are like no instant of another zone.
    return value.astimezone(UTC) if isinstance(value, datetime) else value
