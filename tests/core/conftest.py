"""Homes with a private PostgreSQL of their own, for the tests that break it."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cluster import Cluster
from core.file_locks import is_free
from core.postgres import private_postgres
from core.scratch import connect_as_owner


@pytest.fixture(scope="session")
def _made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "home"
    with private_postgres(home, durable=False):
        pass
    return home


@pytest.fixture
def home(_made_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A home whose cluster has been made and stands still; whatever runs in it at the end is stopped."""
    home = tmp_path / "home"
    subprocess.run(["cp", "-a", _made_home, home], check=True)
    yield home
    if home.exists() and not is_free(home / "postgres" / "running"):
        Cluster(home / "postgres", durable=False).stop()


def ask(url: str, question: str) -> object:
    """The one value that the server at `url` answers with."""

    async def answer() -> object:
        connection = await connect_as_owner(url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(answer())
