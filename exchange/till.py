"""Which of a batch of awards and burns may be posted: decided in order on facts read once, without a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from brands import Directory, Program
from core.refusals import IdempotencyConflict, InsufficientPoints, KeyUnusable, key_usable
from exchange.errors import (
    AmountAboveMaximum,
    AmountNotPositive,
    MovementRefusal,
    NotYourProgram,
    ReasonUnusable,
    UnknownMemberNumber,
    UnknownProgram,
)
from exchange.movements import POINTS_MAX, REASON_LENGTH_MAX, Movement, Order, reason_usable
from members import Membership, MembershipStatus

Posted: TypeAlias = Movement | InsufficientPoints
"""What the ledger makes of one that is posted."""

Verdict: TypeAlias = Movement | MovementRefusal
"""What becomes of one order."""


@dataclass(slots=True)
class Till:
    """A batch in the making: rounds of those that go to the ledger together, until everybody has a verdict."""

    directory: Directory
    now: datetime
    orders: Sequence[Order]
    cards: Mapping[tuple[UUID, str], Membership]
    """By program id and member number as written in the orders."""
    by_key: dict[tuple[str, str], Movement]
    """Movements by client and idempotency key."""
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    """By position in the batch."""
    made: list[Movement] = field(default_factory=list)
    """The movements of this batch, in order."""

    def next_round(self) -> list[int]:
        """Who goes to the ledger now, by position: the first of those with one key. Empty: all is decided."""
        claimed: set[tuple[str, str]] = set()
        return [
            position
            for position, order in enumerate(self.orders)
            if position not in self.verdicts and self._admits(claimed, position, order)
        ]

    def _admits(self, claimed: set[tuple[str, str]], position: int, order: Order) -> bool:
        verdict = self._judge(order)
        if verdict is not None:
            self.verdicts[position] = verdict
            return False
        key = key_of(order)
        free = key not in claimed
        claimed.add(key)
        return free

    def settle(self, positions: Sequence[int], results: Sequence[Posted]) -> None:
        """Take in what the ledger made of a round. A refusal that the round itself has lifted is tried again."""
        progress = any(isinstance(result, Movement) for result in results)
        for position, result in zip(positions, results, strict=True):
            if isinstance(result, Movement):
                self.made.append(result)
                self.by_key[key_of(self.orders[position])] = result
            elif progress and result.available >= result.needed:
                continue
            self.verdicts[position] = result

    def program_of(self, order: Order) -> Program:
        """The program of an order that was admitted."""
        program = self.directory.program(order.program)
        assert program is not None, "an admitted order names a known program"
        return program

    def card_of(self, order: Order) -> Membership:
        """The card of an order that was admitted."""
        return self.cards[self.program_of(order).id, order.number]

    def _judge(self, order: Order) -> Verdict | None:
        if not key_usable(order.idempotency_key):
            return KeyUnusable()
        if not reason_usable(order.reason):
            return ReasonUnusable(REASON_LENGTH_MAX)
        program = self.directory.program(order.program)
        first = self.by_key.get(key_of(order))
        if first is not None:
            field_ = self._difference(first, order, program)
            return first if field_ is None else IdempotencyConflict(field_)
        return UnknownProgram(order.program) if program is None else self._judge_new(order, program)

    def _judge_new(self, order: Order, program: Program) -> MovementRefusal | None:
        allowed = POINTS_MAX * 10**program.scale
        card = self.cards.get((program.id, order.number))
        if not self._acts_for(order.brand_id, program):
            return NotYourProgram(order.program)
        if order.amount <= 0:
            return AmountNotPositive()
        if order.amount > allowed:
            return AmountAboveMaximum(allowed)
        if card is None or card.status is not MembershipStatus.ACTIVE:
            return UnknownMemberNumber(order.number)
        return None

    def _acts_for(self, brand_id: UUID, program: Program) -> bool:
        brand = self.directory.brands.get(brand_id)
        return brand is not None and not brand.closed and brand_id in self.directory.descendants(program.brand_id)

    def _difference(self, first: Movement, order: Order, program: Program | None) -> str | None:
        card = self.cards.get((first.program_id, order.number))
        same = {
            "kind": first.kind is order.kind,
            "program": program is not None and first.program_id == program.id,
            "number": card is not None and first.membership_id == card.id,
            "amount": first.amount == order.amount,
            "brand": first.brand_id == order.brand_id,
            "reason": first.reason == order.reason,
        }
        return next((name for name, equal in same.items() if not equal), None)


def key_of(order: Order) -> tuple[str, str]:
    """Keys belong to the client that made them."""
    return order.client_id, order.idempotency_key
