"""Recording awards and burns: a bulk in one commit, each order with an answer of its own.

A movement is stored, a refusal is not: a key that is sent again after a refusal is judged anew.
"""

from collections.abc import Sequence

from brands import directory
from core.clock import Clock
from core.database import Connection, Database
from core.locks import lock_keys
from core.refusals import key_usable
from exchange.errors import MovementRefusal
from exchange.movement_posting import post_orders
from exchange.movement_rows import movements_by_key, write_movements
from exchange.movements import Award, Burn, Movement, Order
from exchange.ports import SILENT, Outbox
from exchange.till import Till, Verdict, key_of
from members import memberships_by_number

_ROUND_MAX = 4_096
"""Orders that are posted at a time: within the ledger's largest batch."""


async def award(database: Database, order: Award, *, outbox: Outbox = SILENT) -> Movement | MovementRefusal:
    """One award; see `move_many`."""
    return (await move_many(database, [order], outbox=outbox))[0]


async def burn(database: Database, order: Burn, *, outbox: Outbox = SILENT) -> Movement | MovementRefusal:
    """One burn; see `move_many`."""
    return (await move_many(database, [order], outbox=outbox))[0]


async def move_many(
    database: Database, orders: Sequence[Award | Burn], *, outbox: Outbox = SILENT
) -> list[Movement | MovementRefusal]:
    """A movement or a refusal for each order, in order, in one commit, as if they had come one by one."""
    if not orders:
        return []
    async with database.transaction() as connection:
        return await _move(connection, orders, database.clock, outbox)


async def _move(connection: Connection, orders: Sequence[Order], clock: Clock, outbox: Outbox) -> list[Verdict]:
    till = await _open(connection, orders, clock)
    while positions := till.next_round()[:_ROUND_MAX]:
        till.settle(positions, await post_orders(connection, till, [orders[at] for at in positions], clock))
    if till.made:
        await write_movements(connection, till.made)
        await outbox.moved(connection, till.made)
    return [till.verdicts[position] for position in range(len(orders))]


async def _open(connection: Connection, orders: Sequence[Order], clock: Clock) -> Till:
    # One lock per client, not per key: a bulk has thousands of keys, and all of a client's orders meet at the
    # issued account of its program anyway.
    await lock_keys(connection, "exchange.movement", {order.client_id for order in orders})
    known = await directory(connection)
    programs = {order.program: known.program(order.program) for order in orders}
    cards = ((program.id, order.number) for order in orders if (program := programs[order.program]))
    keys = [key_of(order) for order in orders if key_usable(order.idempotency_key)]
    earlier = dict(await movements_by_key(connection, keys))
    return Till(known, clock.now(), orders, await memberships_by_number(connection, cards), earlier)
