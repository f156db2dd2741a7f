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
_PR_GET_SECUREBITS = 27
_PR_SET_SECUREBITS = 28
_NO_SETUID_FIXUP = 1 << 2
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
        # PostgreSQL asks access(2) about its own binaries, which looks past the capabilities of anybody but root
        # unless this bit is set. Where it may not be set, the capabilities are kept at least.
        _prctl(_PR_SET_SECUREBITS, _libc.prctl(_PR_GET_SECUREBITS, 0, 0, 0, 0) | _NO_SETUID_FIXUP)
        _prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)
    _hold()
    if not (_within_reach(folder, program) or any(_hold(way) and _within_reach(folder, program) for way in _WAYS)):
        sys.exit(
            f"user {owner.st_uid} cannot reach {folder} or {program}, and root may not lend it the capability to. "
            "Use a checkout and an AGIO_HOME that other users can enter, or do not run as root."
        )


def _within_reach(folder: Path, program: Path) -> bool:
    try:
        next(folder.iterdir(), None)
    except PermissionError:
        return False
    return os.access(program, os.R_OK | os.X_OK)


def _hold(*capabilities: int) -> bool:
    """Hold no other capabilities than these, now and in the command; False where that is not allowed."""
    if sys.platform != "linux":
        return not capabilities
    header, sets = _Header(_CAPABILITY_VERSION_3, 0), (_Sets * 2)()
    _libc.capget(ctypes.byref(header), ctypes.byref(sets))
    for each in sets:
        each.effective = each.inheritable = 0
    sets[0].effective = sets[0].inheritable = sum(1 << capability for capability in capabilities)
    allowed = _libc.capset(ctypes.byref(header), ctypes.byref(sets)) == 0
    return allowed and all(_prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability) for capability in capabilities)


def _prctl(*arguments: int) -> bool:
    padded = [*arguments, 0, 0, 0, 0][:5]
    return bool(_libc.prctl(padded[0], *map(ctypes.c_ulong, padded[1:])) == 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
