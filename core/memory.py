"""How much memory there is for us: the machine's, or what its container may use of it."""

import os
from pathlib import Path
from typing import Final

_LIMITS: Final = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory_bytes() -> int:
    """The memory of the machine, or of the container where that is less."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([machine, *(int(limit) for limit in map(_read, _LIMITS) if limit.isdigit())])


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""
