"""Taking an earlier transfer back: once, on the same accounts with sides changed, at most what it moved."""

from ledger.books import Books, Original, Posting
from ledger.status import Status
from ledger.transfer import Kind

_REVERSIBLE = frozenset({Kind.SINGLE, Kind.POST})


def original_refusal(posting: Posting, books: Books) -> Status | None:
    """Find the posting's original, or say why it may not be reversed."""
    transfer = posting.transfer
    original_id = transfer.reverses_id or transfer.lots_of
    assert original_id is not None, "asked only for transfers that name an original"
    posting.original = books.originals.get(original_id)
    if posting.original is None:
        return Status.ORIGINAL_NOT_FOUND
    return _reversal_refusal(posting, posting.original) if transfer.reverses_id else None


def _reversal_refusal(posting: Posting, original: Original) -> Status | None:
    first = original.transfer
    if first.kind not in _REVERSIBLE or first.reverses_id is not None:
        return Status.ORIGINAL_NOT_REVERSIBLE
    if (first.credit_account_id, first.debit_account_id) != (posting.debit.id, posting.credit.id):
        return Status.ORIGINAL_HAS_DIFFERENT_ACCOUNTS
    if original.reversed:
        return Status.ALREADY_REVERSED
    return Status.EXCEEDS_ORIGINAL_AMOUNT if posting.amount > original.amount else None
