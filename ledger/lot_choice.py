"""Postings that name the transfer whose lots they mean: reversals, captures and releases of holds, refunds.

The debit takes the lots that the original opened; the credit gives back to the lots that the original used. What is
taken back in part is taken latest-expiring-first, as if the original had been smaller; what is merely passed on is
passed on first-expiring-first. Where both sides have lots of the original, each piece goes back to where it came from.
"""

from collections.abc import Sequence
from datetime import datetime

from ledger.allocation import LotState, LotUse, first_expiring, give_back, take
from ledger.books import Original, Posting
from ledger.lot_opening import grace_lot, opened_lots
from ledger.status import Status


def with_chosen(posting: Posting, original: Original, instant: datetime) -> Posting | Status:
    """Choose the posting's lots among those of its original; refuse it when they have not enough."""
    opened = [lot for lot in original.opened if lot.account_id == posting.debit.id]
    used = [use for use in original.uses.values() if use[0].account_id == posting.credit.id]
    if not opened and not used:
        return Status.EXCEEDS_LOTS_OF
    taken = _taken(posting, opened, used, instant)
    if taken is None:
        return Status.EXCEEDS_LOTS_OF if opened else Status.EXCEEDS_SPENDABLE
    if not used:
        posting.uses = taken
        posting.opened = opened_lots(posting, taken) if posting.credit.keeps_lots else ()
        return posting
    used_ids = {lot.id for lot, _ in used}
    pairs = opened and all(lot.origin in used_ids for lot, _ in taken)
    returned = _paired(original, taken) if pairs else give_back(used, posting.amount)
    return Status.EXCEEDS_LOTS_OF if returned is None else _with_returned(posting, taken, returned, instant)


def _taken(
    posting: Posting, opened: Sequence[LotState], used: Sequence[LotUse], instant: datetime
) -> tuple[LotUse, ...] | None:
    if opened:
        return take(sorted(opened, key=first_expiring, reverse=bool(used)), posting.amount)
    if posting.debit.keeps_lots:
        return take(posting.debit.shelf.spendable(instant), posting.amount)
    return ()


def _paired(original: Original, taken: Sequence[LotUse]) -> tuple[LotUse, ...] | None:
    returned: list[LotUse] = []
    for piece, amount in taken:
        assert piece.origin is not None, "the caller has looked"
        lot, used = original.uses[piece.origin]
        if used < amount:
            return None
        returned.append((lot, -amount))
    return tuple(returned)


def _with_returned(posting: Posting, taken: Sequence[LotUse], returned: Sequence[LotUse], instant: datetime) -> Posting:
    expired = [(lot, -amount) for lot, amount in returned if lot.expires_at <= instant]
    posting.uses = (*taken, *returned, *expired)
    posting.opened = tuple(
        grace_lot(posting, lot, amount, place, instant) for place, (lot, amount) in enumerate(expired)
    )
    return posting
