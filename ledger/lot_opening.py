"""The lots that a credit opens: one on its own terms, or one for each lot moved, on the terms of that lot."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from core.ids import derive_part_id
from ledger.allocation import AT_ONCE, FOREVER, LotState, LotUse
from ledger.books import Posting
from ledger.transfer import Kind, LotTerms

GRACE = timedelta(days=30)
"""How long points given back live when their own lot has expired and the transfer names no other day."""


def opened_lots(posting: Posting, taken: Iterable[LotUse]) -> tuple[LotState, ...]:
    """What the posting's credit opens, when its debit took `taken` from lots of its own."""
    terms = _terms(posting)
    moved = tuple(taken)
    if terms is None and moved:
        return tuple(_moved(posting, use, place) for place, use in enumerate(moved))
    return (_on_terms(posting, terms or LotTerms()),)


def grace_lot(posting: Posting, lot: LotState, amount: int, place: int, instant: datetime) -> LotState:
    """A lot that stands in for `lot`, to which `amount` is given back after it has expired."""
    terms = posting.transfer.lot
    expires_at = terms.expires_at or FOREVER if terms else instant + GRACE
    return LotState(
        lot_id(posting.transfer.id, place),
        posting.credit.id,
        posting.transfer.id,
        amount,
        amount,
        expires_at,
        AT_ONCE,
        lot.unit_cost,
        lot.funder,
        lot.id,
    )


def lot_id(transfer_id: UUID, place: int) -> UUID:
    """The id of the lot that a transfer opens in this place: its own, or one derived from it."""
    return transfer_id if place == 0 else derive_part_id(transfer_id, f"lot {place}")


def _terms(posting: Posting) -> LotTerms | None:
    terms = posting.transfer.lot
    if terms is None and posting.transfer.kind is Kind.POST and posting.original is not None:
        return posting.original.transfer.lot
    return terms


def _on_terms(posting: Posting, terms: LotTerms) -> LotState:
    return LotState(
        posting.transfer.id,
        posting.credit.id,
        posting.transfer.id,
        posting.posted,
        posting.posted,
        terms.expires_at or FOREVER,
        terms.available_at or AT_ONCE,
        terms.unit_cost,
        terms.funder,
    )


def _moved(posting: Posting, use: LotUse, place: int) -> LotState:
    lot, amount = use
    return LotState(
        lot_id(posting.transfer.id, place),
        posting.credit.id,
        posting.transfer.id,
        amount,
        amount,
        lot.expires_at,
        lot.available_at,
        lot.unit_cost,
        lot.funder,
        lot.id,
    )
