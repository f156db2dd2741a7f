"""A quote: what an amount of one program's points becomes in another's, promised until an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from exchange.errors import QuoteRefusal
from exchange.rates import Conversion

LIFETIME: Final = timedelta(seconds=120)
"""How long a quote is promised."""


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """One member's question: what would `amount` minor units of `source` become in `target`? Programs by code."""

    member_id: UUID
    source: str
    target: str
    amount: int


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a quote or an exchange."""

    program_id: UUID
    membership_id: UUID
    rate_id: UUID
    """The version of the program's rate that was quoted."""


@dataclass(frozen=True, slots=True)
class Quote:
    """An offer to one member, good for one exchange."""

    id: UUID
    member_id: UUID
    source: Side
    target: Side
    conversion: Conversion
    quoted_at: datetime
    expires_at: datetime
    """The first instant at which it can no longer be accepted."""
    tier: str | None = None
    """Of the source's card, whose fee was taken; None: the standard fee."""
    pair_rate_id: UUID | None = None
    """The special price of the pair; None: both programs' own prices."""
    worth_micro: int | None = None
    """What the points received would be worth if they were given up again; known only when it is quoted."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A program into which this amount cannot be exchanged, and why."""

    program: str
    refusal: QuoteRefusal


@dataclass(frozen=True, slots=True)
class Portion:
    """Points that are given up."""

    amount: int
    expires_at: datetime | None
    """When they would have expired; None: never."""


@dataclass(frozen=True, slots=True)
class Offers:
    """What an amount can become, over all programs."""

    quotes: tuple[Quote, ...]
    """Best value first: by what the points received would be worth if they were given up again, then by code."""
    spends: tuple[Portion, ...]
    """The points that any of them takes, those that expire soonest first."""
    unavailable: tuple[Unavailable, ...]
    """All other programs, by code."""
