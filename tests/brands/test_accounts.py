"""The accounts of the books, spelt once."""

from datetime import UTC, datetime

from brands import (
    OPERATOR_ID,
    Adapter,
    AdapterKind,
    AfterGrant,
    Brand,
    BrandKind,
    ExchangeLimits,
    ExpiryRule,
    Program,
    Right,
    RightKind,
    Tier,
    accounts,
)
from core.ids import derive_id, instant_of, new_id
from ledger import Account, Asset, AssetKind, Limit

BRAND_ID, PROGRAM_ID, RIGHT_ID, MEMBERSHIP_ID = new_id(), new_id(), new_id(), new_id()
NEVER_BELOW = Limit.DEBITS_MUST_NOT_EXCEED_CREDITS
BRAND = Brand(BRAND_ID, "cafe", "Café", "Café", BrandKind.BRAND, None, BRAND_ID, 300_000_000, 0, closed=False)
PROGRAM = Program(
    PROGRAM_ID,
    "CAFE",
    "Cups",
    "Cups",
    BRAND_ID,
    BRAND_ID,
    2,
    "Asia/Tokyo",
    (Tier("guest", "Guest", "Guest", 1),),
    ExpiryRule(None),
    ExchangeLimits(1, 1, 1, 1),
    Adapter(kind=AdapterKind.PLATFORM),
    0,
)
RIGHT = Right(
    RIGHT_ID,
    "cake",
    "Cake",
    "Cake",
    RightKind.VISIT,
    BRAND_ID,
    (BRAND_ID,),
    {},
    1,
    AfterGrant(1),
    None,
    0,
    transferable=False,
    eligibility={},
)


def test_each_account_is_as_agreed() -> None:
    """Owner, asset, purpose and limit of every account of the books."""
    assert accounts.points_account(MEMBERSHIP_ID, PROGRAM) == Account(
        MEMBERSHIP_ID, "CAFE", "member", NEVER_BELOW, lots=True
    )
    assert accounts.issued_account(PROGRAM) == Account(PROGRAM_ID, "CAFE", "issued")
    assert accounts.held_account(PROGRAM) == Account(PROGRAM_ID, "CAFE", "held")
    assert accounts.position_account(BRAND) == Account(
        BRAND_ID, "CNY", "position", NEVER_BELOW, credit_line=300_000_000
    )
    assert accounts.operator_position_account() == Account(OPERATOR_ID, "CNY", "position")
    assert accounts.clearing_account() == Account(OPERATOR_ID, "CNY", "exchange_clearing")
    assert accounts.due_account(BRAND_ID) == Account(BRAND_ID, "CNY", "due")
    assert accounts.owed_account(BRAND_ID) == Account(BRAND_ID, "CNY", "owed")
    assert accounts.bank_account() == Account(OPERATOR_ID, "CNY", "bank")
    assert accounts.stock_account(RIGHT) == Account(RIGHT_ID, "right:cake", "stock")
    assert accounts.grant_account(MEMBERSHIP_ID, RIGHT) == Account(MEMBERSHIP_ID, "right:cake", "grant", NEVER_BELOW)
    assert accounts.redeemed_account(RIGHT) == Account(RIGHT_ID, "right:cake", "redeemed")


def test_each_asset_is_as_agreed() -> None:
    """Points by their program, money in micro-CNY, rights whole."""
    assert accounts.points_asset(PROGRAM) == Asset("CAFE", 2, AssetKind.POINTS, "Asia/Tokyo")
    assert accounts.right_asset(RIGHT) == Asset("right:cake", 0, AssetKind.RIGHT)
    assert Asset("CNY", 6, AssetKind.MONEY) == accounts.MONEY


def test_the_operator_has_one_id_everywhere() -> None:
    """Ids can be derived from it as from any other."""
    assert str(OPERATOR_ID) == "018bcfe5-6800-7000-8000-000000000001"
    assert instant_of(OPERATOR_ID) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert derive_id(OPERATOR_ID, "x") == derive_id(OPERATOR_ID, "x")
