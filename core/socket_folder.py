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
    """Make the folder anew, for its owner alone; where it really is, which is where it was before if it can be.

    Whoever still has the URL of a server that died finds the next one there.
    """
    place = folder / "socket"
    before = place.readlink() if place.is_symlink() else None
    remove_socket_folder(folder)
    if len(os.fsencode(place / _NAME)) <= _PATH_BYTES_MAX:
        place.mkdir(mode=0o700)
    else:
        place.symlink_to(_made_again(before) or tempfile.mkdtemp(prefix="agio-", dir=_short_folder()))
    return socket_folder(folder)


def _made_again(place: Path | None) -> Path | None:
    try:
        if place is not None:
            place.mkdir(mode=0o700)
    except OSError:  # somebody else has it now
        return None
    return place


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
