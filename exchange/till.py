"""Which of a batch of awards, burns and reversals may be posted together: decided in order, without a database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from core.refusals import InsufficientPoints
from exchange.errors import MovementRefusal, PointsSpent
from exchange.movement_facts import MovementFacts
from exchange.movements import Movement, MovementReversal, Order

Posted: TypeAlias = Movement | InsufficientPoints | PointsSpent
"""What the ledger makes of one that is posted."""

Verdict: TypeAlias = Movement | MovementRefusal
"""What becomes of one order."""

_Claim: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class Till:
    """A batch in the making: rounds of those that go to the ledger together, until everybody has a verdict."""

    facts: MovementFacts
    orders: Sequence[Order]
    by_key: dict[tuple[str, str], Movement]
    """Movements by client and idempotency key."""
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    """By position in the batch."""
    made: list[Movement] = field(default_factory=list)
    """The movements of this batch, in order."""
    _caps: dict[tuple[str, str], int] = field(default_factory=dict)
    """How much there is of what is to be taken back as far as possible, by client and key."""

    def next_round(self) -> list[int]:
        """Who goes to the ledger now, by position: the first of those with one key, and of one original's reversals.

        Empty: all is decided.
        """
        claimed: set[_Claim] = set()
        return [
            position
            for position, order in enumerate(self.orders)
            if position not in self.verdicts and self._admits(claimed, position, order)
        ]

    def _admits(self, claimed: set[_Claim], position: int, order: Order) -> bool:
        verdict = self.facts.judge(order, self.by_key.get(key_of(order)))
        if verdict is not None:
            self.verdicts[position] = verdict
            return False
        wanted = {key_of(order)} | ({("", str(order.movement_id))} if isinstance(order, MovementReversal) else set())
        free = claimed.isdisjoint(wanted)
        claimed |= wanted
        return free

    def settle(self, positions: Sequence[int], results: Sequence[Posted]) -> None:
        """Take in what the ledger made of a round. A refusal that the round itself has lifted is tried again."""
        progress = any(isinstance(result, Movement) for result in results)
        for position, result in zip(positions, results, strict=True):
            if isinstance(result, Movement):
                self._keep(position, result)
            elif self._again(self.orders[position], result, progress=progress):
                continue
            self.verdicts[position] = result

    def amount_of(self, order: Order) -> int:
        """What an order that was admitted moves, in minor units."""
        if not isinstance(order, MovementReversal):
            return order.amount
        wanted = self.facts.left_of(self.facts.originals[order.movement_id]) if order.amount is None else order.amount
        return min(wanted, self._caps.get(key_of(order), wanted))

    def _keep(self, position: int, movement: Movement) -> None:
        self.made.append(movement)
        self.by_key[key_of(self.orders[position])] = movement
        if movement.reverses_id is not None:
            taken = self.facts.reversed.get(movement.reverses_id, 0)
            self.facts.reversed[movement.reverses_id] = taken + movement.amount

    def _again(self, order: Order, refusal: InsufficientPoints | PointsSpent, *, progress: bool) -> bool:
        """Whether another try may succeed."""
        if isinstance(refusal, PointsSpent):
            return self._takes_less(order, refusal)
        return progress and refusal.available >= refusal.needed

    def _takes_less(self, order: Order, spent: PointsSpent) -> bool:
        """Whether the order is content with what is left; asked once."""
        content = isinstance(order, MovementReversal) and order.as_far_as_possible and spent.available > 0
        if not content or key_of(order) in self._caps:
            return False
        self._caps[key_of(order)] = spent.available
        return True


def key_of(order: Order) -> tuple[str, str]:
    """Keys belong to the client that made them."""
    return order.client_id, order.idempotency_key
