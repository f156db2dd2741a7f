"""When the simulated brand does not take something back, capture it or release it."""

from datetime import datetime

from adapters.simulator.books import Entry, EntryStatus
from adapters.simulator.orders import Code, EntryKind, Refused
from adapters.simulator.terms import Flaw, Terms

_REVERSIBLE = {EntryKind.DEBIT, EntryKind.CREDIT, EntryKind.CAPTURE}


def reversal_refused(terms: Terms, entry: Entry, original: Entry | None, now: datetime) -> Refused | None:
    """Why `entry`, a reversal, is not accepted."""
    if original is None or original.kind not in _REVERSIBLE:
        return Refused(Code.ORIGINAL_NOT_FOUND)
    return _undecided(original) or _too_late(terms, original, now) or _too_much(terms, entry, original)


def release_refused(terms: Terms, entry: Entry, original: Entry | None) -> Refused | None:
    """Why `entry`, a capture or a release, is not accepted."""
    if not terms.holds:
        return Refused(Code.UNSUPPORTED)
    if original is None or original.kind is not EntryKind.HOLD:
        return Refused(Code.ORIGINAL_NOT_FOUND)
    if undecided := _undecided(original):
        return undecided
    if original.left == 0:
        return Refused(Code.ALREADY_REVERSED)
    return Refused(Code.REVERSAL_EXCEEDS) if entry.amount > original.left else None


def _undecided(original: Entry) -> Refused | None:
    match original.status:
        case EntryStatus.SUCCESS:
            return None
        case EntryStatus.PENDING:
            return Refused(Code.ORIGINAL_PENDING)
        case _:
            return Refused(Code.ORIGINAL_NOT_FOUND)


def _too_late(terms: Terms, original: Entry, now: datetime) -> Refused | None:
    window = terms.reversal_window_seconds
    if window is None or original.booked_at is None:
        return None
    return Refused(Code.REVERSAL_TOO_LATE) if (now - original.booked_at).total_seconds() > window else None


def _too_much(terms: Terms, entry: Entry, original: Entry) -> Refused | None:
    if not terms.partial_reversals and entry.amount != original.amount:
        return Refused(Code.UNSUPPORTED, "Reversals are for the whole amount.")
    if original.left <= 0:
        return None if Flaw.REVERSES_TWICE in terms.flaws else Refused(Code.ALREADY_REVERSED)
    if entry.amount > original.left and Flaw.REVERSES_TOO_MUCH not in terms.flaws:
        return Refused(Code.REVERSAL_EXCEEDS)
    return None
