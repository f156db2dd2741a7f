"""A right that a brand lists and brands honour: its standing terms. Stock and grants belong to the rights pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from brands.expiry import day_after


class RightKind(StrEnum):
    """What the member holds."""

    VISIT = "visit"
    """One service, used once: a lounge visit, a late check-out, a coffee."""
    VISIT_CARD = "visit_card"
    """A service that may be used several times."""
    COUPON = "coupon"
    """Something off a purchase, used once."""


@dataclass(frozen=True, slots=True)
class AfterGrant:
    """Valid for some hours from the grant."""

    hours: int

    def window(self, granted_at: datetime) -> tuple[datetime, datetime]:
        """The first instant of validity and the first after it."""
        return granted_at, granted_at + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class FixedDates:
    """Valid from the first to the last day, both included, in one time zone."""

    first_day: date
    last_day: date
    time_zone: str

    def window(self, granted_at: datetime) -> tuple[datetime, datetime]:
        """The first instant of validity, not before the grant, and the first after it."""
        zone = ZoneInfo(self.time_zone)
        opens_at = datetime.combine(self.first_day, time.min, tzinfo=zone)
        return max(opens_at, granted_at), day_after(self.last_day, zone)


Validity = AfterGrant | FixedDates


@dataclass(frozen=True, slots=True)
class Right:
    """The terms of a right, with every reference resolved."""

    id: UUID
    code: str
    """Lower case with hyphens, one of its kind in the network; the ledger's asset is `right:<code>`."""
    name: str
    name_zh: str
    kind: RightKind
    issuer_id: UUID
    """The brand that lists it."""
    honouring_ids: tuple[UUID, ...]
    """The brands that honour it; each stands for everything below it too (`Directory.honours`)."""
    prices: Mapping[UUID, int]
    """What it costs, by program id, in minor units of its points; empty: nothing."""
    uses: int
    """How many times one grant can be redeemed."""
    validity: Validity
    stock: int | None
    """How many may be granted altogether; None: no end."""
    settlement_price: int
    """What the issuer's participant owes the honouring brand's for each redemption, in micro-CNY."""
    transferable: bool
    """Whether a member may pass it on."""
    eligibility: Mapping[UUID, str]
    """The lowest tier that may have it, by program id; one that fits is enough; empty: everyone."""
    withdrawn: bool = False
    """A withdrawn right is no longer granted; grants in being keep it."""

    @property
    def asset(self) -> str:
        """The code of its asset in the ledger."""
        return f"right:{self.code}"
