"""Turning quotes into exchanges."""

from collections.abc import Sequence

from core.database import Database
from exchange.errors import AcceptanceRefusal
from exchange.exchanges import Acceptance, Exchange
from exchange.ports import SILENT, Outbox


async def accept(
    database: Database, acceptance: Acceptance, *, outbox: Outbox = SILENT
) -> Exchange | AcceptanceRefusal:
    """One exchange; see `accept_many`."""
    return (await accept_many(database, [acceptance], outbox=outbox))[0]


async def accept_many(
    database: Database, acceptances: Sequence[Acceptance], *, outbox: Outbox = SILENT
) -> list[Exchange | AcceptanceRefusal]:
    """An exchange or a refusal for each acceptance, in order, in one commit."""
    raise NotImplementedError
