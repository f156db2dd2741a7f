"""Posting awards and burns: one transfer each, between the program's issued account and the member's."""

from collections.abc import Sequence
from uuid import UUID

from brands import Program
from brands.accounts import issued_account, points_account
from core.clock import Clock
from core.codes import Code
from core.database import Connection
from core.errors import AgioError
from core.ids import new_id
from core.refusals import InsufficientPoints
from exchange.movements import Award, Movement, MovementKind, Order
from exchange.till import Posted, Till
from ledger import Account, LotTerms, Outcome, Status, Transfer, post, spendable

_SHORT = frozenset({Status.EXCEEDS_CREDITS, Status.EXCEEDS_SPENDABLE})


class MovementFailed(AgioError):
    """The ledger refused an award or a burn for a reason that no request should cause."""

    def __init__(self, order: Order, status: Status) -> None:
        super().__init__(f"{order.kind} of {order.amount} {order.program}: {status}")


async def post_orders(connection: Connection, till: Till, orders: Sequence[Order], clock: Clock) -> list[Posted]:
    """Post orders that were admitted, in order. Raises MovementFailed."""
    if not orders:
        return []
    accounts: dict[UUID, Account] = {}
    transfers = [_transfer(till, order, accounts) for order in orders]
    outcomes = await post(connection, transfers, accounts=list(accounts.values()), clock=clock)
    results = list(zip(orders, transfers, outcomes, strict=True))
    short = {transfer.debit_account_id for order, transfer, outcome in results if _is_short(order, outcome)}
    means = await spendable(connection, list(short), clock=clock) if short else {}
    return [
        _movement(till, order, transfer, outcome)
        if outcome.ok
        else InsufficientPoints(order.amount, means[transfer.debit_account_id])
        for order, transfer, outcome in results
    ]


def _is_short(order: Order, outcome: Outcome) -> bool:
    if outcome.ok:
        return False
    if order.kind is MovementKind.BURN and outcome.status in _SHORT:
        return True
    raise MovementFailed(order, outcome.status)


def _transfer(till: Till, order: Order, accounts: dict[UUID, Account]) -> Transfer:
    program = till.program_of(order)
    member, issued = points_account(till.card_of(order).id, program), issued_account(program)
    member_id, issued_id = member.id, issued.id
    accounts |= {member_id: member, issued_id: issued}
    transfer_id = new_id()
    if isinstance(order, Award):
        lot = _lot(till, order, program)
        return Transfer(transfer_id, issued_id, member_id, order.amount, Code.AWARD, reference=transfer_id, lot=lot)
    return Transfer(transfer_id, member_id, issued_id, order.amount, Code.BURN, reference=transfer_id)


def _lot(till: Till, order: Order, program: Program) -> LotTerms:
    rate = till.directory.rates.get(program.id)
    return LotTerms(
        expires_at=program.expires_at(till.now),
        funder=till.directory.participant_of(order.brand_id).id,
        unit_cost=program.opening_unit_cost if rate is None else rate.sell_micro,
    )


def _movement(till: Till, order: Order, transfer: Transfer, outcome: Outcome) -> Movement:
    assert outcome.recorded_at is not None, "what is posted was recorded"
    return Movement(
        transfer.id,
        order.kind,
        till.program_of(order).id,
        till.card_of(order).id,
        order.amount,
        order.brand_id,
        order.client_id,
        order.idempotency_key,
        order.printed_reason,
        transfer.lot.expires_at if transfer.lot else None,
        outcome.recorded_at,
    )
