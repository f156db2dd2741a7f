"""Homes with a private PostgreSQL of their own, for the tests that break it."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cluster import Cluster
from core.file_locks import is_free
from core.postgres import private_postgres
from core.scratch import connect_as_owner
from tests import home_of_run


@pytest.fixture
def new_home() -> Path:
    """A home that does not exist yet, in a folder of its own that goes with the run."""
    return Path(tempfile.mkdtemp(dir=os.environ[home_of_run.VARIABLE])) / "home"


@pytest.fixture(scope="session")
def _made_home() -> Path:
    home = Path(os.environ[home_of_run.VARIABLE]) / f"made-{os.getpid()}"
    with private_postgres(home, durable=False):
        pass
    return home


@pytest.fixture
def home(_made_home: Path, new_home: Path) -> Iterator[Path]:
    """A home whose cluster has been made and stands still; whatever runs in it at the end is stopped."""
    home = new_home
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
