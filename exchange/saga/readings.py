"""What an answer means for its errand: the many ways of brands to answer, read into ten words. Pure."""

from enum import StrEnum
from typing import Final, assert_never

from exchange.brand_system import Answer, Done, Failed, Failure, InquiryAnswer, NotFound, Pending
from exchange.saga.errands import Mode, Role


class Reading(StrEnum):
    """What is known after an answer."""

    DONE = "done"
    PENDING = "pending"
    """The brand has it and decides later."""
    REFUSED = "refused"
    """The brand said no; nothing was done."""
    LOCKED_OUT = "locked_out"
    """The brand refuses our credentials: this sending did nothing, and new ones are needed."""
    NOT_SENT = "not_sent"
    """This sending certainly did nothing."""
    UNKNOWN = "unknown"
    """This sending may have been done."""
    ABSENT = "absent"
    """The brand knows nothing of it and never will."""
    NOT_YET = "not_yet"
    """The brand knows nothing of it so far."""
    UNTOLD = "untold"
    """The inquiry brought nothing."""
    CONTRADICTED = "contradicted"
    """The brand knows the reference with other content: nothing automatic can be right."""


_UNTOLD: Final = frozenset({Failure.UNKNOWN, Failure.NOT_SENT, Failure.RATE_LIMITED, Failure.AUTH, Failure.UNSUPPORTED})
"""Failures that say how an inquiry ended, and nothing about the instruction."""

_UNDOING: Final = frozenset({Role.REFUND, Role.TAKE_BACK, Role.GIVE_BACK})


def read(answer: Answer | InquiryAnswer, mode: Mode, role: Role) -> Reading:
    """The meaning of an answer to a call of this kind."""
    match answer:
        case Done():
            return Reading.DONE
        case Pending():
            return Reading.PENDING
        case NotFound(final):
            return Reading.ABSENT if final else Reading.NOT_YET
        case Failed(failure):
            return _told(failure) if mode is Mode.ASK else _refused(failure, role)
        case _:
            assert_never(answer)


def _told(failure: Failure) -> Reading:
    if failure is Failure.DUPLICATE_CHANGED:
        return Reading.CONTRADICTED
    return Reading.UNTOLD if failure in _UNTOLD else Reading.REFUSED


def _refused(failure: Failure, role: Role) -> Reading:
    if failure.retryable:
        return Reading.NOT_SENT
    if failure is Failure.AUTH and role is not Role.DEBIT:
        # It is no word about the member. A debit is given up at once all the same: nothing has happened yet.
        return Reading.LOCKED_OUT
    if failure is Failure.DUPLICATE_CHANGED:
        return Reading.CONTRADICTED
    # What was done under the reference stands, and is to be asked for; an undoing found undone is most likely our own.
    known = failure is Failure.DUPLICATE_SAME or (failure is Failure.ALREADY_REVERSED and role in _UNDOING)
    return Reading.UNKNOWN if failure.ambiguous or known else Reading.REFUSED
