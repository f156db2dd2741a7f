"""Every expected "no" of this package: values, never exceptions.

Refusal
├── UrlUnusable        (reason) nothing can be sent there
├── UnknownEventType   (type) no such event
├── UnknownEndpoint    no such endpoint, or somebody else's
├── TooManyEndpoints   (count_max)
├── OverlapUnusable    (hours_max) both secrets cannot sign for so long
├── RangeUnusable      (days_max) a time range is empty or too long
├── KeyUnusable        (length_max)
└── IdempotencyConflict (field)
"""

from dataclasses import dataclass
from typing import TypeAlias

from core.errors import Refusal
from core.refusals import IdempotencyConflict, KeyUnusable


@dataclass(frozen=True, slots=True)
class UrlUnusable(Refusal):
    """Webhooks cannot be sent to this address."""

    reason: str

    @property
    def message(self) -> str:
        """With the reason."""
        return f"Webhooks cannot be sent to this address: {self.reason}."


@dataclass(frozen=True, slots=True)
class UnknownEventType(Refusal):
    """There is no such type of event."""

    type: str


@dataclass(frozen=True, slots=True)
class UnknownEndpoint(Refusal):
    """There is no such endpoint of this brand."""


@dataclass(frozen=True, slots=True)
class TooManyEndpoints(Refusal):
    """The brand has as many endpoints as it may have."""

    count_max: int


@dataclass(frozen=True, slots=True)
class OverlapUnusable(Refusal):
    """Both secrets can sign for 0 to `hours_max` hours."""

    hours_max: int

    @property
    def message(self) -> str:
        """With the bounds."""
        return f"Both secrets can sign for 0 to {self.hours_max} hours."


@dataclass(frozen=True, slots=True)
class RangeUnusable(Refusal):
    """A range begins before it ends and is not longer than events are kept."""

    days_max: int


RegistrationRefusal: TypeAlias = UrlUnusable | UnknownEventType | TooManyEndpoints | KeyUnusable | IdempotencyConflict
"""Why an endpoint was not registered."""

RotationRefusal: TypeAlias = UnknownEndpoint | KeyUnusable | OverlapUnusable
"""Why a secret was not rotated."""

ReplayRefusal: TypeAlias = UnknownEndpoint | RangeUnusable
"""Why nothing was sent again."""
