"""What remains to be paid when everybody's claims are set off: exact integer arithmetic, no database, no clock.

The clearing house stands between all participants, so each of them pays it or is paid by it, once. The operator
keeps the clearing house and needs no payment to itself: at most participants - 1 payments, where all is set off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

FEN_MICRO: Final = 10_000
"""Micro-CNY in one fen, the smallest amount a bank moves."""


@dataclass(frozen=True, slots=True)
class Split:
    """A closing position in micro-CNY, divided: `settled + carried`."""

    settled: int
    """What is paid (negative: by the participant; positive: to the participant), in whole fen."""
    carried: int
    """What stays in the position and opens the next window."""


EVERYBODY: Final = UUID(int=0)
"""For whom a payment is that is not for one participant alone."""


@dataclass(frozen=True, slots=True, order=True)
class Payment:
    """One payment between a participant and the clearing house, which the operator keeps."""

    payer_id: UUID
    payee_id: UUID
    amount_fen: int
    """Positive."""
    for_id: UUID = EVERYBODY
    """Gross: to whom it is passed on, or from whom it comes."""


def split(closings: Mapping[UUID, int], operator_id: UUID, *, in_flight: int = 0) -> dict[UUID, Split]:
    """Divide closing positions, given in micro-CNY by participant, so that what is settled sums to zero.

    Each participant's part in whole fen is rounded toward zero, so nobody pays or is paid more than the books say;
    what that leaves over across all participants is the operator's. So is `in_flight`: what exchanges that are not
    finished hold in the exchange clearing. What is carried sums to its opposite, to zero when nothing is in flight.
    Raises ValueError when the operator is missing or the positions and what is in flight do not sum to zero.
    """
    if operator_id not in closings:
        raise ValueError("the operator is a participant: without its position the nets do not sum to zero")
    if total := sum(closings.values()) + in_flight:
        message = f"the positions sum to {total} micro-CNY instead of zero"
        raise ValueError(message)
    settled = {participant: _whole_fen(closing) for participant, closing in closings.items()}
    settled[operator_id] -= sum(settled.values())
    return {who: Split(settled[who], closing - settled[who]) for who, closing in sorted(closings.items())}


def payments(settled: Mapping[UUID, int], operator_id: UUID) -> list[Payment]:
    """The payments that settle these amounts, given in micro-CNY by participant: debtors first, each by participant."""
    others = {who: amount // FEN_MICRO for who, amount in sorted(settled.items()) if who != operator_id}
    receipts = [Payment(who, operator_id, -fen) for who, fen in others.items() if fen < 0]
    return receipts + [Payment(operator_id, who, fen) for who, fen in others.items() if fen > 0]


def _whole_fen(micro: int) -> int:
    magnitude = abs(micro) // FEN_MICRO * FEN_MICRO
    return -magnitude if micro < 0 else magnitude
