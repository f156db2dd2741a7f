"""What the figures were measured on."""

import os
import platform
from pathlib import Path
from typing import TypeAlias

from core.database import Connection

Machine: TypeAlias = dict[str, str | int | float]

_SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size")


def describe_machine() -> Machine:
    """Processor, cores, memory in GiB, system and Python."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_gib": round(pages / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


async def describe_server(connection: Connection) -> Machine:
    """PostgreSQL's version and the settings that decide about durability and speed."""
    rows = await connection.fetch("SELECT name, setting FROM pg_settings WHERE name = ANY($1)", list(_SETTINGS))
    settings = {row["name"]: row["setting"] for row in rows}
    return {f"postgresql_{name.removeprefix('server_')}": settings[name] for name in _SETTINGS}


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
