"""The one PostgreSQL: Tortoise for models, the raw asyncpg connection of the same transaction for the hot path."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import unquote, urlsplit

from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from core.clock import Clock, SystemClock
from core.errors import ConfigurationError

if TYPE_CHECKING:
    import asyncpg

APPS = ("core", "ledger", "brands", "members", "exchange", "rights", "settlement")
"""The packages with tables, in the order of the import law: each may refer to those before it."""

APPLICATION_ROLE = "agio_app"
"""The role under which the application works: it cannot change history."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""A raw asyncpg connection; inside `transaction()` it is the transaction's own."""


def tortoise_config(url: str, *, role: str | None, pool_size_max: int = 16) -> dict[str, Any]:
    """Tortoise's configuration for `url`; `role` is taken on by every connection."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        message = "DATABASE_URL must look like postgresql://user:password@host:port/database"
        raise ConfigurationError(message)
    credentials: dict[str, Any] = {
        "host": parts.hostname or "localhost",
        "port": parts.port or 5432,
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password or ""),
        "database": parts.path.strip("/"),
        "minsize": 1,
        "maxsize": pool_size_max,
        "application_name": "agio",
    }
    if role:
        credentials["server_settings"] = {"role": role}
    return {
        "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": {
            app: {"models": [f"{app}.models"], "default_connection": "default", "migrations": f"{app}.migrations"}
            for app in APPS
        },
        "use_tz": True,
        "timezone": "UTC",
    }


class Database:
    """An open connection pool and the clock that goes with it. One per process."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    @classmethod
    async def connect(cls, url: str, *, clock: Clock | None = None, pool_size_max: int = 16) -> "Database":
        """Open the pool. The schema must have been migrated."""
        config = tortoise_config(url, role=APPLICATION_ROLE, pool_size_max=pool_size_max)
        await Tortoise.init(config=config, _enable_global_fallback=True)
        return cls(clock or SystemClock())

    async def close(self) -> None:
        """Close the pool."""
        await Tortoise.close_connections()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction: committed at the end of the block, rolled back when it raises."""
        async with in_transaction() as client:
            yield cast("Connection", client._connection)  # noqa: SLF001 - Tortoise offers no public way

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection outside a transaction, for single reads."""
        async with get_connection("default").acquire_connection() as connection:
            yield cast("Connection", connection)
