"""Refusals that several domains give for the same reason.

Refusal
├── KeyUnusable             (length_max)
├── IdempotencyConflict     (field)
├── InsufficientPoints      (needed, available)
└── NetDebitCapReached      (participant_id, needed, left)
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.errors import Refusal

KEY_LENGTH_MAX: Final = 100
"""Characters of an idempotency key."""


@dataclass(frozen=True, slots=True)
class KeyUnusable(Refusal):
    """An idempotency key is 1 to `length_max` printable characters."""

    length_max: int = KEY_LENGTH_MAX

    @property
    def message(self) -> str:
        """With the length."""
        return f"An idempotency key is 1 to {self.length_max} printable characters."


@dataclass(frozen=True, slots=True)
class IdempotencyConflict(Refusal):
    """The idempotency key was used before with other content."""

    field: str
    """The first field that differs."""

    @property
    def message(self) -> str:
        """With the field."""
        return f"The idempotency key was used before with other content: see {self.field.replace('_', ' ')}."


@dataclass(frozen=True, slots=True)
class InsufficientPoints(Refusal):
    """There are not enough points. Points whose last day has passed do not count."""

    needed: int
    available: int


@dataclass(frozen=True, slots=True)
class NetDebitCapReached(Refusal):
    """The participant may not owe more before the next settlement."""

    participant_id: UUID
    needed: int
    """Micro-CNY this would add to what it owes."""
    left: int
    """Micro-CNY still free under the cap."""


def key_usable(key: str) -> bool:
    """Whether `key` can be an idempotency key."""
    return 0 < len(key) <= KEY_LENGTH_MAX and key.isprintable() and not key.isspace()
