"""What applying opens in the ledger: assets, and positions that may fall as far as their cap and no further."""

from brands import Brand, directory
from brands.accounts import MONEY, bank_account, operator_position_account, position_account
from core.codes import Code
from core.database import Connection, Database
from core.ids import new_id
from ledger import Asset, AssetKind, Status, Transfer, open_assets, post
from tests.brands.samples import CAFE, HOTEL, bend, put, put_refused


async def known_assets(superuser: Connection) -> dict[str, tuple[int, str]]:
    rows = await superuser.fetch("SELECT code, scale, kind FROM ledger_asset")
    return {row["code"]: (row["scale"], row["kind"]) for row in rows}


async def caps(superuser: Connection) -> dict[str, int]:
    rows = await superuser.fetch(
        "SELECT coalesce(code, 'operator') AS code, credit_line FROM ledger_account"
        " LEFT JOIN brands_brand AS brand ON brand.id = owner WHERE purpose = 'position'"
    )
    return {row["code"]: row["credit_line"] for row in rows}


async def owe(database: Database, code: str, amount: int) -> Status:
    """Let a participant owe `amount` micro-CNY more."""
    async with database.transaction() as connection:
        brand = (await directory(connection)).brand(code)
        assert isinstance(brand, Brand)
        debit, credit = position_account(brand), bank_account()
        moved = Transfer(new_id(), debit.id, credit.id, amount, Code.ADJUSTMENT)
        return (await post(connection, [moved], accounts=[debit, credit], clock=database.clock))[0].status


async def test_every_asset_is_known(database: Database, superuser: Connection) -> None:
    """Points with their own decimals, rights whole, money in micro-CNY."""
    await put(database, HOTEL, CAFE)
    assert await known_assets(superuser) == {
        "CNY": (6, "money"),
        "HOTEL": (1, "points"),
        "CAFE": (0, "points"),
        "right:late": (0, "right"),
    }


async def test_every_participant_has_a_position_with_its_cap(database: Database, superuser: Connection) -> None:
    """Brands that do not settle have none; the operator's has no limit."""
    await put(database, HOTEL, CAFE)
    assert await caps(superuser) == {
        "hotel": 1_000_000_000,
        "inn-harbour": 200_000_000,
        "cafe": 300_000_000,
        "operator": 0,
    }
    limits = "SELECT limits FROM ledger_account WHERE id = $1"
    assert await superuser.fetchval(limits, operator_position_account().id) == 0


async def test_the_ledger_holds_a_participant_to_its_cap(database: Database) -> None:
    """Down to the last micro-CNY."""
    await put(database, CAFE)
    assert await owe(database, "cafe", 299_999_999) is Status.CREATED
    assert await owe(database, "cafe", 2) is Status.EXCEEDS_CREDITS
    assert await owe(database, "cafe", 1) is Status.CREATED


async def test_a_changed_cap_is_in_force_at_once(database: Database, superuser: Connection) -> None:
    """For an account that is open already, and for that participant only."""
    await put(database, HOTEL, CAFE)
    await put(database, bend(CAFE, '"300.00"', '"300.01"'))
    assert await caps(superuser) == {
        "hotel": 1_000_000_000,
        "inn-harbour": 200_000_000,
        "cafe": 300_010_000,
        "operator": 0,
    }


async def test_a_cap_cannot_fall_below_what_is_owed(database: Database, superuser: Connection) -> None:
    """The refusal says how much that is, and nothing else of the file is in force either."""
    await put(database, HOTEL, CAFE)
    assert await owe(database, "cafe", 250_000_000) is Status.CREATED
    lower = bend(bend(CAFE, '"300.00"', '"249.99"'), "fee_bp = 0", "fee_bp = 9")
    assert await put_refused(database, bend(HOTEL, '"200.00"', '"100.00"'), lower) == [
        "5: brands.cafe.net_debit_cap: cafe owes 250.000000 already; its cap cannot be less."
    ]
    assert (await caps(superuser))["inn-harbour"] == 200_000_000
    async with database.connection() as connection:
        found = await directory(connection)
    assert [rate.fee_bp for rate in found.rates.values()] in ([100, 0], [0, 100])
    assert len((await put(database, bend(CAFE, '"300.00"', '"250.00"'))).changes) == 1


async def test_a_network_beside_assets_already_known(database: Database, superuser: Connection) -> None:
    """Money may have been opened by somebody else before."""
    async with database.transaction() as connection:
        await open_assets(connection, [MONEY, Asset("OTHER", 0, AssetKind.POINTS)])
    await put(database, CAFE)
    assert (await known_assets(superuser)).keys() == {"CNY", "OTHER", "CAFE"}
