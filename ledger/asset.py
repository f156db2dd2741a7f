"""What is counted: a program's points, a money, a right."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.database import Connection
from ledger.errors import AssetDiffers


class AssetKind(StrEnum):
    """What an asset is to its holder."""

    POINTS = "points"
    """Points of a loyalty program."""
    MONEY = "money"
    """A currency."""
    RIGHT = "right"
    """Uses of a right: visits, coffees, units of stored value."""


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that is counted in whole minor units: one unit is 10^`scale` of them."""

    code: str
    scale: int
    kind: AssetKind
    time_zone: str = "Asia/Shanghai"
    """IANA name; the days of this asset begin at midnight there."""


async def open_assets(connection: Connection, assets: Sequence[Asset]) -> None:
    """Make the assets known; those already known are left alone. Raises AssetDiffers when one is known otherwise."""
    ordered = sorted(assets, key=lambda asset: asset.code)
    columns = zip(*((a.code, a.scale, a.kind.value, a.time_zone) for a in ordered), strict=True)
    await connection.execute(_OPEN, *(list(column) for column in columns) if assets else ([], [], [], []))
    known = await _known(connection, [asset.code for asset in ordered])
    for asset in ordered:
        if known[asset.code] != asset:
            raise AssetDiffers(known[asset.code], asset)


async def _known(connection: Connection, codes: Sequence[str]) -> dict[str, Asset]:
    rows = await connection.fetch(_KNOWN, codes)
    return {row["code"]: Asset(row["code"], row["scale"], AssetKind(row["kind"]), row["time_zone"]) for row in rows}


_OPEN = """
insert into ledger_asset (code, scale, kind, time_zone)
select * from unnest($1::text[], $2::int[], $3::text[], $4::text[])
on conflict (code) do nothing
"""

_KNOWN = "select code, scale, kind, time_zone from ledger_asset where code = any($1::text[])"
