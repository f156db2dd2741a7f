"""How a pending transfer ends: posted, perhaps partly; voided; or expired."""

from datetime import datetime

from ledger.allocation import LotUse, give_back
from ledger.books import Books, Original, Posting
from ledger.lot_opening import opened_lots
from ledger.status import Status
from ledger.transfer import Kind

_ENDED = {
    Kind.POST: Status.PENDING_TRANSFER_ALREADY_POSTED,
    Kind.VOID: Status.PENDING_TRANSFER_ALREADY_VOIDED,
    Kind.EXPIRE: Status.PENDING_TRANSFER_EXPIRED,
}


def resolve(posting: Posting, books: Books) -> Posting | Status:
    """End a pending transfer, or say why it cannot end like this."""
    assert posting.transfer.pending_id is not None, "the form was checked"
    pending = books.originals.get(posting.transfer.pending_id)
    if pending is None:
        return Status.PENDING_TRANSFER_NOT_FOUND
    refusal = _mismatch(posting, pending) or _end_refusal(posting, pending, books.recorded_at)
    if refusal is not None:
        return refusal
    posting.original = pending
    posting.pending = -pending.amount
    if posting.transfer.kind is Kind.POST:
        posting.amount = posting.posted = posting.amount or pending.amount
    else:
        posting.amount = pending.amount
    return _with_lots(posting, pending)


def _mismatch(posting: Posting, pending: Original) -> Status | None:
    first = pending.transfer
    if first.kind is not Kind.PENDING:
        return Status.PENDING_TRANSFER_NOT_PENDING
    if first.debit_account_id != posting.debit.id:
        return Status.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID
    if first.credit_account_id != posting.credit.id:
        return Status.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID
    return None


def _end_refusal(posting: Posting, pending: Original, instant: datetime) -> Status | None:
    kind = posting.transfer.kind
    if pending.resolution is not None:
        return _ENDED[pending.resolution]
    timed_out = pending.times_out_at is not None and pending.times_out_at <= instant
    if timed_out is not (kind is Kind.EXPIRE):
        return Status.PENDING_TRANSFER_EXPIRED if timed_out else Status.PENDING_TRANSFER_NOT_EXPIRED
    if kind is Kind.POST and posting.amount > pending.amount:
        return Status.EXCEEDS_PENDING_TRANSFER_AMOUNT
    if kind is Kind.VOID and posting.amount not in {0, pending.amount}:
        return Status.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT
    return None


def _with_lots(posting: Posting, pending: Original) -> Posting:
    if posting.debit.keeps_lots and posting.posted < pending.amount:
        returned = give_back(pending.uses.values(), pending.amount - posting.posted)
        assert returned is not None, "a pending transfer keeps what it took until it ends"
        posting.uses = returned
    if posting.credit.keeps_lots and posting.posted:
        posting.opened = opened_lots(posting, _kept(pending, posting))
    return posting


def _kept(pending: Original, posting: Posting) -> tuple[LotUse, ...]:
    returned = {lot.id: -amount for lot, amount in posting.uses}
    kept = ((lot, used - returned.get(lot.id, 0)) for lot, used in pending.uses.values())
    return tuple((lot, amount) for lot, amount in kept if amount)
