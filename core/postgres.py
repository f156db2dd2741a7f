"""The private PostgreSQL: the server that Agio brings along, shared by all processes of one home.

It runs from its first user's arrival until its last user's departure. Users hold a share of the lock `users`, so
that the last to leave knows that it is the last; arrivals and departures happen one at a time, under `gate`.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from core.cluster import Cluster
from core.errors import ConfigurationError
from core.file_locks import is_free, locked, share
from core.keeper import watched
from core.settings import Settings

_ABOUT_THE_PATH: Final = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EROFS, errno.EEXIST, errno.ELOOP)

_SHOWN_MAX: Final = 100
"""Letters of a path that are shown: a path too long for the system is too long for a sentence."""


@contextmanager
def postgres(settings: Settings, *, kept: bool = False) -> Iterator[str]:
    """The URL of the database to use: DATABASE_URL where it is set, otherwise the private PostgreSQL's.

    With `kept` the private one is started again when it dies in the block.
    """
    if settings.database_url:
        yield settings.database_url
        return
    with private_postgres(settings.home, kept=kept) as url:
        yield url


@contextmanager
def private_postgres(home: Path, *, durable: bool = True, kept: bool = False) -> Iterator[str]:
    """The URL of database `agio` on the private PostgreSQL of `home`.

    With `durable=False` a crash of the machine may ruin the cluster: for tests and benchmarks.
    Raises PostgresFailed, and ConfigurationError when the home belongs to somebody else.
    """
    cluster = Cluster(home.absolute() / "postgres", durable=durable)
    try:
        users = _arrive(cluster)
    except PermissionError as error:
        raise ConfigurationError(_not_ours(home)) from error
    except OSError as error:
        if error.errno not in _ABOUT_THE_PATH:
            raise
        message = f"AGIO_HOME cannot be {_short(home)}: {error.strerror}. Set it to a folder that can be written to"
        raise ConfigurationError(message) from error
    try:
        with watched(cluster) if kept else nullcontext():
            yield cluster.url()
    finally:
        _depart(cluster, users)


def _not_ours(home: Path) -> str:
    if os.path.exists(home):  # noqa: PTH110 - pathlib's raises where it may not look
        return f"{home} belongs to another user: become that user, or set AGIO_HOME to a folder of your own"
    return f"{home} cannot be reached or made: set AGIO_HOME to a folder of your own"


def _short(home: Path) -> str:
    text = str(home)
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"


def _arrive(cluster: Cluster) -> int:
    cluster.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    with locked(cluster.folder / "gate"):
        users = share(cluster.folder / "users")
        try:
            cluster.start()
        except BaseException:
            _give_up(cluster, users)
            raise
        return users


def _depart(cluster: Cluster, users: int) -> None:
    with locked(cluster.folder / "gate"):
        _give_up(cluster, users)


def _give_up(cluster: Cluster, users: int) -> None:
    os.close(users)
    if is_free(cluster.folder / "users"):
        cluster.stop()
