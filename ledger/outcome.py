"""What became of a transfer."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.status import CREATED, Status


class Outcome(Struct, frozen=True, gc=False):
    """What became of the transfer with this id, now or the first time it was sent."""

    id: UUID
    status: Status
    amount: int
    """What was moved (for a pending transfer: reserved; for a void or time-out: released); 0 when refused."""
    recorded_at: datetime | None
    """When the first outcome was recorded; None for refusals that are not stored."""

    @property
    def ok(self) -> bool:
        """Whether the transfer is recorded."""
        return self.status is CREATED or self.status is Status.EXISTS
