"""What processes have used of processors, as Linux counts it: in hundredths of a second."""

import os
from pathlib import Path

from core.database import Connection


def cpu_seconds(pid: int) -> float:
    """What a process has used; 0 where the system does not tell."""
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


async def postgres_seconds(connection: Connection) -> float:
    """What all processes of the server that are alive have used, except its first; 0 where the system does not tell."""
    return _siblings_seconds(await connection.fetchval("SELECT pg_backend_pid()"))


def _siblings_seconds(pid: int) -> float:
    fields = _fields(pid)
    if not fields:
        return 0.0
    parent = fields[1]
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return sum(cpu_seconds(int(child)) for child in children)


def _fields(pid: int) -> list[str]:
    path = Path(f"/proc/{pid}/stat")
    return path.read_text().rpartition(")")[2].split() if path.exists() else []
