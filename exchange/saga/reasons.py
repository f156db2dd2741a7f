"""What persons give as the reason of a step."""

from exchange.errors import ReasonUnusable
from exchange.movements import REASON_LENGTH_MAX, reason_usable
from exchange.saga.errors import ReasonMissing


def reason_refused(reason: str) -> ReasonMissing | ReasonUnusable | None:
    """Why a step cannot be kept with this reason; None: it can."""
    if not reason.strip():
        return ReasonMissing()
    return None if reason_usable(reason) else ReasonUnusable(REASON_LENGTH_MAX)
