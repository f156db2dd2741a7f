"""The participants: brand tree, programs, tiers, rates and their configuration.

The ledger accounts they stand for are spelt in `brands.accounts`.
"""

from brands.brand import Brand, BrandKind
from brands.directory import Directory
from brands.errors import ConfigRefused, Problem
from brands.expiry import ExpiryDay, ExpiryRule
from brands.member_file import DateForm, Encoding, MemberColumns, MemberFile
from brands.operator import OPERATOR_CODE, OPERATOR_ID
from brands.program import LADDER, Adapter, AdapterKind, ExchangeLimits, Program, Tier
from brands.rate import Rate
from brands.reading import directory
from brands.right import AfterGrant, FixedDates, Right, RightKind, Validity
from brands.scopes import Scope

__all__ = [
    "LADDER",
    "OPERATOR_CODE",
    "OPERATOR_ID",
    "Adapter",
    "AdapterKind",
    "AfterGrant",
    "Brand",
    "BrandKind",
    "ConfigRefused",
    "DateForm",
    "Directory",
    "Encoding",
    "ExchangeLimits",
    "ExpiryDay",
    "ExpiryRule",
    "FixedDates",
    "MemberColumns",
    "MemberFile",
    "Problem",
    "Program",
    "Rate",
    "Right",
    "RightKind",
    "Scope",
    "Tier",
    "Validity",
    "directory",
]
