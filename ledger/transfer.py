"""The movement of one amount of one asset from a debit account to a credit account."""

from datetime import datetime
from enum import IntEnum, IntFlag
from uuid import UUID

from msgspec import Struct

from core.amounts import AMOUNT_MAX

__all__ = ["AMOUNT_MAX", "BATCH_MAX", "Balancing", "Kind", "LotTerms", "Transfer"]

BATCH_MAX = 8_192
"""The largest number of transfers in one batch."""


class Kind(IntEnum):
    """What a transfer does. Numbers are stored: add, never renumber."""

    SINGLE = 1
    """Posts at once."""
    PENDING = 2
    """Reserves the amount on both sides until it is posted, voided or timed out."""
    POST = 3
    """Posts a pending transfer: `amount` of it, 0 meaning all; the rest is released."""
    VOID = 4
    """Releases a pending transfer; `amount` is 0 or the pending amount."""
    EXPIRE = 5
    """Releases a pending transfer that has timed out; written by `expire_pending`."""
    CLOSE = 6
    """Moves what is left (`amount` 0, or exactly that) and closes the debit account for ever."""
    LOT_EXPIRY = 7
    """Moves what is left of the debit account's lots that expired at or before `event_time`; `amount` is 0."""


class Balancing(IntFlag):
    """Whether `amount` means "up to": as much of it as the account's limit and lots allow, at least 1."""

    NONE = 0
    """Exactly `amount`."""
    DEBIT = 1
    """As much as the debit account can give."""
    CREDIT = 2
    """As much as the credit account can take."""


# To look up a member of an enumeration takes longer than anything else that is asked of every transfer.
SINGLE = Kind.SINGLE
EXACT = Balancing.NONE


class LotTerms(Struct, frozen=True, gc=False):
    """The terms of the lot that a credit opens on an account with lots."""

    expires_at: datetime | None = None
    """From this instant on the points cannot be spent; None: they never expire."""
    available_at: datetime | None = None
    """Before this instant the points cannot be spent; None: at once."""
    funder: UUID | None = None
    """Who pays for the points."""
    unit_cost: int = 0
    """Cost of one minor unit in micro-CNY."""


class Transfer(Struct, frozen=True, gc=False):
    """A transfer as its maker wants it. A msgspec struct, because batches hold thousands of them."""

    id: UUID
    """Time-ordered (UUID version 7), made by the client: the same id is the same transfer."""
    debit_account_id: UUID
    credit_account_id: UUID
    amount: int
    """Minor units; 1 to 2^63 - 1, where `kind` does not say otherwise."""
    code: int
    """Why; the ledger stores it and gives it no meaning. 0 to 2^31 - 1."""
    kind: Kind = Kind.SINGLE
    group_id: UUID | None = None
    """Neighbours in a batch with the same group id succeed or fail together; later ones see earlier ones."""
    pending_id: UUID | None = None
    """The pending transfer that is posted, voided or expired."""
    reverses_id: UUID | None = None
    """The transfer that this one takes back, whole or in part, once: same accounts, sides changed, same lots."""
    lots_of: UUID | None = None
    """The transfer whose lots are meant: a debit takes the lots it opened, a credit gives back the lots it used."""
    timeout_seconds: int | None = None
    """For pending transfers: from then on it is never posted. 1 to 2^31 - 1."""
    event_time: datetime | None = None
    """When it happened, if that was earlier than the recording."""
    reference: UUID | None = None
    """The domain's object that it belongs to."""
    balancing: Balancing = Balancing.NONE
    lot: LotTerms | None = None
    """The terms of the lot opened on a credit account with lots; None: no expiry, or those of the lots moved.

    Without effect where the credit account keeps no lots.
    """


def is_plain(transfer: Transfer) -> bool:
    """Whether it moves an amount and refers to nothing else, as most transfers do."""
    return (
        transfer.kind is SINGLE
        and transfer.reverses_id is None
        and transfer.lots_of is None
        and transfer.event_time is None
        and transfer.pending_id is None
        and transfer.balancing is EXACT
    )
