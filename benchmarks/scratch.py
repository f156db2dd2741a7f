"""A PostgreSQL of the benchmark's own: private, durable, migrated, and gone afterwards."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from core.migrate import migrate
from core.postgres import private_postgres
from core.settings import Settings


@contextmanager
def scratch_home() -> Iterator[Path]:
    """A fresh home below AGIO_HOME, on the same disk as the real one: a folder for temporary files may be memory."""
    home = Settings.from_environment().home
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=home) as folder:
        yield Path(folder)


@asynccontextmanager
async def scratch_database() -> AsyncIterator[str]:
    """The URL of a fresh database on a fresh server, with fsync and synchronous commit on."""
    with scratch_home() as home, private_postgres(home) as url:
        await migrate(url)
        yield url
