"""The lots of one posting: what its debit takes, and what its credit opens."""

from ledger.allocation import take
from ledger.books import Books, Posting
from ledger.lot_choice import with_chosen
from ledger.lot_opening import opened_lots
from ledger.status import Status
from ledger.transfer import Kind


def with_lots(posting: Posting, books: Books) -> Posting | Status:
    """Choose the lots of a single-phase or pending posting; refuse it when they have not enough."""
    if posting.original is not None:
        return with_chosen(posting, posting.original, books.recorded_at)
    if posting.debit.keeps_lots:
        uses = take(posting.debit.shelf.spendable(books.recorded_at), posting.amount)
        if uses is None:
            return Status.EXCEEDS_SPENDABLE
        posting.uses = uses
    if posting.credit.keeps_lots and posting.transfer.kind is Kind.SINGLE:
        posting.opened = opened_lots(posting, posting.uses)
    return posting
