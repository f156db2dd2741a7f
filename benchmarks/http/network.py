"""The network that is measured: three brands that settle, each with one program; limits that nobody reaches."""

from collections.abc import Sequence
from typing import Final

import brands
from core.database import Database
from core.errors import AgioError

PROGRAMS: Final = ("EAST", "NORTH", "WEST")
RIGHT: Final = "lounge"
"""A right without a price."""

EXCHANGED: Final = 1_000
"""Points of each exchange."""

_BRAND: Final = """
[brands.{brand}]
name = "{brand}"
name_zh = "{brand}"
kind = "brand"
participant = true
net_debit_cap = "1000000000.00"

[programs.{program}]
name = "{program}"
name_zh = "{program}"
brand = "{brand}"
scale = 0
time_zone = "Asia/Shanghai"
opening_value = "0.0400"
tiers.base = {{ name = "Base", name_zh = "普卡", level = 1 }}
tiers.gold = {{ name = "Gold", name_zh = "金卡", level = 3 }}
expiry = {{ months = 24, day = "month_end" }}
rate = {{ sell = "0.0{sell}", buy = "0.0{buy}", fee_bp = 100 }}
limits = {{ min = 100, max = 1000000, step = 100, member_day = 100000000 }}

[programs.{program}.member_file.columns]
number = "number"
tier = "tier"
balance = "balance"
enrolled_on = "enrolled on"
name = "name"
phone = "phone"
"""

_RIGHT: Final = f"""
[rights.{RIGHT}]
name = "Lounge visit"
name_zh = "贵宾厅"
kind = "visit"
issuer = "east"
honoured_by = ["west"]
validity = {{ hours = 72 }}
settlement_price = "80.00"
"""


class NetworkRefused(AgioError):
    """The network to be measured is not put into force."""


async def load_network(database: Database) -> brands.Directory:
    """Put the network into force."""
    configs = [_config(place, program) for place, program in enumerate(PROGRAMS)]
    applied = await brands.apply_all(database, configs)
    if isinstance(applied, brands.ConfigRefused):
        raise NetworkRefused(applied.message)
    async with database.connection() as connection:
        return await brands.directory(connection)


def pairs() -> Sequence[tuple[str, str]]:
    """Every way from one program into another."""
    return [(source, target) for source in PROGRAMS for target in PROGRAMS if source != target]


def brand_of(program: str) -> str:
    """The code of the brand that runs a program."""
    return program.lower()


def _config(place: int, program: str) -> brands.BrandConfig:
    prices = {"sell": 500 + 10 * place, "buy": 600 + 10 * place}
    text = _BRAND.format(brand=brand_of(program), program=program, **prices)
    config = brands.parse_network((text + _RIGHT if place == 0 else text).encode())
    if isinstance(config, brands.ConfigRefused):
        raise NetworkRefused(config.message)
    return config
