"""Which payment a movement at the bank belongs to. Pure: no database, no clock.

First by reference, then by the other side's registered account with exactly the amount that is open. Whatever fits
two payments fits none: a person decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from settlement.cash.camt import BankEntry
from settlement.cash.references import Referred, find_references


class Rule(StrEnum):
    """Why a movement was given to a payment."""

    REFERENCE = "REFERENCE"
    """It carries the payment's reference."""
    ACCOUNT = "ACCOUNT"
    """It came from, or went to, the participant's registered account, with exactly the open amount."""
    PERSON = "PERSON"
    """Two persons decided."""
    PREFUND = "PREFUND"
    """Taken from the participant's deposit, as its model says."""
    DRAWN = "DRAWN"
    """Late, and taken from the participant's deposit by two persons."""
    DISPUTE = "DISPUTE"
    """Not paid: two persons have put it among the disputed amounts."""
    TOLERANCE = "TOLERANCE"
    """Not paid: two persons have written off a small difference."""


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """A payment of an advised window that is not wholly paid."""

    id: UUID
    referred: Referred
    participant_id: UUID
    incoming: bool
    """Whether the participant pays; otherwise it is paid."""
    open_fen: int
    """Positive."""
    account: str | None
    """The participant's registered account number."""
    amount_fen: int = 0
    """All of it."""
    paid_back: bool = False
    """Whether it is no window's, but pays a deposit back."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """A part of a movement that settles a part of a payment, of a window or of what is paid back."""

    payment_id: UUID
    amount_fen: int
    """Positive."""
    rule: Rule


def match(entries: Iterable[BankEntry], payments: Iterable[OpenPayment]) -> dict[str, Allocation]:
    """The allocation of each entry that belongs to a payment, by the entry's key. Earlier entries are served first.

    An entry pays no more than what is still open: the rest of it belongs to nobody yet.
    """
    standing = {payment.id: payment for payment in payments}
    found: dict[str, Allocation] = {}
    for entry in entries:
        allocation = _allocation(entry, standing)
        if allocation is not None:
            found[entry.key] = allocation
            paid = standing[allocation.payment_id]
            standing[paid.id] = replace(paid, open_fen=paid.open_fen - allocation.amount_fen)
    return found


def _allocation(entry: BankEntry, standing: Mapping[UUID, OpenPayment]) -> Allocation | None:
    candidates = [it for it in standing.values() if it.incoming == (entry.amount_fen > 0) and it.open_fen > 0]
    references = find_references(entry.end_to_end_id) | find_references(entry.text)
    if references:
        return _only([it for it in candidates if it.referred in references], entry, Rule.REFERENCE)
    amount = abs(entry.amount_fen)
    exact = [it for it in candidates if it.account and it.account == entry.other_account and it.open_fen == amount]
    return _only(exact, entry, Rule.ACCOUNT)


def _only(candidates: list[OpenPayment], entry: BankEntry, rule: Rule) -> Allocation | None:
    if len(candidates) != 1:
        return None
    return Allocation(candidates[0].id, min(abs(entry.amount_fen), candidates[0].open_fen), rule)
