"""Recording awards, burns and reversals: a bulk in one commit, each order with an answer of its own.

A movement is stored, a refusal is not: a key that is sent again after a refusal is judged anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from brands import Directory, directory
from core.clock import Clock
from core.database import Connection, Database
from core.locks import lock_keys
from core.refusals import key_usable
from exchange.errors import MovementRefusal
from exchange.member_codes import MemberCodes
from exchange.movement_facts import Holder, MovementFacts
from exchange.movement_posting import post_orders
from exchange.movement_rows import amounts_reversed, movements_by_id, movements_by_key, write_movements
from exchange.movements import Award, Burn, Movement, MovementReversal, Order
from exchange.ports import SILENT, Outbox
from exchange.till import Till, Verdict, key_of
from members import Membership, MembershipStatus, memberships, memberships_by_number

_ROUND_MAX = 4_096
"""Orders that are posted at a time: within the ledger's largest batch."""


async def award(
    database: Database, order: Award, *, outbox: Outbox = SILENT, codes: MemberCodes | None = None
) -> Movement | MovementRefusal:
    """One award; see `move_many`."""
    return (await move_many(database, [order], outbox=outbox, codes=codes))[0]


async def burn(
    database: Database, order: Burn, *, outbox: Outbox = SILENT, codes: MemberCodes | None = None
) -> Movement | MovementRefusal:
    """One burn; see `move_many`."""
    return (await move_many(database, [order], outbox=outbox, codes=codes))[0]


async def reverse_movement(
    database: Database, order: MovementReversal, *, outbox: Outbox = SILENT
) -> Movement | MovementRefusal:
    """One reversal of an award or a burn; see `move_many`."""
    return (await move_many(database, [order], outbox=outbox))[0]


async def move_many(
    database: Database, orders: Sequence[Order], *, outbox: Outbox = SILENT, codes: MemberCodes | None = None
) -> list[Movement | MovementRefusal]:
    """A movement or a refusal for each order, in order, in one commit, as if they had come one by one.

    Without `codes` no member's code is known.
    """
    if not orders:
        return []
    async with database.transaction() as connection:
        return await move(connection, orders, database.clock, outbox=outbox, codes=codes)


async def move(
    connection: Connection,
    orders: Sequence[Order],
    clock: Clock,
    *,
    outbox: Outbox = SILENT,
    codes: MemberCodes | None = None,
) -> list[Verdict]:
    """The same within a transaction of the caller's; at least one order."""
    till = await _open(connection, orders, clock, codes)
    while positions := till.next_round()[:_ROUND_MAX]:
        till.settle(positions, await post_orders(connection, till, [orders[at] for at in positions], clock))
    if till.made:
        await write_movements(connection, till.made)
        await outbox.moved(connection, till.made)
    return [till.verdicts[position] for position in range(len(orders))]


async def _open(connection: Connection, orders: Sequence[Order], clock: Clock, codes: MemberCodes | None) -> Till:
    # One lock per client, not per key: a bulk has thousands of keys, and all of a client's orders meet at the
    # issued account of its program anyway.
    await lock_keys(connection, "exchange.movement", {order.client_id for order in orders})
    reversals = {order.movement_id for order in orders if isinstance(order, MovementReversal)}
    await lock_keys(connection, "exchange.reversal", map(str, reversals))
    known = await directory(connection)
    keys = [key_of(order) for order in orders if key_usable(order.idempotency_key)]
    earlier = dict(await movements_by_key(connection, keys))
    plain = [order for order in orders if not isinstance(order, MovementReversal)]
    holders = await _holders(connection, known, plain, clock, codes)
    facts = MovementFacts(
        known,
        clock.now(),
        holders.cards,
        holders.cards_of_codes,
        await movements_by_id(connection, reversals) if reversals else {},
        await amounts_reversed(connection, reversals) if reversals else {},
    )
    return Till(facts, orders, earlier)


@dataclass(frozen=True, slots=True)
class _Holders:
    cards: dict[Holder, Membership]
    cards_of_codes: dict[str, frozenset[UUID]]


async def _holders(
    connection: Connection,
    known: Directory,
    orders: Sequence[Award | Burn],
    clock: Clock,
    codes: MemberCodes | None,
) -> _Holders:
    """Whom the orders mean, by number or by code."""
    programs = {order.program: program for order in orders if (program := known.program(order.program))}
    numbered = {(programs[o.program].id, o.number) for o in orders if o.program in programs and not o.code}
    found = await memberships_by_number(connection, numbered)
    holders = _Holders({(program_id, number, ""): card for (program_id, number), card in found.items()}, {})
    texts = {order.code for order in orders if order.code}
    shown = await codes.read(connection, texts, clock) if codes and texts else {}
    held = await memberships(connection, {each.member_id for each in shown.values()}) if shown else {}
    for text, each in shown.items():
        cards = held[each.member_id]
        holders.cards_of_codes[text] = frozenset(card.id for card in cards)
        if each.valid:
            holders.cards.update(((program_id, "", text), card) for program_id, card in _open_cards(cards).items())
    return holders


def _open_cards(cards: Iterable[Membership]) -> Mapping[UUID, Membership]:
    """The oldest open card of each program."""
    found: dict[UUID, Membership] = {}
    for card in cards:
        if card.status is MembershipStatus.ACTIVE:
            found.setdefault(card.program_id, card)
    return found
