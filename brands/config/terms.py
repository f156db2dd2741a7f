"""The kinds of value a network file may hold, as types that say how they are read."""

import re
from datetime import date
from typing import Annotated, TypeAlias

from brands.brand import BrandKind
from brands.config.leaves import (
    MONEY_SCALE,
    AmountLeaf,
    ChoiceLeaf,
    CodeLeaf,
    DayLeaf,
    DecimalLeaf,
    FlagLeaf,
    TextLeaf,
    WholeLeaf,
    ZoneLeaf,
)
from brands.expiry import ExpiryDay
from brands.operator import OPERATOR_CODE
from brands.program import LADDER, SCALE_MAX
from brands.rate import FEE_BP_MAX, SWING_BP_MAX
from brands.right import RightKind
from brands.scopes import Scope

_COOLING_HOURS_MAX = 8_784
_HOURS_MAX = 87_600
_MONTHS_MAX = 600
_USES_MAX = 10_000
_STOCK_MAX = 1_000_000_000

_LOWER = "lower-case letters, digits and single hyphens, 2 to 48 characters, beginning with a letter"
_LOWER_PATTERN = re.compile(r"(?=.{2,48}\Z)[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_UPPER = "upper-case letters, digits and underscores, 2 to 24 characters, beginning with a letter"
_UPPER_PATTERN = re.compile(r"[A-Z][A-Z0-9_]{1,23}", re.ASCII)

Text: TypeAlias = Annotated[str, TextLeaf()]
Code: TypeAlias = Annotated[str, CodeLeaf(_LOWER_PATTERN, _LOWER)]
BrandCode: TypeAlias = Annotated[str, CodeLeaf(_LOWER_PATTERN, _LOWER, frozenset({OPERATOR_CODE}))]
ProgramCode: TypeAlias = Annotated[str, CodeLeaf(_UPPER_PATTERN, _UPPER, frozenset({"CNY"}))]
Flag: TypeAlias = Annotated[bool, FlagLeaf()]
Day: TypeAlias = Annotated[date, DayLeaf()]
Zone: TypeAlias = Annotated[str, ZoneLeaf()]
Cny: TypeAlias = Annotated[int, AmountLeaf(MONEY_SCALE)]
Exact: TypeAlias = Annotated[str, DecimalLeaf()]
Scale: TypeAlias = Annotated[int, WholeLeaf(0, SCALE_MAX)]
Level: TypeAlias = Annotated[int, WholeLeaf(1, len(LADDER), 1)]
Months: TypeAlias = Annotated[int, WholeLeaf(1, _MONTHS_MAX, 1)]
Hours: TypeAlias = Annotated[int, WholeLeaf(1, _HOURS_MAX, 1)]
CoolingHours: TypeAlias = Annotated[int, WholeLeaf(0, _COOLING_HOURS_MAX)]
Percent: TypeAlias = Annotated[int, WholeLeaf(1, 100, 1)]
WarningHours: TypeAlias = Annotated[int, WholeLeaf(0, _COOLING_HOURS_MAX)]
Uses: TypeAlias = Annotated[int, WholeLeaf(1, _USES_MAX, 1)]
Stock: TypeAlias = Annotated[int, WholeLeaf(0, _STOCK_MAX)]
SwingBasisPoints: TypeAlias = Annotated[int, WholeLeaf(1, SWING_BP_MAX, 1)]
BasisPoints: TypeAlias = Annotated[int, WholeLeaf(0, FEE_BP_MAX)]
ABrandKind: TypeAlias = Annotated[BrandKind, ChoiceLeaf(BrandKind)]
AnExpiryDay: TypeAlias = Annotated[ExpiryDay, ChoiceLeaf(ExpiryDay)]
ARightKind: TypeAlias = Annotated[RightKind, ChoiceLeaf(RightKind)]
AScope: TypeAlias = Annotated[Scope, ChoiceLeaf(Scope)]
