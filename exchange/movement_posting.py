"""Posting awards, burns and reversals: one transfer each, between the program's issued account and the member's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Final, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from brands import Directory, Program
from brands.accounts import issued_account, points_account
from core.clock import Clock
from core.codes import Code
from core.database import Connection
from core.errors import AgioError
from core.ids import new_id
from core.refusals import InsufficientPoints
from exchange.errors import PointsSpent
from exchange.movement_facts import MovementFacts
from exchange.movements import Award, Movement, MovementKind, MovementReversal, Order
from exchange.till import Posted, Till
from ledger import Account, LotTerms, Outcome, Status, Transfer, lots, post, spendable

_SHORT: Final[Mapping[MovementKind, frozenset[Status]]] = {
    MovementKind.BURN: frozenset({Status.EXCEEDS_CREDITS, Status.EXCEEDS_SPENDABLE}),
    MovementKind.AWARD_REVERSAL: frozenset({Status.EXCEEDS_CREDITS, Status.EXCEEDS_SPENDABLE, Status.EXCEEDS_LOTS_OF}),
}
"""What the books may refuse because the points are not there."""

_REVERSALS: Final[Mapping[MovementKind, MovementKind]] = {
    MovementKind.AWARD: MovementKind.AWARD_REVERSAL,
    MovementKind.BURN: MovementKind.BURN_REVERSAL,
}
_FROM_MEMBER: Final = frozenset({MovementKind.BURN, MovementKind.AWARD_REVERSAL})

_Attempt: TypeAlias = tuple[Movement, Transfer, Outcome]


class MovementFailed(AgioError):
    """The ledger refused a movement for a reason that no request should cause."""

    def __init__(self, movement: Movement, status: Status) -> None:
        super().__init__(f"{movement.kind} of {movement.amount} for {movement.membership_id}: {status}")


async def post_orders(connection: Connection, till: Till, orders: Sequence[Order], clock: Clock) -> list[Posted]:
    """Post orders that were admitted, at least one, in order. Raises MovementFailed."""
    known = till.facts.directory
    drafts = [_draft(till.facts, order, till.amount_of(order)) for order in orders]
    accounts = {account.id: account for draft in drafts for account in _accounts(known, draft)}
    transfers = [movement_transfer(known, draft) for draft in drafts]
    outcomes = await post(connection, transfers, accounts=list(accounts.values()), clock=clock)
    attempts = list(zip(drafts, transfers, outcomes, strict=True))
    short = [attempt for attempt in attempts if _is_short(attempt[0], attempt[2])]
    left = await _left(connection, short, clock) if short else {}
    return [_posted(attempt, left) for attempt in attempts]


async def _left(connection: Connection, short: Sequence[_Attempt], clock: Clock) -> dict[UUID, int]:
    """What there is of what was wanted, by movement."""
    accounts = {transfer.debit_account_id for _, transfer, _ in short}
    means = await spendable(connection, accounts, clock=clock)
    by_account = await lots(connection, accounts, clock=clock)
    remaining = {lot.id: lot.remaining for found in by_account.values() for lot in found}
    return {
        draft.id: means[transfer.debit_account_id] if draft.reverses_id is None else remaining.get(draft.reverses_id, 0)
        for draft, transfer, _ in short
    }


def _posted(attempt: _Attempt, left: Mapping[UUID, int]) -> Posted:
    draft, _, outcome = attempt
    if outcome.ok and outcome.recorded_at:
        return replace(draft, recorded_at=outcome.recorded_at)
    refusal = InsufficientPoints if draft.reverses_id is None else PointsSpent
    return refusal(draft.amount, left[draft.id])


def movement_transfer(known: Directory, movement: Movement) -> Transfer:
    """The transfer that a movement is. A reversal moves the very lots of its original, and no others."""
    member, issued = (account.id for account in _accounts(known, movement))
    sides = (member, issued) if movement.kind in _FROM_MEMBER else (issued, member)
    moved = (movement.id, *sides, movement.amount)
    match movement.kind:
        case MovementKind.AWARD:
            funder = known.participant_of(movement.brand_id).id
            terms = LotTerms(movement.expires_at, movement.available_at, funder, movement.unit_cost_micro)
            return Transfer(*moved, Code.AWARD, reference=movement.id, lot=terms)
        case MovementKind.BURN:
            return Transfer(*moved, Code.BURN, reference=movement.id)
        case MovementKind.AWARD_REVERSAL | MovementKind.BURN_REVERSAL:
            return Transfer(*moved, Code.REVERSAL, reference=movement.id, lots_of=movement.reverses_id)


def _accounts(known: Directory, movement: Movement) -> tuple[Account, Account]:
    program = known.programs[movement.program_id]
    return points_account(movement.membership_id, program), issued_account(program)


def _is_short(movement: Movement, outcome: Outcome) -> bool:
    if outcome.ok:
        return False
    if outcome.status in _SHORT.get(movement.kind, frozenset()):
        return True
    raise MovementFailed(movement, outcome.status)


def _draft(facts: MovementFacts, order: Order, amount: int) -> Movement:
    if isinstance(order, MovementReversal):
        return _reversal(facts, order, amount)
    program = facts.program_of(order)
    draft = Movement(
        new_id(),
        order.kind,
        program.id,
        facts.card_of(order).id,
        amount,
        order.brand_id,
        order.client_id,
        order.idempotency_key,
        order.reason,
        0,
        None,
        facts.now,
    )
    return _awarded(facts, program, draft, order.pending_days) if isinstance(order, Award) else draft


def _awarded(facts: MovementFacts, program: Program, draft: Movement, pending_days: int) -> Movement:
    available_at = _midnight(program, facts.now, pending_days) if pending_days else None
    expires_at = program.expires_at(available_at or facts.now)
    return replace(
        draft,
        unit_cost_micro=_unit_cost(facts.directory, program),
        # As they are read again: a key that comes twice brings the same answer to the letter.
        expires_at=expires_at and expires_at.astimezone(UTC),
        pending_days=pending_days,
        available_at=available_at and available_at.astimezone(UTC),
    )


def _midnight(program: Program, now: datetime, days: int) -> datetime:
    """The first instant of the day that is so many days from today, in the program's time zone."""
    zone = ZoneInfo(program.time_zone)
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=days), time(), zone)


def _reversal(facts: MovementFacts, order: MovementReversal, amount: int) -> Movement:
    original = facts.originals[order.movement_id]
    return Movement(
        new_id(),
        _REVERSALS[original.kind],
        original.program_id,
        original.membership_id,
        amount,
        order.brand_id,
        order.client_id,
        order.idempotency_key,
        order.reason,
        0,
        None,
        facts.now,
        reverses_id=original.id,
    )


def _unit_cost(known: Directory, program: Program) -> int:
    rate = known.rates.get(program.id)
    return program.opening_unit_cost if rate is None else rate.sell_micro
