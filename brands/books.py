"""Opens what the ledger needs to know of the network: assets, and the participants' positions with their caps."""

from brands.accounts import MONEY, points_asset, right_asset
from brands.directories import Directory
from core.database import Connection
from ledger import open_assets


async def open_books(connection: Connection, directory: Directory) -> None:
    """Make every asset known."""
    points = [points_asset(program) for program in directory.programs.values()]
    rights = [right_asset(right) for right in directory.rights.values()]
    await open_assets(connection, [MONEY, *points, *rights])
