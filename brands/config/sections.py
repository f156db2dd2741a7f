"""The shape of a network file: a dataclass per table, a field per key. What is not here is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from brands.adapter.adapter import PLATFORM, Adapter
from brands.brand import CAP_WARNING_HOURS, CAP_WARNINGS
from brands.config.leaves import MONEY_SCALE, exact
from brands.config.terms import (
    ABrandKind,
    AnExpiryDay,
    ARightKind,
    AScope,
    BasisPoints,
    BrandCode,
    Cny,
    Code,
    CoolingHours,
    Day,
    Exact,
    Flag,
    Hours,
    Level,
    Months,
    Percent,
    ProgramCode,
    Scale,
    Stock,
    SwingBasisPoints,
    Text,
    Uses,
    WarningHours,
    Zone,
)
from brands.expiry import ExpiryDay
from brands.member_file import MemberFile
from brands.program import SWING_PAUSE_BP, PeriodLimits
from brands.rate import Fee, Terms
from brands.statement_file import StatementFile


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandSection:
    """`[brands.CODE]`."""

    name: Text
    name_zh: Text | None = None
    kind: ABrandKind
    parent: BrandCode | None = None
    participant: Flag = False
    net_debit_cap: Cny | None = None
    prefund: Cny | None = None
    cap_warnings: tuple[Percent, ...] = CAP_WARNINGS
    cap_warning_hours: WarningHours = CAP_WARNING_HOURS
    closed: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSection:
    """`[programs.CODE.tiers.CODE]`, from the entry tier upwards."""

    name: Text
    name_zh: Text | None = None
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirySection:
    """`[programs.CODE.expiry]`: either some months or never."""

    never: Flag = False
    months: Months | None = None
    day: AnExpiryDay = ExpiryDay.SAME_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSection:
    """`[programs.CODE.rate.tiers.TIER]`: the operator's fee for members of one tier."""

    fee_bp: BasisPoints
    fee_fixed: Cny = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSection:
    """`[programs.CODE.rate]`: CNY per point, and the operator's fee."""

    sell: Exact
    buy: Exact
    fee_bp: BasisPoints
    fee_fixed: Cny = 0
    tiers: Mapping[Code, FeeSection] = field(default_factory=dict)
    swing_pause_bp: SwingBasisPoints = SWING_PAUSE_BP


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSection:
    """`[programs.CODE.pairs.TARGET]`: CNY per point given up, and per point of the target, in place of both rates."""

    sell: Exact
    buy: Exact
    fee_bp: BasisPoints
    fee_fixed: Cny = 0
    tiers: Mapping[Code, FeeSection] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodsSection:
    """`[programs.CODE.issuance]` and `[programs.CODE.limits.pairs.TARGET]`: points; what is left out has no limit."""

    day: Exact | None = None
    month: Exact | None = None
    year: Exact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSection:
    """`[programs.CODE.limits]`: points."""

    min: Exact
    max: Exact
    step: Exact
    member_day: Exact
    member_month: Exact | None = None
    member_year: Exact | None = None
    pairs: Mapping[ProgramCode, PeriodsSection] = field(default_factory=dict)
    cooling_off_hours: CoolingHours = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramSection:
    """`[programs.CODE]`."""

    name: Text
    name_zh: Text | None = None
    brand: BrandCode
    scale: Scale
    time_zone: Zone
    opening_value: Exact
    tiers: Mapping[Code, TierSection]
    expiry: ExpirySection
    rate: RateSection
    limits: LimitsSection
    pairs: Mapping[ProgramCode, PairSection] = field(default_factory=dict)
    issuance: PeriodsSection = PeriodsSection()
    adapter: Adapter = PLATFORM
    member_file: MemberFile | None = None
    statement_file: StatementFile | None = None

    def price(self, written: str) -> int:
        """CNY per point as micro-CNY per minor unit. Raises Unfit."""
        return exact(written, MONEY_SCALE - self.scale)

    def terms(self) -> Terms:
        """The prices and fees. Raises Unfit."""
        rate = self.rate
        fees = {tier: Fee(fee.fee_bp, fee.fee_fixed) for tier, fee in rate.tiers.items()}
        return Terms(self.price(rate.sell), self.price(rate.buy), rate.fee_bp, rate.fee_fixed, fees)

    def pair_terms(self, pair: PairSection, target_scale: int) -> Terms:
        """The prices and fees of a pair; `target_scale`: the decimals of the target's points. Raises Unfit."""
        fees = {tier: Fee(fee.fee_bp, fee.fee_fixed) for tier, fee in pair.tiers.items()}
        buy = exact(pair.buy, MONEY_SCALE - target_scale)
        return Terms(self.price(pair.sell), buy, pair.fee_bp, pair.fee_fixed, fees)

    def points(self, written: str) -> int:
        """Points as minor units. Raises Unfit."""
        return exact(written, self.scale)

    def periods(self, section: PeriodsSection) -> PeriodLimits:
        """Points as minor units. Raises Unfit."""
        written = section.day, section.month, section.year
        return PeriodLimits(*(None if text is None else self.points(text) for text in written))


@dataclass(frozen=True, slots=True, kw_only=True)
class ValiditySection:
    """`[rights.CODE.validity]`: either hours from the grant, or fixed days in a time zone."""

    hours: Hours | None = None
    first_day: Day | None = None
    last_day: Day | None = None
    time_zone: Zone | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RightSection:
    """`[rights.CODE]`; prices and tiers by program, which may stand in another file."""

    name: Text
    name_zh: Text | None = None
    kind: ARightKind
    issuer: BrandCode
    honoured_by: tuple[BrandCode, ...]
    price: Mapping[ProgramCode, Exact] = field(default_factory=dict)
    eligibility: Mapping[ProgramCode, Code] = field(default_factory=dict)
    uses: Uses = 1
    validity: ValiditySection
    stock: Stock | None = None
    settlement_price: Cny
    transferable: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSection:
    """`[clients.ID]`."""

    name: Text
    brand: BrandCode
    till: Text | None = None
    scopes: tuple[AScope, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSection:
    """The whole file."""

    brands: Mapping[BrandCode, BrandSection]
    programs: Mapping[ProgramCode, ProgramSection] = field(default_factory=dict)
    rights: Mapping[Code, RightSection] = field(default_factory=dict)
    clients: Mapping[Code, ClientSection] = field(default_factory=dict)
