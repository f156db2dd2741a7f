"""The home of the PostgreSQL that all workers of one run share.

It lies in memory where there is room, because a test's database is some 600 small files: they are copied there in a
tenth of the time. A run that was killed leaves its home behind; the next one clears it away.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from core.file_locks import is_free, locked
from core.postgres import private_postgres

VARIABLE = "AGIO_HOME_OF_TEST_RUN"
_MEMORY = Path("/dev/shm")  # noqa: S108 - entries are made by mkdtemp
_ROOM_BYTES = 2_000_000_000
_PREFIX = f"agio-tests-{os.getuid()}-"

_held = ExitStack()


def make() -> None:
    """Make the home of this run and tell the workers, which inherit the environment."""
    for left in _folder().glob(f"{_PREFIX}*"):
        _clear_if_left(left)
    home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_folder()))
    home.chmod(0o711)  # as root, another user runs the server
    _held.enter_context(locked(home / "run"))
    os.environ[VARIABLE] = str(home)


def remove() -> None:
    """Remove the home of this run."""
    shutil.rmtree(os.environ.pop(VARIABLE))
    _held.close()


def _folder() -> Path:
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES and os.access(_MEMORY, os.W_OK)
    return _MEMORY if roomy else Path(tempfile.gettempdir())


def _clear_if_left(home: Path) -> None:
    if (home / "run").exists() and is_free(home / "run"):
        with private_postgres(home, durable=False):  # adopts what still runs, and stops it
            pass
        shutil.rmtree(home)
