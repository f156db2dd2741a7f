"""How far an account may go: limits, credit lines and the largest counter."""

from datetime import datetime

from core.amounts import AMOUNT_MAX
from ledger.account import Limit
from ledger.books import AccountState, Posting
from ledger.status import Status
from ledger.transfer import Balancing

_DEBITS = int(Limit.DEBITS_MUST_NOT_EXCEED_CREDITS)
_CREDITS = int(Limit.CREDITS_MUST_NOT_EXCEED_DEBITS)


def limit_refusal(posting: Posting) -> Status | None:
    """Why the posting's amount is too much for its accounts; pending amounts count."""
    debit, credit, amount = posting.debit, posting.credit, posting.amount
    debits = debit.debits_pending + debit.debits_posted + amount
    if debit.limits & _DEBITS and debits - debit.credit_line > debit.credits_posted:
        return Status.EXCEEDS_CREDITS
    credits_ = credit.credits_pending + credit.credits_posted + amount
    if credit.limits & _CREDITS and credits_ - credit.credit_line > credit.debits_posted:
        return Status.EXCEEDS_DEBITS
    if debits > AMOUNT_MAX:
        return Status.OVERFLOWS_DEBITS
    return Status.OVERFLOWS_CREDITS if credits_ > AMOUNT_MAX else None


def amount_within(posting: Posting, instant: datetime) -> int | Status:
    """As much of a balancing posting's amount as its accounts allow at `instant`."""
    amount, balancing = posting.amount, posting.transfer.balancing
    if balancing & Balancing.DEBIT:
        amount = min(amount, debit_headroom(posting.debit))
    if amount <= 0:
        return Status.EXCEEDS_CREDITS
    if balancing & Balancing.CREDIT:
        amount = min(amount, credit_headroom(posting.credit))
    if amount <= 0:
        return Status.EXCEEDS_DEBITS
    if balancing & Balancing.DEBIT and posting.debit.keeps_lots:
        amount = min(amount, sum(lot.remaining for lot in posting.debit.shelf.spendable(instant)))
    return amount or Status.EXCEEDS_SPENDABLE


def debit_headroom(account: AccountState) -> int:
    """How much more may be debited before debits exceed credits and credit line."""
    return account.credits_posted + account.credit_line - account.debits_posted - account.debits_pending


def credit_headroom(account: AccountState) -> int:
    """How much more may be credited before credits exceed debits and credit line."""
    return account.debits_posted + account.credit_line - account.credits_posted - account.credits_pending
