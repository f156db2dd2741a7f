"""Why a brand's system did not do what it was asked."""

from enum import StrEnum


class Failure(StrEnum):
    """Why a brand's system did not do what it was asked: the closed list that every adapter maps onto."""

    INVALID = "invalid"
    """The request was not understood: our fault or the mapping's."""
    AUTH = "auth"
    """Our credentials were refused."""
    MEMBER_NOT_FOUND = "member_not_found"
    NAME_MISMATCH = "name_mismatch"
    NOT_LINKED = "not_linked"
    INELIGIBLE = "ineligible"
    """The member may not do this (blocked, wrong tier, wrong country)."""
    INSUFFICIENT = "insufficient"
    """The member has too few points."""
    LIMIT = "limit"
    """A limit of the brand's own."""
    FRAUD = "fraud"
    DUPLICATE_SAME = "duplicate_same"
    """The reference was used before, with the same content: what was done then stands."""
    DUPLICATE_CHANGED = "duplicate_changed"
    """The reference was used before, with other content."""
    ALREADY_REVERSED = "already_reversed"
    REVERSAL_EXCEEDS = "reversal_exceeds"
    """More is to be taken back than is left of the original."""
    RATE_LIMITED = "rate_limited"
    NOT_SENT = "not_sent"
    """The request certainly did not reach the brand: refused connection, open breaker, maintenance answer."""
    UNKNOWN = "unknown"
    """Nobody knows whether it was done: read time-out, lost or malformed answer. Inquire; never assume."""
    UNSUPPORTED = "unsupported"
    """The brand's system cannot do this."""

    @property
    def retryable(self) -> bool:
        """Whether the same instruction may be sent again as it is, because nothing was done."""
        return self in {Failure.RATE_LIMITED, Failure.NOT_SENT}

    @property
    def ambiguous(self) -> bool:
        """Whether it may have been done all the same."""
        return self is Failure.UNKNOWN

    @property
    def member_can_fix(self) -> bool:
        """Whether the member, and not a person of the brand or ours, can do something about it."""
        return self in {
            Failure.MEMBER_NOT_FOUND,
            Failure.NAME_MISMATCH,
            Failure.NOT_LINKED,
            Failure.INSUFFICIENT,
            Failure.LIMIT,
        }
