"""One at a time: whoever decides what money at the bank is, or what deposits pay."""

from core.database import Connection
from core.locks import lock_keys


async def lock_money(connection: Connection) -> None:
    """Hold movements, payments and deposits as they are until the transaction ends. To be taken before any window."""
    await lock_keys(connection, "settlement.bank", ["statements"])
