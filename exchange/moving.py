"""Recording awards and burns."""

from collections.abc import Sequence

from core.database import Database
from exchange.errors import MovementRefusal
from exchange.movements import Award, Burn, Movement
from exchange.ports import SILENT, Outbox


async def award(database: Database, order: Award, *, outbox: Outbox = SILENT) -> Movement | MovementRefusal:
    """One award; see `move_many`."""
    return (await move_many(database, [order], outbox=outbox))[0]


async def burn(database: Database, order: Burn, *, outbox: Outbox = SILENT) -> Movement | MovementRefusal:
    """One burn; see `move_many`."""
    return (await move_many(database, [order], outbox=outbox))[0]


async def move_many(
    database: Database, orders: Sequence[Award | Burn], *, outbox: Outbox = SILENT
) -> list[Movement | MovementRefusal]:
    """A movement or a refusal for each order, in order, in one commit."""
    raise NotImplementedError
