"""A change of prices that waits for a second person."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from brands.rate import Terms


class ProposalKind(StrEnum):
    """What is to change."""

    RATE = "RATE"
    """New prices of a program, or a special price of a pair."""
    END = "END"
    """The special price of a pair ends."""
    RESUME = "RESUME"
    """A pause ends."""


class Decision(StrEnum):
    """What became of a proposal."""

    APPROVED = "APPROVED"
    """Another person approved exactly this."""
    REJECTED = "REJECTED"
    """Somebody sent it back."""
    VOIDED = "VOIDED"
    """A later submission took its place, or the price it was to follow is no longer in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What is proposed: all that a second person approves, and nothing else."""

    kind: ProposalKind
    program_id: UUID
    """The program, or the pair's source; of a pause: whichever it names."""
    target_id: UUID | None = None
    """The pair's target."""
    terms: Terms | None = None
    """None for everything but a rate."""
    valid_from: datetime | None = None
    """When it is to come into force; None: when it is approved."""
    valid_to: datetime | None = None
    """When it is to end; None: when the next one begins."""
    follows_id: UUID | None = None
    """The rate that is in force now; None: there is none."""
    pause_id: UUID | None = None
    """The pause to end."""

    @property
    def digest(self) -> str:
        """Of everything above; instants count, not the time zone that they are written in."""
        plain = replace(self, valid_from=_in_utc(self.valid_from), valid_to=_in_utc(self.valid_to))
        return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()


def _in_utc(instant: datetime | None) -> datetime | None:
    return instant and instant.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What was submitted and what became of it; the decision's fields are None while it is open."""

    id: UUID
    number: int
    """For people, from 1."""
    matter: Matter
    digest: str
    moved_bp: int
    """By how much of the present price the price would move, in basis points."""
    submitted_by: str
    submitted_at: datetime
    reason: str
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    decided_reason: str | None = None
    rate_id: UUID | None = None
    """The rate it became."""

    def takes_effect_at(self, now: datetime) -> datetime | None:
        """When it does, or did; None: with its approval, or never when it came to nothing. It is never retroactive."""
        begin = self.matter.valid_from
        if self.decision is None:
            return begin if begin is not None and begin > now else None
        if self.decision is not Decision.APPROVED or self.decided_at is None:
            return None
        return self.decided_at if begin is None else max(begin, self.decided_at)
