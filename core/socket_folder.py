"""The folder of a server's Unix socket: `socket` in the cluster's folder.

Where that path would be too long for a Unix socket, `socket` is a link to a private folder with a short path.
"""

import os
import shutil
import socket
import tempfile
from contextlib import closing
from pathlib import Path

_NAME = ".s.PGSQL.5432"
_PATH_BYTES_MAX = 103
"""What every system allows; Linux has 107."""


def make_socket_folder(folder: Path) -> Path:
    """Make the folder, for its owner alone; where it really is."""
    place = folder / "socket"
    if len(os.fsencode(place / _NAME)) <= _PATH_BYTES_MAX:
        place.mkdir(mode=0o700)
    else:
        place.symlink_to(tempfile.mkdtemp(prefix="agio-", dir=_short_folder()))
    return socket_folder(folder)


def socket_folder(folder: Path) -> Path:
    """Where the folder really is."""
    place = folder / "socket"
    return place.readlink() if place.is_symlink() else place


def remove_socket_folder(folder: Path) -> None:
    """Remove the folder, or what a crash has left of it."""
    shutil.rmtree(socket_folder(folder), ignore_errors=True)
    (folder / "socket").unlink(missing_ok=True)


def is_answered(folder: Path) -> bool:
    """Whether somebody listens at the socket."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as client:
        try:
            client.connect(str(socket_folder(folder) / _NAME))
        except OSError:
            return False
        return True


def _short_folder() -> str:
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= _PATH_BYTES_MAX // 2 else "/tmp"  # noqa: S108 - mkdtemp makes the rest
