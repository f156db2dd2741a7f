"""Running a command's work on the installation that the environment names."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg

from core.cluster import Cluster
from core.database import Database
from core.database_words import in_words
from core.errors import AgioError
from core.faults import Fault, fault_of
from core.loop import loop_factory
from core.migrate import migrate
from core.postgres import postgres
from core.scratch import connect_as_owner
from core.settings import Settings

Result = TypeVar("Result")
Work = Callable[[Database, Settings], Awaitable[Result]]


class NoBooks(AgioError):
    """Where the environment points there are no books."""


class DatabaseUnusable(AgioError):
    """The database that the environment names does not answer, or does not let us in."""


def run(work: Work[Result], *, kept: bool = False) -> Result:
    """Open the database, migrated, and do the work; the private PostgreSQL is started when it does not run.

    With `kept` it is started again when it dies meanwhile: for work that goes on through its loss.
    """
    settings = Settings.from_environment()
    with postgres(settings, kept=kept) as url, asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_on(url, settings, work))


def run_on_books(work: Work[Result]) -> Result:
    """The same for work that makes no sense without books: where there are none, none are made. Raises NoBooks."""
    settings = Settings.from_environment()
    if not settings.database_url and not Cluster(settings.home / "postgres", durable=True).exists:
        raise _no_books(settings)
    with postgres(settings) as url:
        asyncio.run(_check_books(url, settings))
        return asyncio.run(_on(url, settings, work))


async def migrated(url: str, settings: Settings) -> list[str]:
    """Bring the database up to date, see `core.migrate`. Raises DatabaseUnusable."""
    async with _named(settings):
        return await migrate(url)


async def _on(url: str, settings: Settings, work: Work[Result]) -> Result:
    await migrated(url, settings)
    async with _named(settings):
        database = await Database.connect(url)
    try:
        return await work(database, settings)
    finally:
        await database.close()


async def _check_books(url: str, settings: Settings) -> None:
    async with _named(settings):
        connection = await connect_as_owner(url)
    try:
        opened = await connection.fetchval("SELECT to_regclass('ledger_asset') IS NOT NULL")
        if not opened or not await connection.fetchval("SELECT EXISTS (SELECT FROM ledger_asset)"):
            raise _no_books(settings)
    finally:
        await connection.close()


def _no_books(settings: Settings) -> NoBooks:
    place = "the database of DATABASE_URL" if settings.database_url else f"{settings.home} (AGIO_HOME)"
    return NoBooks(f"There are no books in {place}: `agio brand apply` opens them.")


@asynccontextmanager
async def _named(settings: Settings) -> AsyncIterator[None]:
    """Says which variable named a database that does not answer or let us in. Raises DatabaseUnusable."""
    try:
        yield
    except Exception as error:
        if not _is_about_the_way_in(error):
            raise
        named = "DATABASE_URL" if settings.database_url else "AGIO_HOME"
        message = f"The database of {named} cannot be used: {in_words(error)}"
        raise DatabaseUnusable(message) from error


def _is_about_the_way_in(error: Exception) -> bool:
    entry = (
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.InsufficientPrivilegeError,
    )
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, entry):
            return True
        cause = cause.__cause__
    return fault_of(error) is Fault.MACHINERY
