"""A loyalty program: its points, its tiers, and what may be done with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from brands.adapter.adapter import Adapter as Adapter
from brands.adapter.capabilities import Capabilities
from brands.adapter.kinds import AdapterKind as AdapterKind
from brands.adapter.kinds import BookOfRecord
from brands.expiry import ExpiryRule
from brands.member_file import MemberFile
from brands.rate import Terms
from brands.statement_file import StatementFile

LADDER = ("member", "silver", "gold", "platinum", "diamond")
"""The common ladder onto which every program's tiers are mapped; level 1 is `member`."""

SCALE_MAX = 4
"""The most decimals that points may have: prices per minor unit stay whole micro-CNY."""


SWING_PAUSE_BP = 2_000
"""By how much a price may move without pausing its exchanges, unless the program says otherwise; basis points."""


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier of one program."""

    code: str
    name: str
    name_zh: str
    level: int
    """The rung of the common ladder, from 1; two tiers of a program may stand on one rung."""


@dataclass(frozen=True, slots=True)
class PeriodLimits:
    """How much at most in each calendar day, month and year of the program's time zone; None: no limit."""

    day: int | None = None
    month: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class ExchangeLimits:
    """What one exchange, and one member's exchanges in a period, may take out of a program; in minor units."""

    amount_min: int
    amount_max: int
    amount_step: int
    """Amounts are multiples of it; so are `amount_min` and `amount_max`."""
    member_day_max: int
    """By one member in one calendar day of the program's time zone."""
    member_month_max: int | None = None
    """The same in a month; None: no limit."""
    member_year_max: int | None = None
    """The same in a year; None: no limit."""
    pairs: Mapping[str, PeriodLimits] = field(default_factory=dict)
    """What one member may exchange into one other program, by its code."""
    cooling_off_hours: int = 0
    """How long nothing is exchanged after a change of who the member is."""

    @property
    def member(self) -> PeriodLimits:
        """What one member may take out, into all programs together."""
        return PeriodLimits(self.member_day_max, self.member_month_max, self.member_year_max)


@dataclass(frozen=True, slots=True)
class Program:
    """A loyalty program. Its code is also the code of its points asset in the ledger."""

    id: UUID
    code: str
    """Upper case, one of its kind in the network: `AURORA`."""
    name: str
    name_zh: str
    brand_id: UUID
    participant_id: UUID
    """The brand that settles for `brand_id`: it funds the points and answers for them."""
    scale: int
    """Decimals of the points."""
    time_zone: str
    """In which the program's days, months and years begin and end."""
    tiers: tuple[Tier, ...]
    """From the entry tier upwards."""
    expiry: ExpiryRule
    limits: ExchangeLimits
    adapter: Adapter
    opening_unit_cost: int
    """What a minor unit brought over from a brand's own system is valued at, in micro-CNY."""
    member_file: MemberFile | None = None
    """How the brand's member file is written; None: it delivers none."""
    statement_file: StatementFile | None = None
    """How the file in which the brand states the program's movements is written; None: it delivers none."""
    file_terms: Terms | None = None
    """The prices that its network file names; those in force may be others by now."""
    swing_pause_bp: int = SWING_PAUSE_BP
    """A price that moves by more than these basis points pauses its exchanges."""
    issuance: PeriodLimits = PeriodLimits()
    """How many points of the program exchanges may issue, to all members together."""
    file_pairs: Mapping[str, Terms] = field(default_factory=dict)
    """By target's code: the special prices that its network file names; those in force may be others by now."""
    file_adapter: Adapter | None = None
    """The adapter that its network file describes; the one in force may be another by now."""

    @property
    def asset(self) -> str:
        """The code of the points asset in the ledger."""
        return self.code

    @property
    def capabilities(self) -> Capabilities:
        """What the system that keeps the points can do."""
        return self.adapter.capabilities_for(self.scale, self.time_zone)

    @property
    def booked_by_brand(self) -> bool:
        """Whether the brand's own books, and not our ledger, decide what a member has."""
        return self.adapter.book_of_record is BookOfRecord.BRAND

    @property
    def entry_tier(self) -> Tier:
        """The tier in which a member starts."""
        return self.tiers[0]

    def tier(self, code: str) -> Tier | None:
        """The tier called `code`."""
        return next((tier for tier in self.tiers if tier.code == code), None)

    def tier_named(self, text: str) -> Tier | None:
        """The tier whose code or name in either language is `text`, whatever its case: files of brands use them all."""
        wanted = text.strip().casefold()
        return next((t for t in self.tiers if wanted in {t.code, t.name.casefold(), t.name_zh.casefold()}), None)

    def expires_at(self, earned_at: datetime) -> datetime | None:
        """The first instant at which points earned at `earned_at` can no longer be used; None: never."""
        return self.expiry.expires_at(earned_at, self.time_zone)
