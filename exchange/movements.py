"""A movement: points that a brand gives or takes by itself, at its till or in its back office."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias
from uuid import UUID

POINTS_MAX: Final = 100_000_000
"""The most whole points of one movement."""

PENDING_DAYS_MAX: Final = 366
"""The longest that awarded points may wait until they can be used."""

REASON_LENGTH_MAX: Final = 200
"""The longest reason, in characters."""


class MovementKind(StrEnum):
    """Which way the points go. Names are stored; add, never rename."""

    AWARD = "AWARD"
    """Earned by the member."""
    BURN = "BURN"
    """Spent by the member at the brand."""
    AWARD_REVERSAL = "AWARD_REVERSAL"
    """Points that were earned, taken back."""
    BURN_REVERSAL = "BURN_REVERSAL"
    """Points that were spent, given back to where they came from."""


@dataclass(frozen=True, slots=True)
class _Order:
    kind: ClassVar[MovementKind]
    program: str
    """The program's code."""
    number: str
    """The member's number in the program, as anybody may write it; empty when there is a code."""
    amount: int
    """Minor units of the program's points."""
    brand_id: UUID
    """The brand that acts: the program's own, or one below it."""
    client_id: str
    """The brand's OAuth2 client. Idempotency keys are its own."""
    idempotency_key: str
    reason: str = ""
    """For the member's statement: at most REASON_LENGTH_MAX printable characters."""
    code: str = ""
    """What the member shows at the till in place of a number: see `exchange.member_codes`."""


@dataclass(frozen=True, slots=True)
class Award(_Order):
    """A brand's order to give points to a member."""

    kind = MovementKind.AWARD
    pending_days: int = 0
    """Days until the points can be used, in the program's time zone: 14 means from midnight two weeks from today."""


@dataclass(frozen=True, slots=True)
class Burn(_Order):
    """A brand's order to take points that a member spends."""

    kind = MovementKind.BURN


@dataclass(frozen=True, slots=True)
class MovementReversal:
    """A brand's order to take back a movement of its own, whole or in part."""

    movement_id: UUID
    amount: int | None
    """Minor units; None: all that is left of it."""
    brand_id: UUID
    """The brand that acts: the one that made the movement, or one above it."""
    client_id: str
    idempotency_key: str
    reason: str = ""
    as_far_as_possible: bool = False
    """For an award whose points are spent in part: take back what is left, in place of nothing."""


Order: TypeAlias = Award | Burn | MovementReversal
"""What a brand asks for."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement that was recorded."""

    id: UUID
    """Also the id of its transfer."""
    kind: MovementKind
    program_id: UUID
    membership_id: UUID
    amount: int
    brand_id: UUID
    client_id: str
    idempotency_key: str
    reason: str
    unit_cost_micro: int
    """For an award, what one minor unit is valued at in micro-CNY: the price at which it may leave; 0 for a burn."""
    expires_at: datetime | None
    """For an award, the first instant at which the points can no longer be used; None: never, or a burn."""
    recorded_at: datetime
    pending_days: int = 0
    available_at: datetime | None = None
    """For an award that waits, the first instant at which the points can be used."""
    reverses_id: UUID | None = None
    """For a reversal, the movement that it takes back."""


def reason_usable(reason: str) -> bool:
    """Whether `reason` can be kept as it is."""
    return len(reason) <= REASON_LENGTH_MAX and all(map(_printable, reason))


def _printable(character: str) -> bool:
    # The wide space that Chinese is written with counts as a separator, and those as not printable.
    return character.isprintable() or unicodedata.category(character) == "Zs"
