"""Fifty brands that settle, each with one program, and the members who exchange between two of them each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import brands
from benchmarks.http.network import NetworkRefused
from core.database import Database
from core.secrets import root_secret
from exchange import QuoteRequest
from members import ImportReport, MemberKeys, import_file, memberships_by_number

BRANDS: Final = 50
MEMBERS: Final = 1_000
"""Everybody has cards of two neighbouring programs."""

EXCHANGED: Final = 100
"""Points of each exchange."""

_OPENING: Final = 10**12

_BRAND: Final = """
[brands.b{place:02}]
name = "Brand {place:02}"
name_zh = "品牌{place:02}"
kind = "brand"
participant = true
net_debit_cap = "1000000000.00"

[programs.P{place:02}]
name = "P{place:02}"
name_zh = "P{place:02}"
brand = "b{place:02}"
scale = 0
time_zone = "Asia/Shanghai"
opening_value = "0.0400"
tiers.base = {{ name = "Base", name_zh = "普卡", level = 1 }}
expiry = {{ months = 24, day = "month_end" }}
rate = {{ sell = "0.05{sell:02}", buy = "0.07{buy:02}", fee_bp = 100 }}
limits = {{ min = 100, max = 1000000, step = 100, member_day = 100000000000 }}

[programs.P{place:02}.member_file.columns]
number = "number"
tier = "tier"
balance = "balance"
enrolled_on = "enrolled on"
name = "name"
phone = "phone"
"""


async def load_network(database: Database) -> None:
    """Put the network into force. Raises NetworkRefused."""
    configs = []
    for place in range(BRANDS):
        config = brands.parse_network(_BRAND.format(place=place, sell=place, buy=place).encode())
        if isinstance(config, brands.ConfigRefused):
            raise NetworkRefused(config.message)
        configs.append(config)
    applied = await brands.apply_all(database, configs)
    if isinstance(applied, brands.ConfigRefused):
        raise NetworkRefused(applied.message)


async def bring_over(database: Database, home: Path) -> Sequence[QuoteRequest]:
    """The members, with points enough; what each wishes to exchange, both ways. Raises NetworkRefused."""
    keys = MemberKeys.from_root(root_secret(home))
    for place in range(BRANDS):
        path = home / f"b{place:02}.csv"
        path.write_text(_file(place))
        report = await import_file(database, keys, f"b{place:02}", path)
        if not isinstance(report, ImportReport):
            raise NetworkRefused(report.message)
    return await _wishes(database)


async def _wishes(database: Database) -> list[QuoteRequest]:
    wishes: list[QuoteRequest] = []
    async with database.connection() as connection:
        network = await brands.directory(connection)
        for place in range(BRANDS):
            source, target = f"P{place:02}", f"P{(place + 1) % BRANDS:02}"
            program = network.program(source)
            assert program is not None, "it has just been put into force"
            cards = [(program.id, str(it)) for it in _first_cards(place)]
            found = await memberships_by_number(connection, cards)
            for card in found.values():
                wishes.append(QuoteRequest(card.member_id, source, target, EXCHANGED))
                wishes.append(QuoteRequest(card.member_id, target, source, EXCHANGED))
    return wishes


def _first_cards(place: int) -> Sequence[int]:
    """The members whose first card is of this program."""
    return range(place, MEMBERS, BRANDS)


def _file(place: int) -> str:
    own = [*_first_cards(place), *_first_cards((place - 1) % BRANDS)]
    lines = [f"{it},base,{_OPENING},2024-03-01,Member {it},1392{it:07d}\n" for it in own]
    return "".join(["number,tier,balance,enrolled on,name,phone\n", *lines])
