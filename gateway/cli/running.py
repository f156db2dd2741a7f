"""Running a command's work on the installation that the environment names."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from core.database import Database
from core.migrate import migrate
from core.postgres import postgres
from core.settings import Settings

Result = TypeVar("Result")


def run(work: Callable[[Database, Settings], Awaitable[Result]]) -> Result:
    """Open the database, migrated, and do the work; the private PostgreSQL is started when it does not run."""
    settings = Settings.from_environment()
    with postgres(settings) as url:
        return asyncio.run(_on(url, settings, work))


async def _on(url: str, settings: Settings, work: Callable[[Database, Settings], Awaitable[Result]]) -> Result:
    await migrate(url)
    database = await Database.connect(url)
    try:
        return await work(database, settings)
    finally:
        await database.close()
