"""What is told to brands, and in which form (Standard Webhooks: `type`, `timestamp`, `data`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson


class EventType(StrEnum):
    """What an event is about. Names are sent and stored; add, never rename."""

    EXCHANGE_ACCEPTED = "exchange.accepted"
    """A member's points are set aside; the brands' systems are asked next."""
    EXCHANGE_COMPLETED = "exchange.completed"
    """The member has the target's points."""
    EXCHANGE_REJECTED = "exchange.rejected"
    """The source brand said no; nothing has moved."""
    EXCHANGE_REFUNDED = "exchange.refunded"
    """The target could not be credited; the member has the source's points back."""
    EXCHANGE_MANUAL = "exchange.manual"
    """No automatic step can settle it; a person decides."""
    EXCHANGE_PARTLY_REVERSED = "exchange.partly_reversed"
    """Part of a completed exchange was taken back."""
    EXCHANGE_REVERSED = "exchange.reversed"
    """All of a completed exchange was taken back."""
    EXCHANGE_REVERSAL_REFUSED = "exchange.reversal_refused"
    """A completed exchange could not be taken back."""
    AWARD_RECORDED = "award.recorded"
    """Points were given to a member."""
    AWARD_REVERSED = "award.reversed"
    """An award was taken back, whole or in part."""
    BURN_RECORDED = "burn.recorded"
    """Points were taken from a member who spent them."""
    BURN_REVERSED = "burn.reversed"
    """Spent points were given back, all or some of them."""
    RIGHT_GRANTED = "right.granted"
    """A member was given a right that the brand issues."""
    RIGHT_REDEEMED = "right.redeemed"
    """A right that the brand issues, or honours, was used."""
    TIER_CHANGED = "member.tier_changed"
    """A membership came into another tier."""
    CAP_THRESHOLD_CROSSED = "cap.threshold_crossed"
    """The participant has used up a part of its net debit cap."""
    CREDENTIALS_REFUSED = "system.credentials_refused"
    """The brand's own system refuses our credentials: exchanges wait, or are not begun."""
    CREDENTIALS_ACCEPTED = "system.credentials_accepted"
    """It takes them again: what waited goes on."""
    STATEMENT_ADVISED = "statement.advised"
    """The statement of a settlement window stands ready."""
    DEPOSIT_TOPPED_UP = "deposit.topped_up"
    """The participant's deposit in a settlement model has grown by a receipt."""
    DEPOSIT_DRAWN = "deposit.drawn"
    """A part of the deposit paid for a window: as agreed when the bank was told, or because the payment was late."""
    DEPOSIT_PAID_BACK = "deposit.paid_back"
    """A part of the deposit left it, and the bank is told to pay it back."""
    ENDPOINT_DISABLED = "webhook.endpoint_disabled"
    """Another endpoint of the brand has failed for so long that nothing is sent to it any more."""
    TEST = "webhook.test"
    """Somebody asked for it, to see whether it arrives."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as one brand may see it."""

    id: UUID
    """Also the `webhook-id` of every delivery."""
    type: EventType
    brand_id: UUID
    """Whose event it is; the brands above it may see it as well."""
    occurred_at: datetime
    data: Mapping[str, Any]

    @property
    def body(self) -> str:
        """What is sent and signed, to the byte."""
        told = {"type": self.type, "timestamp": self.occurred_at, "data": self.data}
        return orjson.dumps(told, _written, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def _written(value: object) -> str:
    """An instant as it is sent: in UTC, whatever zone it was worked out in."""
    if not isinstance(value, datetime):
        raise TypeError
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
