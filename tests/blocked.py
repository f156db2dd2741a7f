"""When somebody waits for a transaction."""

from core.database import Connection

_WAITING = "select exists (select from pg_locks where not granted and transactionid = pg_current_xact_id()::xid)"


async def blocks(connection: Connection) -> None:
    """Return when another transaction waits for this one to end."""
    while not await connection.fetchval(_WAITING):
        pass
