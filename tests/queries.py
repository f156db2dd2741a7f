"""Counting what is sent to PostgreSQL, also by a gateway that runs in a thread of this process."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from core.database import Connection, Database


@contextmanager
def noted_queries(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements sent within the block, in order, by every database of this process."""
    noted: list[str] = []
    genuine = Database.connection

    @asynccontextmanager
    async def listened_to(self: Database) -> AsyncIterator[Connection]:
        async with genuine(self) as connection:
            with connection.query_logger(lambda record: noted.append(record.query)):
                yield connection

    with monkeypatch.context() as patch:
        patch.setattr(Database, "connection", listened_to)
        yield noted
