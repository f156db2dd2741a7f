"""The same id again: the first outcome when the content is the same, otherwise the first field that differs."""

from ledger.books import Known
from ledger.outcome import Outcome
from ledger.status import Status
from ledger.transfer import Transfer

_FIELDS = (
    ("kind", Status.EXISTS_WITH_DIFFERENT_KIND),
    ("debit_account_id", Status.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID),
    ("credit_account_id", Status.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID),
    ("amount", Status.EXISTS_WITH_DIFFERENT_AMOUNT),
    ("code", Status.EXISTS_WITH_DIFFERENT_CODE),
    ("group_id", Status.EXISTS_WITH_DIFFERENT_GROUP_ID),
    ("pending_id", Status.EXISTS_WITH_DIFFERENT_PENDING_ID),
    ("reverses_id", Status.EXISTS_WITH_DIFFERENT_REVERSES_ID),
    ("lots_of", Status.EXISTS_WITH_DIFFERENT_LOTS_OF),
    ("timeout_seconds", Status.EXISTS_WITH_DIFFERENT_TIMEOUT_SECONDS),
    ("event_time", Status.EXISTS_WITH_DIFFERENT_EVENT_TIME),
    ("reference", Status.EXISTS_WITH_DIFFERENT_REFERENCE),
    ("balancing", Status.EXISTS_WITH_DIFFERENT_BALANCING),
    ("lot", Status.EXISTS_WITH_DIFFERENT_LOT),
)


def answer_again(known: Known, transfer: Transfer) -> Outcome:
    """The answer to a transfer whose id was answered before."""
    difference = _difference(known.transfer, transfer)
    if difference is not None:
        return Outcome(transfer.id, difference, 0, None)
    status = Status.EXISTS if known.status is Status.CREATED else known.status
    return Outcome(transfer.id, status, known.amount, known.recorded_at)


def _difference(first: Transfer, second: Transfer) -> Status | None:
    for name, status in _FIELDS:
        if getattr(first, name) != getattr(second, name):
            return status
    return None
