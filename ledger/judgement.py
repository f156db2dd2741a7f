"""Whether one transfer is recorded, given the books as they are: the checks in order of precedence, then the effect."""

from ledger.allocation import LotUse, take_all, total
from ledger.books import AccountState, Books, Posting
from ledger.headroom import amount_within, limit_refusal
from ledger.lot_moves import with_lots
from ledger.lot_opening import opened_lots
from ledger.resolution import resolve
from ledger.reversal import original_refusal
from ledger.status import Status
from ledger.transfer import SINGLE, Kind, Transfer


def judge(transfer: Transfer, sequence: int, books: Books) -> Posting | Status:
    """What recording the transfer would change, or why it is refused. Changes nothing itself."""
    if transfer.id.int >> 80 > books.id_milliseconds_max:
        return Status.ID_AHEAD_OF_CLOCK
    if transfer.event_time is not None and transfer.event_time > books.recorded_at:
        return Status.EVENT_TIME_IN_FUTURE
    debit = books.accounts.get(transfer.debit_account_id)
    if debit is None:
        return Status.DEBIT_ACCOUNT_NOT_FOUND
    credit = books.accounts.get(transfer.credit_account_id)
    if credit is None:
        return Status.CREDIT_ACCOUNT_NOT_FOUND
    refusal = _accounts_refusal(transfer, debit, credit, books)
    if refusal is not None:
        return refusal
    return _effect(Posting(transfer, sequence, debit, credit, transfer.amount), books)


def _accounts_refusal(transfer: Transfer, debit: AccountState, credit: AccountState, books: Books) -> Status | None:
    if debit.asset != credit.asset:
        return Status.ACCOUNTS_HAVE_DIFFERENT_ASSETS
    if transfer.event_time is not None and _is_closed(debit.asset, transfer, books):
        return Status.EVENT_TIME_IN_CLOSED_PERIOD
    if debit.closed:
        return Status.DEBIT_ACCOUNT_CLOSED
    return Status.CREDIT_ACCOUNT_CLOSED if credit.closed else None


def _is_closed(asset: str, transfer: Transfer, books: Books) -> bool:
    closed_until = books.closed_until.get(asset)
    return closed_until is not None and transfer.event_time is not None and transfer.event_time <= closed_until


def _effect(posting: Posting, books: Books) -> Posting | Status:
    kind = posting.transfer.kind
    if kind is SINGLE or kind is Kind.PENDING:
        return _move(posting, books)
    if kind is Kind.CLOSE:
        return _close(posting)
    if kind is Kind.LOT_EXPIRY:
        return _expire_lots(posting)
    return resolve(posting, books)


def _move(posting: Posting, books: Books) -> Posting | Status:
    transfer = posting.transfer
    if transfer.reverses_id is not None or transfer.lots_of is not None:
        refusal = original_refusal(posting, books)
        if refusal is not None:
            return refusal
    if transfer.balancing:
        amount = amount_within(posting, books.recorded_at)
        if isinstance(amount, Status):
            return amount
        posting.amount = amount
    refusal = limit_refusal(posting)
    if refusal is not None:
        return refusal
    if transfer.kind is SINGLE:
        posting.posted = posting.amount
    else:
        posting.pending = posting.amount
    return with_lots(posting, books) if posting.debit.keeps_lots or posting.credit.keeps_lots else posting


def _close(posting: Posting) -> Posting | Status:
    debit, asked = posting.debit, posting.amount
    if debit.debits_pending or debit.credits_pending:
        return Status.CLOSING_ACCOUNT_HAS_PENDING
    left = debit.credits_posted - debit.debits_posted
    if left < 0 or asked not in {0, left}:
        return Status.CLOSING_AMOUNT_DIFFERS
    posting.closes = True
    uses = take_all(debit.shelf.remaining()) if debit.keeps_lots else ()
    return _move_all(posting, left, uses)


def _expire_lots(posting: Posting) -> Posting | Status:
    assert posting.transfer.event_time is not None, "the form was checked"
    uses = take_all(posting.debit.shelf.expired(posting.transfer.event_time))
    return _move_all(posting, total(uses), uses) if uses else Status.NOTHING_TO_EXPIRE


def _move_all(posting: Posting, amount: int, uses: tuple[LotUse, ...]) -> Posting | Status:
    posting.amount = posting.posted = amount
    posting.uses = uses
    refusal = limit_refusal(posting)
    if refusal is not None:
        return refusal
    if posting.credit.keeps_lots and amount:
        posting.opened = opened_lots(posting, uses)
    return posting
