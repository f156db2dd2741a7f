"""When a delivery that failed is tried again: the schedule that Standard Webhooks gives as its example."""

import hashlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

RETRIES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long to wait after the first attempt, after the second, and so on."""

ATTEMPTS_MAX: Final = len(RETRIES) + 1
JITTER: Final = 0.2
"""The most by which a wait is lengthened, as a part of it: what failed together does not come back together."""
DISABLED_AFTER: Final = timedelta(days=5)
"""An endpoint at which nothing has succeeded for so long is sent nothing more."""


def due_again(delivery_id: UUID, attempts: int, now: datetime, *, wait_min: timedelta) -> datetime | None:
    """When to try again after so many attempts, not before `wait_min` is over; None: no more."""
    if attempts >= ATTEMPTS_MAX:
        return None
    wait = RETRIES[attempts - 1] * (1 + JITTER * fraction_of(delivery_id, attempts))
    return now + max(wait, wait_min)


def fraction_of(delivery_id: UUID, attempts: int) -> float:
    """At least 0, below 1; the same for the same delivery and attempt."""
    digest = hashlib.blake2b(delivery_id.bytes + attempts.to_bytes(4), digest_size=4).digest()
    return int.from_bytes(digest) / 2**32
