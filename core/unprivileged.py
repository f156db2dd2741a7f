"""A script for a child process: `unprivileged.py detach|wait FOLDER COMMAND…` runs COMMAND, but never as root.

PostgreSQL refuses to be root. As root this becomes the owner of FOLDER, for whom the folder, or the command itself,
may be out of reach (below a folder that root alone may enter). Then it keeps the one capability that opens the way,
rather than changing the mode of anybody's folders. `detach` hands the command over to the system's first process.
"""

import ctypes
import os
import sys
from pathlib import Path

_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2
_WAYS = (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE)

_libc = ctypes.CDLL(None)


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def main(mode: str, folder: str, *command: str) -> None:
    """Become somebody else if this is root, let go of the parent if asked to, and turn into the command."""
    if os.geteuid() == 0:
        _become_owner_of(Path(folder), Path(command[0]))
    if mode == "detach" and os.fork():
        return
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


def _become_owner_of(folder: Path, program: Path) -> None:
    owner = folder.stat()
    if sys.platform == "linux":
        _prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)
    if not (_within_reach(folder, program) or any(_hold(way) and _within_reach(folder, program) for way in _WAYS)):
        sys.exit(
            f"user {owner.st_uid} cannot reach {folder} or {program}, and root may not lend it the capability to. "
            "Use a checkout and an AGIO_HOME that other users can enter, or do not run as root."
        )


def _within_reach(folder: Path, program: Path) -> bool:
    try:
        next(folder.iterdir(), None)
        program.open("rb").close()
    except PermissionError:
        return False
    return True


def _hold(capability: int) -> bool:
    """Hold `capability` now and in the command; False where that is not allowed."""
    if sys.platform != "linux":
        return False
    header, sets = _Header(_CAPABILITY_VERSION_3, 0), (_Sets * 2)()
    _libc.capget(ctypes.byref(header), ctypes.byref(sets))
    sets[0].effective = sets[0].inheritable = 1 << capability
    allowed = _libc.capset(ctypes.byref(header), ctypes.byref(sets)) == 0
    return allowed and _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def _prctl(*arguments: int) -> bool:
    padded = [*arguments, 0, 0, 0, 0][:5]
    return bool(_libc.prctl(padded[0], *map(ctypes.c_ulong, padded[1:])) == 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
