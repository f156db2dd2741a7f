"""A PostgreSQL of the benchmark's own: private, durable, migrated, and gone afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from core.migrate import migrate
from core.postgres import private_postgres
from core.settings import Settings


@asynccontextmanager
async def scratch_database() -> AsyncIterator[str]:
    """The URL of a fresh database on a fresh server, with fsync and synchronous commit on.

    It lies below AGIO_HOME, on the disk where the real one would be: a folder for temporary files may be memory.
    """
    home = Settings.from_environment().home
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=home) as folder, private_postgres(Path(folder)) as url:
        await migrate(url)
        yield url
