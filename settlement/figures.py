"""What a window's books say: frozen values, and the digest that two persons put their names to.

All amounts are micro-CNY unless they say otherwise; credits are the network's debt to the participant.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from brands import NETWORK_MODEL
from settlement.netting import EVERYBODY, FEN_MICRO, Payment, payments
from settlement.obligations import Obligation
from settlement.terms import NETWORK_TERMS, Netting, Terms, written


@dataclass(frozen=True, slots=True)
class Subtotal:
    """The lines of one kind in one position."""

    code: int
    """The transfers' code (`core.codes.Code`)."""
    debits: int
    credits: int
    lines: int


@dataclass(frozen=True, slots=True)
class Position:
    """One participant's account of one window: `opening + credits - debits = closing = settled + carried`."""

    participant_id: UUID
    opening: int
    """What the window before left unsettled."""
    subtotals: tuple[Subtotal, ...]
    """By code; empty while the window is CLOSING."""
    closing: int
    settled: int
    """What is paid for this window, in whole fen: positive to the participant, negative by it."""
    carried: int
    """What opens the next window."""
    both_ways: int = 0
    """What is due as well as owed, beyond `settled`, where not everything is set off; whole fen, not negative."""

    @property
    def due(self) -> int:
        """What the participant pays."""
        return max(0, -self.settled) + self.both_ways

    @property
    def owed(self) -> int:
        """What the participant is paid."""
        return max(0, self.settled) + self.both_ways

    @property
    def debits(self) -> int:
        """What the participant owes for the window's lines."""
        return sum(subtotal.debits for subtotal in self.subtotals)

    @property
    def credits(self) -> int:
        """What the participant is owed for the window's lines."""
        return sum(subtotal.credits for subtotal in self.subtotals)

    @property
    def ties(self) -> bool:
        """Whether opening, lines, closing and both parts of it add up."""
        return self.opening + self.credits - self.debits == self.closing == self.settled + self.carried


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that a window settles, by participant id."""

    number: int
    after: datetime | None
    """The cut-off of the window before; its own instant is not part of this window. None: from the beginning."""
    cut_off_at: datetime
    """The last instant of the window."""
    in_flight: int
    """What unfinished exchanges held in the exchange clearing at the cut-off; credits positive."""
    positions: tuple[Position, ...]
    payments: tuple[Payment, ...]
    model: str = NETWORK_MODEL
    terms: Terms = NETWORK_TERMS
    obligations: tuple[Obligation, ...] = ()
    """Between each two participants; none when netting is multilateral."""

    @property
    def ties(self) -> bool:
        """Whether every position adds up, what is settled sums to zero, and all positions to what is in flight."""
        settled = sum(position.settled for position in self.positions)
        closing = sum(position.closing for position in self.positions)
        return all(position.ties for position in self.positions) and settled == 0 and closing + self.in_flight == 0

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal: the same figures always give the same 64 characters."""
        return hashlib.sha256(canonical(self)).hexdigest()


def canonical(figures: Figures) -> bytes:
    """The figures as JSON with sorted keys, no spaces, instants in UTC with microseconds, everything in id order."""
    form: dict[str, Any] = {
        "number": figures.number,
        "after": None if figures.after is None else _instant(figures.after),
        "cut_off_at": _instant(figures.cut_off_at),
        "in_flight": figures.in_flight,
        "positions": [_position(found) for found in sorted(figures.positions, key=lambda p: p.participant_id)],
        "payments": [_payment(found) for found in sorted(figures.payments)],
    }
    if (figures.model, figures.terms) != (NETWORK_MODEL, NETWORK_TERMS):
        form |= {"model": figures.model, "terms": written(figures.terms)}
    if figures.obligations:
        form["obligations"] = [_obligation(found) for found in sorted(figures.obligations)]
    return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _position(position: Position) -> Mapping[str, Any]:
    subtotals = sorted(position.subtotals, key=lambda subtotal: subtotal.code)
    return {
        "participant": str(position.participant_id),
        "opening": position.opening,
        "closing": position.closing,
        "settled": position.settled,
        "carried": position.carried,
        "subtotals": [[found.code, found.debits, found.credits, found.lines] for found in subtotals],
    }


def _payment(found: Payment) -> list[Any]:
    alone = [] if found.for_id == EVERYBODY else [str(found.for_id)]
    return [str(found.payer_id), str(found.payee_id), found.amount_fen, *alone]


def _obligation(found: Obligation) -> list[Any]:
    amounts = (found.opening, found.lines, found.set_off, found.settled, found.carried)
    return [str(found.debtor_id), str(found.creditor_id), *amounts]


def payments_of(
    positions: Iterable[Position], operator_id: UUID, terms: Terms, owing: Iterable[Obligation]
) -> list[Payment]:
    """The payments that settle the positions: receipts first, each by participant.

    Gross: what each owes each other is a payment of its own, in, and another one, out.
    """
    if terms.netting is Netting.GROSS:
        return _gross(sorted(found for found in owing if found.settled), operator_id)
    found = list(positions)
    receipts = payments({it.participant_id: -it.due for it in found}, operator_id)
    return receipts + payments({it.participant_id: it.owed for it in found}, operator_id)


def _gross(owing: Sequence[Obligation], operator_id: UUID) -> list[Payment]:
    receipts = [
        Payment(it.debtor_id, operator_id, it.settled // FEN_MICRO, it.creditor_id)
        for it in owing
        if it.debtor_id != operator_id
    ]
    return receipts + [
        Payment(operator_id, it.creditor_id, it.settled // FEN_MICRO, it.debtor_id)
        for it in owing
        if it.creditor_id != operator_id
    ]


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
