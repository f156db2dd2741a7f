"""What can be asked of the simulated brand, and the words in which it refuses."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class Operation(StrEnum):
    """Every call that the brand understands, by whichever of its two doors it comes."""

    HEALTH = "health"
    VALIDATE = "validate"
    MEMBER = "member"
    LINK = "link"
    UNLINK = "unlink"
    DEBIT = "debit"
    CREDIT = "credit"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    REVERSE = "reverse"
    RETRY = "retry"
    INQUIRE = "inquire"
    TRANSACTIONS = "transactions"
    STATEMENT = "statement"


class EntryKind(StrEnum):
    """What a line of the brand's books is."""

    OPENING = "opening"
    """Points a member had before, or was given by the brand itself."""
    DEBIT = "debit"
    CREDIT = "credit"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    REVERSAL = "reversal"


MOVES = {EntryKind.DEBIT, EntryKind.CREDIT, EntryKind.HOLD}
"""Instructions that begin something; the others follow one up."""


class Code(StrEnum):
    """Why the brand does not do it."""

    INVALID_REQUEST = "INVALID_REQUEST"
    UNAUTHORIZED = "UNAUTHORIZED"
    MEMBER_NOT_FOUND = "MEMBER_NOT_FOUND"
    NAME_MISMATCH = "NAME_MISMATCH"
    NOT_LINKED = "NOT_LINKED"
    MEMBER_INELIGIBLE = "MEMBER_INELIGIBLE"
    VALIDATION_REQUIRED = "VALIDATION_REQUIRED"
    VALIDATION_USED = "VALIDATION_USED"
    VALIDATION_EXPIRED = "VALIDATION_EXPIRED"
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    FRAUD_SUSPECTED = "FRAUD_SUSPECTED"
    DUPLICATE_SAME = "DUPLICATE_SAME"
    DUPLICATE_CHANGED = "DUPLICATE_CHANGED"
    ORIGINAL_NOT_FOUND = "ORIGINAL_NOT_FOUND"
    ORIGINAL_PENDING = "ORIGINAL_PENDING"
    ALREADY_REVERSED = "ALREADY_REVERSED"
    REVERSAL_EXCEEDS = "REVERSAL_EXCEEDS"
    REVERSAL_TOO_LATE = "REVERSAL_TOO_LATE"
    TRANSACTION_NOT_FOUND = "TRANSACTION_NOT_FOUND"
    RATE_LIMITED = "RATE_LIMITED"
    MAINTENANCE = "MAINTENANCE"
    UNSUPPORTED = "UNSUPPORTED"
    DECLINED = "DECLINED"
    """What was pending was decided against the member."""
    INTERNAL = "INTERNAL"


WORDS = {
    Code.INVALID_REQUEST: "The request cannot be understood.",
    Code.UNAUTHORIZED: "The key is not ours.",
    Code.MEMBER_NOT_FOUND: "There is no member with this number.",
    Code.NAME_MISMATCH: "The member has another name.",
    Code.NOT_LINKED: "The member is not linked.",
    Code.MEMBER_INELIGIBLE: "The member may not do this.",
    Code.VALIDATION_REQUIRED: "A member validation is needed first.",
    Code.VALIDATION_USED: "The member validation was used before.",
    Code.VALIDATION_EXPIRED: "The member validation is too old or unknown.",
    Code.INSUFFICIENT_BALANCE: "The member has too few points.",
    Code.LIMIT_EXCEEDED: "It is more than is allowed at once.",
    Code.FRAUD_SUSPECTED: "It is held back by our fraud rules.",
    Code.DUPLICATE_SAME: "The reference was used before, for the same.",
    Code.DUPLICATE_CHANGED: "The reference was used before, for something else.",
    Code.ORIGINAL_NOT_FOUND: "What it refers to was never done.",
    Code.ORIGINAL_PENDING: "What it refers to is not decided yet.",
    Code.ALREADY_REVERSED: "All of it was taken back before.",
    Code.REVERSAL_EXCEEDS: "It is more than is left of the original.",
    Code.REVERSAL_TOO_LATE: "The original is too old to be taken back.",
    Code.TRANSACTION_NOT_FOUND: "There is no such transaction.",
    Code.RATE_LIMITED: "Too many requests; slow down.",
    Code.MAINTENANCE: "We are down for maintenance.",
    Code.UNSUPPORTED: "We cannot do this.",
    Code.DECLINED: "It was declined.",
    Code.INTERNAL: "Something went wrong here.",
}


@dataclass(frozen=True, slots=True)
class Order:
    """An instruction that moves points, however it came."""

    kind: EntryKind
    reference: str
    amount: int
    """Minor units, greater than zero."""
    number: str | None
    """The member; may be missing in follow-ups, which know it from their original."""
    original: str | None = None
    """The reference or the id of what a follow-up is about."""
    last_name: str | None = None
    validation: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The brand does not do it; nothing moved."""

    code: Code
    about: str = ""
    """What exactly, where the words do not say it."""
    original_id: str | None = None
    """For duplicates: the entry that stands."""

    @property
    def words(self) -> str:
        """The brand's sentence for it."""
        return f"{WORDS[self.code]} {self.about}".strip()


@dataclass(frozen=True, slots=True)
class NowPending:
    """Ordered by a fault: it is decided later."""

    seconds: float
    succeeds: bool = True
    hidden: bool = False
    """Inquiries do not find it before it is decided."""


@dataclass(frozen=True, slots=True)
class Stumble:
    """Ordered by a fault: noted, not booked; the same may be sent again."""


@dataclass(frozen=True, slots=True)
class Unlooked:
    """Ordered by a flaw: the reference is not looked up."""


Effect: TypeAlias = NowPending | Stumble | Unlooked | Refused | None
"""What a fault does to an instruction when the brand acts on it."""
