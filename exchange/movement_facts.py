"""What a batch of movements is judged on, read once; and the judgement of one order. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from brands import Directory, Program
from core.refusals import IdempotencyConflict, KeyUnusable, key_usable
from exchange.errors import (
    AlreadyReversed,
    AmountAboveMaximum,
    AmountNotPositive,
    KeptByBrand,
    MovementRefusal,
    NotYourProgram,
    PendingTooLong,
    ReasonUnusable,
    ReversalExceeds,
    UnknownMemberCode,
    UnknownMemberNumber,
    UnknownMovement,
    UnknownProgram,
)
from exchange.movements import (
    PENDING_DAYS_MAX,
    POINTS_MAX,
    REASON_LENGTH_MAX,
    Award,
    Burn,
    Movement,
    MovementKind,
    MovementReversal,
    Order,
    reason_usable,
)
from members import Membership, MembershipStatus

Holder = tuple[UUID, str, str]
"""A program's id, and a member number or a member's code as written in an order."""

_REVERSIBLE = frozenset({MovementKind.AWARD, MovementKind.BURN})


@dataclass(frozen=True, slots=True)
class MovementFacts:
    """What the orders of a batch need to be judged; `reversed` grows with what the batch itself takes back."""

    directory: Directory
    now: datetime
    cards: Mapping[Holder, Membership]
    cards_of_codes: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    """The memberships of whoever showed a code, also when its time is over."""
    originals: Mapping[UUID, Movement] = field(default_factory=dict)
    """The movements that are to be taken back."""
    reversed: dict[UUID, int] = field(default_factory=dict)
    """How much of each was taken back."""

    def judge(self, order: Order, first: Movement | None) -> Movement | MovementRefusal | None:
        """The movement made earlier under the same key, a refusal, or None: it may be posted."""
        if not key_usable(order.idempotency_key):
            return KeyUnusable()
        if not reason_usable(order.reason):
            return ReasonUnusable(REASON_LENGTH_MAX)
        if first is not None:
            different = self._difference(first, order)
            return first if different is None else IdempotencyConflict(different)
        return self._judge_reversal(order) if isinstance(order, MovementReversal) else self._judge_new(order)

    def card_of(self, order: Award | Burn) -> Membership:
        """The card of an order that was admitted."""
        return self.cards[self.program_of(order).id, order.number, order.code]

    def program_of(self, order: Award | Burn) -> Program:
        """The program of an order that was admitted."""
        program = self.directory.program(order.program)
        assert program is not None, "an admitted order names a known program"
        return program

    def left_of(self, movement: Movement) -> int:
        """What of a movement was not taken back yet, in minor units."""
        return movement.amount - self.reversed.get(movement.id, 0)

    def _judge_new(self, order: Award | Burn) -> MovementRefusal | None:
        program = self.directory.program(order.program)
        if program is None:
            return UnknownProgram(order.program)
        if not self._acts_for(order.brand_id, program):
            return NotYourProgram(order.program)
        if program.booked_by_brand:
            return KeptByBrand(order.program)
        if isinstance(order, Award) and not 0 <= order.pending_days <= PENDING_DAYS_MAX:
            return PendingTooLong(PENDING_DAYS_MAX)
        return _unfit_amount(order.amount, program) or self._unknown_holder(order, program)

    def _unknown_holder(self, order: Award | Burn, program: Program) -> MovementRefusal | None:
        card = self.cards.get((program.id, order.number, order.code))
        if card is not None and card.status is MembershipStatus.ACTIVE:
            return None
        return UnknownMemberCode() if order.code else UnknownMemberNumber(order.number)

    def _judge_reversal(self, order: MovementReversal) -> MovementRefusal | None:
        original = self.originals.get(order.movement_id)
        if original is None or original.kind not in _REVERSIBLE or not self._may_reverse(order.brand_id, original):
            return UnknownMovement()
        left = self.left_of(original)
        if not left:
            return AlreadyReversed()
        if order.amount is not None and order.amount <= 0:
            return AmountNotPositive()
        return None if order.amount is None or order.amount <= left else ReversalExceeds(left)

    def _may_reverse(self, brand_id: UUID, original: Movement) -> bool:
        brand = self.directory.brands.get(brand_id)
        return brand is not None and not brand.closed and original.brand_id in self.directory.descendants(brand_id)

    def _acts_for(self, brand_id: UUID, program: Program) -> bool:
        brand = self.directory.brands.get(brand_id)
        return brand is not None and not brand.closed and brand_id in self.directory.descendants(program.brand_id)

    def _difference(self, first: Movement, order: Order) -> str | None:
        same = self._same_reversal(first, order) if isinstance(order, MovementReversal) else self._same(first, order)
        same |= {"brand": first.brand_id == order.brand_id, "reason": first.reason == order.reason}
        return next((name for name, equal in same.items() if not equal), None)

    def _same(self, first: Movement, order: Award | Burn) -> dict[str, bool]:
        program = self.directory.program(order.program)
        card = self.cards.get((first.program_id, order.number, order.code))
        same_card = card is not None and first.membership_id == card.id
        holder = "code" if order.code else "number"
        return {
            "kind": first.kind is order.kind,
            "program": program is not None and first.program_id == program.id,
            holder: same_card or first.membership_id in self.cards_of_codes.get(order.code, frozenset()),
            "amount": first.amount == order.amount,
            "pending_days": not isinstance(order, Award) or first.pending_days == order.pending_days,
        }

    def _same_reversal(self, first: Movement, order: MovementReversal) -> dict[str, bool]:
        return {
            "kind": first.reverses_id is not None,
            "movement_id": first.reverses_id == order.movement_id,
            "amount": order.amount is None or order.as_far_as_possible or first.amount == order.amount,
        }


def _unfit_amount(amount: int, program: Program) -> MovementRefusal | None:
    allowed = POINTS_MAX * 10**program.scale
    if amount <= 0:
        return AmountNotPositive()
    return AmountAboveMaximum(allowed) if amount > allowed else None
