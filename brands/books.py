"""Opens what the ledger needs to know of the network: assets, and the participants' positions with their caps."""

from brands.accounts import (
    MONEY,
    operator_position_account,
    points_asset,
    position_account,
    right_asset,
)
from brands.brand import Brand
from brands.directories import Directory
from core.database import Connection
from ledger import open_assets
from ledger.credit_line import CreditLineInUse, move_credit_lines
from ledger.opening import open_accounts


async def open_books(connection: Connection, now: Directory, target: Directory) -> list[tuple[Brand, int]]:
    """Make every asset and position known, with the caps of `target`.

    The participants whose new cap is less than what they owe already, and what they owe, in micro-CNY: they keep the
    old one. Positions that change stay locked until the transaction ends.
    """
    points = [points_asset(program) for program in target.programs.values()]
    rights = [right_asset(right) for right in target.rights.values()]
    await open_assets(connection, [MONEY, *points, *rights])
    positions = [operator_position_account(), *map(position_account, target.participants())]
    await open_accounts(connection, positions, [account.id for account in positions])
    return await _set_caps(connection, now, target)


async def _set_caps(connection: Connection, now: Directory, target: Directory) -> list[tuple[Brand, int]]:
    changed = {
        position_account(brand).id: brand
        for brand in target.participants()
        if brand.id in now.brands and now.brands[brand.id].net_debit_cap != brand.net_debit_cap
    }
    changes = {key: brand.net_debit_cap - now.brands[brand.id].net_debit_cap for key, brand in changed.items()}
    refused = await move_credit_lines(connection, changes)
    return [(changed[key], no.used) for key, no in refused.items() if isinstance(no, CreditLineInUse)]
