"""An exchange: an accepted quote and where it stands."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from exchange.offers import Side
from exchange.rates import Conversion
from exchange.states import State


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A member's order to carry out a quote. The key is the member's own: sent again, it brings the same exchange."""

    quote_id: UUID
    member_id: UUID
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """Points of one program given up for points of another."""

    id: UUID
    """Also the ledger's group, and the reference of its transfers."""
    quote_id: UUID
    member_id: UUID
    """Who accepted it."""
    idempotency_key: str
    source: Side
    target: Side
    conversion: Conversion
    source_participant_id: UUID
    """Who pays for the points given up."""
    target_participant_id: UUID
    """Who is paid for the points received."""
    state: State
    target_expires_at: datetime | None
    """The first instant at which the points received can no longer be used; None: never."""
    accepted_at: datetime
    """When the ledger recorded it."""
