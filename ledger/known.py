"""The same id again: the first outcome when the content is the same, otherwise the first field that differs."""

from datetime import UTC, datetime
from operator import attrgetter

from ledger.books import Known
from ledger.outcome import Outcome
from ledger.status import Status
from ledger.transfer import Transfer


def _in_utc(instant: datetime | None) -> datetime | None:
    # In other zones the instants of the hour that comes twice compare wrongly: with each other, and across zones.
    return instant and instant.astimezone(UTC)


def _event_time(transfer: Transfer) -> datetime | None:
    return _in_utc(transfer.event_time)


def _lot(transfer: Transfer) -> object:
    lot = transfer.lot
    return lot and (_in_utc(lot.expires_at), _in_utc(lot.available_at), lot.funder, lot.unit_cost)


_FIELDS = (
    (attrgetter("kind"), Status.EXISTS_WITH_DIFFERENT_KIND),
    (attrgetter("debit_account_id"), Status.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID),
    (attrgetter("credit_account_id"), Status.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID),
    (attrgetter("amount"), Status.EXISTS_WITH_DIFFERENT_AMOUNT),
    (attrgetter("code"), Status.EXISTS_WITH_DIFFERENT_CODE),
    (attrgetter("group_id"), Status.EXISTS_WITH_DIFFERENT_GROUP_ID),
    (attrgetter("pending_id"), Status.EXISTS_WITH_DIFFERENT_PENDING_ID),
    (attrgetter("reverses_id"), Status.EXISTS_WITH_DIFFERENT_REVERSES_ID),
    (attrgetter("lots_of"), Status.EXISTS_WITH_DIFFERENT_LOTS_OF),
    (attrgetter("timeout_seconds"), Status.EXISTS_WITH_DIFFERENT_TIMEOUT_SECONDS),
    (_event_time, Status.EXISTS_WITH_DIFFERENT_EVENT_TIME),
    (attrgetter("reference"), Status.EXISTS_WITH_DIFFERENT_REFERENCE),
    (attrgetter("balancing"), Status.EXISTS_WITH_DIFFERENT_BALANCING),
    (_lot, Status.EXISTS_WITH_DIFFERENT_LOT),
)


def answer_again(known: Known, transfer: Transfer) -> Outcome:
    """The answer to a transfer whose id was answered before."""
    difference = _difference(known.transfer, transfer)
    if difference is not None:
        return Outcome(transfer.id, difference, 0, None)
    status = Status.EXISTS if known.status is Status.CREATED else known.status
    return Outcome(transfer.id, status, known.amount, known.recorded_at)


def _difference(first: Transfer, second: Transfer) -> Status | None:
    for field, status in _FIELDS:
        if field(first) != field(second):
            return status
    return None
