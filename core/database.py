"""The one PostgreSQL: Tortoise for models, the raw asyncpg connection of the same transaction for the hot path."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from typing import Any, TypeAlias, cast

import asyncpg
import tortoise.models
from tortoise import Model
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.context import (
    TortoiseContext,
    _current_context,  # `with context:` keeps its token on the context, so that two tasks would mix theirs up
)

from core.arrays import send_arrays_fast
from core.clock import Clock, SystemClock
from core.database_url import connection_arguments

APPS = ("core", "ledger", "brands", "members", "exchange", "rights", "settlement", "webhooks", "adapters", "gateway")
"""The packages with tables, in the order of the import law: each may refer to those before it."""

APPLICATION_ROLE = "agio_app"
"""The role under which the application works: it cannot change history."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""A raw asyncpg connection; inside `transaction()` it is the transaction's own."""

_ALIAS = "default"


class Database:
    """An open connection pool and the clock that goes with it.

    Tortoise models work inside the blocks of `transaction()` and `connection()` only, and there on the very
    connection that the block hands out. Nothing is global: a process may hold several databases.
    """

    def __init__(self, context: TortoiseContext, clock: Clock, url: str) -> None:
        self.clock = clock
        self._context = context
        self._url = url

    @classmethod
    async def connect(cls, url: str, *, clock: Clock | None = None, pool_size_max: int = 16) -> "Database":
        """Open the pool as the application's role. The schema must have been migrated.

        Raises ConfigurationError for a URL that cannot be used; OSError, or asyncpg's and Tortoise's own errors,
        when nobody answers there.
        """
        context = await open_context(url, role=APPLICATION_ROLE, pool_size_max=pool_size_max)
        return cls(context, clock or SystemClock(), url)

    async def close(self) -> None:
        """Close the pool."""
        await self._context.close_connections()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction: committed at the end of the block, rolled back when it raises.

        Raises RuntimeError inside another block of the same task: a use case has one transaction, and two
        connections for one task are a deadlock waiting for a busy hour.
        """
        async with self.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def own_connection(self, **settings: str) -> AsyncIterator[Connection]:
        """A connection outside the pool, as the application's role, for whoever listens or keeps it for long."""
        arguments = connection_arguments(self._url) | {"server_settings": {"role": APPLICATION_ROLE, **settings}}
        connection = await asyncpg.connect(**arguments)
        try:
            yield connection
        finally:
            connection.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection outside a transaction, for reads that need no common snapshot."""
        async with connection_of(self._context) as connection:
            yield connection


async def open_context(url: str, *, role: str | None, pool_size_max: int) -> TortoiseContext:
    """A Tortoise context with an open pool, in which every connection has taken on `role`."""
    context = TortoiseContext()
    with context, _comments_unread():
        await context.init(config=_tortoise_config(url, role=role, pool_size_max=pool_size_max))
    try:
        async with _client(context).acquire_connection():
            return context
    except BaseException:
        await context.close_connections()
        raise


def _no_comments(cls: type[Model]) -> dict[str, str]:
    del cls
    return {}


@contextmanager
def _comments_unread() -> Iterator[None]:
    """Let Tortoise define models without looking for comments in their source.

    They would go into tables that Tortoise makes; ours are made by our own SQL. For each model it reads and parses
    the whole file anew, which would be half of the time that a command takes to begin.
    """
    found = tortoise.models._get_comments  # noqa: SLF001 - there is no public way to switch it off
    tortoise.models._get_comments = _no_comments  # noqa: SLF001 - as above
    try:
        yield
    finally:
        tortoise.models._get_comments = found  # noqa: SLF001 - as above


@asynccontextmanager
async def connection_of(context: TortoiseContext) -> AsyncIterator[Connection]:
    """A connection of the pool, which Tortoise models use as well until the block ends."""
    client = _client(context)
    if isinstance(client, TransactionWrapper):
        message = "This task already holds a connection: pass it on instead of asking for another one."
        raise RuntimeError(message)  # noqa: TRY004 - it is not the type that is wrong, but the place of the call
    async with client.acquire_connection() as connection:
        with _joined(context, _Joined(client, connection)):
            yield cast("Connection", connection)


class _Joined(TransactionWrapper):
    """Tortoise's client on a connection that we hold: what models do inside their own `atomic` is a savepoint.

    Tortoise's `in_transaction` is not used because it loses the connection for ever when its task is
    cancelled between taking the connection and `BEGIN`.
    """

    def __init__(self, client: AsyncpgDBClient, connection: Any) -> None:
        super().__init__(client)
        self._connection = connection


@contextmanager
def _joined(context: TortoiseContext, client: _Joined) -> Iterator[None]:
    current = _current_context.set(context)
    token = context.connections.set(_ALIAS, client)
    try:
        yield
    finally:
        context.connections.reset(token)
        _current_context.reset(current)


def _client(context: TortoiseContext) -> AsyncpgDBClient:
    return cast("AsyncpgDBClient", context.connections.get(_ALIAS))


def _tortoise_config(url: str, *, role: str | None, pool_size_max: int) -> dict[str, Any]:
    credentials = connection_arguments(url) | {
        "minsize": 1,
        "maxsize": pool_size_max,
        "application_name": "agio",
        "init": send_arrays_fast,
        "reset": _leave_as_it_is,
    }
    if role:
        credentials["server_settings"] = {"role": role}
    return {
        "connections": {_ALIAS: {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": apps_with_tables(),
        "use_tz": True,
        "timezone": "UTC",
    }


async def _leave_as_it_is(_: Connection) -> None:
    # Our sessions keep nothing between transactions (a house test sees to it), so that the round trip which cleans
    # a session, for every block, would clean nothing. An open transaction is rolled back in any case.
    pass


def apps_with_tables() -> dict[str, dict[str, Any]]:
    """Tortoise's configuration of our packages."""
    return {
        app: {"models": [f"{app}.models"], "default_connection": _ALIAS, "migrations": f"{app}.migrations"}
        for app in APPS
        if find_spec(f"{app}.models")
    }
