"""Posting awards and burns: one transfer each, between the program's issued account and the member's."""

from collections.abc import Sequence
from dataclasses import replace

from brands import Directory, Program
from brands.accounts import issued_account, points_account
from core.clock import Clock
from core.codes import Code
from core.database import Connection
from core.errors import AgioError
from core.ids import new_id
from core.refusals import InsufficientPoints
from exchange.movements import Movement, MovementKind, Order
from exchange.till import Posted, Till
from ledger import Account, LotTerms, Outcome, Status, Transfer, post, spendable

_SHORT = frozenset({Status.EXCEEDS_CREDITS, Status.EXCEEDS_SPENDABLE})


class MovementFailed(AgioError):
    """The ledger refused an award or a burn for a reason that no request should cause."""

    def __init__(self, movement: Movement, status: Status) -> None:
        super().__init__(f"{movement.kind} of {movement.amount} for {movement.membership_id}: {status}")


async def post_orders(connection: Connection, till: Till, orders: Sequence[Order], clock: Clock) -> list[Posted]:
    """Post orders that were admitted, at least one, in order. Raises MovementFailed."""
    drafts = [_draft(till, order) for order in orders]
    accounts = {account.id: account for draft in drafts for account in _accounts(till.directory, draft)}
    transfers = [movement_transfer(till.directory, draft) for draft in drafts]
    outcomes = await post(connection, transfers, accounts=list(accounts.values()), clock=clock)
    results = list(zip(drafts, transfers, outcomes, strict=True))
    short = {transfer.debit_account_id for draft, transfer, outcome in results if _is_short(draft, outcome)}
    means = await spendable(connection, short, clock=clock) if short else {}
    return [
        replace(draft, recorded_at=outcome.recorded_at)
        if outcome.recorded_at and outcome.ok
        else InsufficientPoints(draft.amount, means[transfer.debit_account_id])
        for draft, transfer, outcome in results
    ]


def movement_transfer(known: Directory, movement: Movement) -> Transfer:
    """The transfer that a movement is."""
    member, issued = (account.id for account in _accounts(known, movement))
    if movement.kind is MovementKind.BURN:
        return Transfer(movement.id, member, issued, movement.amount, Code.BURN, reference=movement.id)
    funder = known.participant_of(movement.brand_id).id
    lot = LotTerms(movement.expires_at, funder=funder, unit_cost=movement.unit_cost_micro)
    return Transfer(movement.id, issued, member, movement.amount, Code.AWARD, reference=movement.id, lot=lot)


def _accounts(known: Directory, movement: Movement) -> tuple[Account, Account]:
    program = known.programs[movement.program_id]
    return points_account(movement.membership_id, program), issued_account(program)


def _is_short(movement: Movement, outcome: Outcome) -> bool:
    if outcome.ok:
        return False
    if movement.kind is MovementKind.BURN and outcome.status in _SHORT:
        return True
    raise MovementFailed(movement, outcome.status)


def _draft(till: Till, order: Order) -> Movement:
    program = till.program_of(order)
    is_award = order.kind is MovementKind.AWARD
    return Movement(
        new_id(),
        order.kind,
        program.id,
        till.card_of(order).id,
        order.amount,
        order.brand_id,
        order.client_id,
        order.idempotency_key,
        order.reason,
        _unit_cost(till.directory, program) if is_award else 0,
        program.expires_at(till.now) if is_award else None,
        till.now,
    )


def _unit_cost(known: Directory, program: Program) -> int:
    rate = known.rates.get(program.id)
    return program.opening_unit_cost if rate is None else rate.sell_micro
