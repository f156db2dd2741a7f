"""What can be refused without looking at the books: the form of a batch and of each transfer in it."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from core.amounts import AMOUNT_MAX
from ledger.status import Status
from ledger.transfer import EXACT, SINGLE, Balancing, Kind, LotTerms, Transfer, is_plain

INT_MAX = 2**31 - 1


class Form(Struct, frozen=True, gc=False):
    """What can be said of a batch before its books are read."""

    refusals: list[Status | None]
    """Why each transfer is refused whatever the books say."""
    spans: list[tuple[int, int]]
    """Where each group begins and ends (`groups`)."""
    plain: bool
    """Whether every transfer is plain (`is_plain`)."""


def form_of(transfers: Sequence[Transfer]) -> Form:
    """Look at a batch."""
    spans = groups(transfers)
    broken = broken_groups(transfers, spans)
    refusals = list(map(form_refusal, transfers))
    for start, end in spans if broken else ():
        if transfers[start].group_id in broken:
            refusals[start:end] = [Status.GROUP_BROKEN] * (end - start)
    return Form(refusals, spans, all(map(is_plain, transfers)))


_MOVES = frozenset({Kind.SINGLE, Kind.PENDING})
_RESOLVES = frozenset({Kind.POST, Kind.VOID, Kind.EXPIRE})
_AMOUNT_MAY_BE_ZERO = frozenset({Kind.POST, Kind.VOID, Kind.CLOSE})
_AMOUNT_IS_ZERO = frozenset({Kind.EXPIRE, Kind.LOT_EXPIRY})


def form_refusal(transfer: Transfer) -> Status | None:
    """Why the transfer is refused whatever the books say; None when its form is right."""
    refusal = _id_refusal(transfer)
    if refusal is not None or _is_plain(transfer):
        return refusal
    return (
        _amount_refusal(transfer.kind, transfer.amount)
        or _terms_refusal(transfer)
        or _timeout_refusal(transfer)
        or _reference_refusal(transfer)
    )


def _is_plain(transfer: Transfer) -> bool:
    # Most transfers are; they need none of the other checks.
    return (
        transfer.kind is SINGLE
        and 0 < transfer.amount <= AMOUNT_MAX
        and 0 <= transfer.code <= INT_MAX
        and transfer.pending_id is None
        and transfer.reverses_id is None
        and transfer.lots_of is None
        and transfer.timeout_seconds is None
        and (transfer.lot is None or _possible(transfer.lot))
        and transfer.balancing is EXACT
    )


def _id_refusal(transfer: Transfer) -> Status | None:
    number = transfer.id.int
    if number >> 76 & 0xF != 7 or number >> 62 & 0b11 != 0b10:  # noqa: PLR2004 - version 7, variant of RFC 9562
        return Status.ID_NOT_TIME_ORDERED
    if transfer.debit_account_id == transfer.credit_account_id:
        return Status.ACCOUNTS_MUST_DIFFER
    return None


def _amount_refusal(kind: Kind, amount: int) -> Status | None:
    if 0 < amount <= AMOUNT_MAX and kind not in _AMOUNT_IS_ZERO:
        return None
    if amount > AMOUNT_MAX:
        return Status.AMOUNT_TOO_LARGE
    if amount < 0 or (amount == 0 and kind in _MOVES):
        return Status.AMOUNT_MUST_BE_POSITIVE
    return Status.AMOUNT_MUST_BE_ZERO if amount else None


def _terms_refusal(transfer: Transfer) -> Status | None:
    if not 0 <= transfer.code <= INT_MAX:
        return Status.CODE_OUT_OF_RANGE
    if transfer.lot is not None and not _possible(transfer.lot):
        return Status.LOT_TERMS_OUT_OF_RANGE
    return None


def _possible(terms: LotTerms) -> bool:
    empty = terms.expires_at and terms.available_at and terms.expires_at <= terms.available_at
    return not empty and 0 <= terms.unit_cost <= AMOUNT_MAX


def _timeout_refusal(transfer: Transfer) -> Status | None:
    if transfer.timeout_seconds is None:
        return None
    if not 0 < transfer.timeout_seconds <= INT_MAX:
        return Status.TIMEOUT_OUT_OF_RANGE
    return None if transfer.kind is Kind.PENDING else Status.TIMEOUT_RESERVED_FOR_PENDING


def _reference_refusal(transfer: Transfer) -> Status | None:
    kind = transfer.kind
    if transfer.pending_id is None:
        if kind in _RESOLVES:
            return Status.PENDING_ID_MUST_BE_GIVEN
    elif kind not in _RESOLVES:
        return Status.PENDING_ID_MUST_NOT_BE_GIVEN
    return _choice_refusal(transfer)


def _choice_refusal(transfer: Transfer) -> Status | None:
    kind, reverses, lots_of = transfer.kind, transfer.reverses_id, transfer.lots_of
    if reverses is not None and kind is not Kind.SINGLE:
        return Status.REVERSES_ID_MUST_NOT_BE_GIVEN
    if lots_of is not None and (reverses is not None or kind is not Kind.SINGLE):
        return Status.LOTS_OF_MUST_NOT_BE_GIVEN
    chosen = reverses is not None or lots_of is not None
    if transfer.balancing is not Balancing.NONE and (chosen or kind not in _MOVES):
        return Status.BALANCING_MUST_NOT_BE_GIVEN
    return Status.EVENT_TIME_MUST_BE_GIVEN if kind is Kind.LOT_EXPIRY and transfer.event_time is None else None


def groups(transfers: Sequence[Transfer]) -> list[tuple[int, int]]:
    """Where each group begins and ends, in order; a transfer without a group is a group of one."""
    found: list[tuple[int, int]] = []
    start, current = 0, None
    for place, transfer in enumerate(transfers):
        if transfer.group_id is None or transfer.group_id != current:
            if place:
                found.append((start, place))
            start, current = place, transfer.group_id
    if transfers:
        found.append((start, len(transfers)))
    return found


def broken_groups(transfers: Sequence[Transfer], spans: Sequence[tuple[int, int]]) -> frozenset[UUID]:
    """The groups whose transfers do not stand together."""
    seen: set[UUID] = set()
    broken: set[UUID] = set()
    for start, _ in spans:
        group_id = transfers[start].group_id
        if group_id is not None:
            (broken if group_id in seen else seen).add(group_id)
    return frozenset(broken)
