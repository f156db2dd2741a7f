"""When somebody waits for a transaction."""

from core.database import Connection

_WAITING = "select exists (select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid)))"


async def blocks(connection: Connection) -> None:
    """Return when another session waits for a lock that this transaction holds."""
    while not await connection.fetchval(_WAITING):
        pass
