"""Two small networks that tests bend, and short ways to load and apply them."""

from pathlib import Path

from brands import Applied, BrandConfig, ConfigRefused, apply_all, parse_network
from core.database import Database
from core.persons import Actor

MAKER = Actor("lin.wei")
"""Who applies files; a changed rate waits for somebody else."""
EXAMPLES = Path(__file__).parents[2] / "examples" / "network"

HOTEL = """\
[brands.hotel]
name = "Hotel"
kind = "group"
participant = true
net_debit_cap = "1000.00"
prefund = "50.00"

[brands.inn]
name = "Inn"
name_zh = "客栈"
kind = "brand"
parent = "hotel"

[brands.inn-harbour]
name = "Harbour Inn"
kind = "dealer"
parent = "inn"
participant = true
net_debit_cap = "200.00"

[programs.HOTEL]
name = "Nights"
brand = "hotel"
scale = 1
time_zone = "Asia/Shanghai"
opening_value = "0.04"

[programs.HOTEL.tiers]
plain = { name = "Plain", level = 1 }
fine = { name = "Fine", level = 3 }

[programs.HOTEL.expiry]
months = 24
day = "month_end"

[programs.HOTEL.rate]
sell = "0.05"
buy = "0.06"
fee_bp = 100

[programs.HOTEL.limits]
min = "10"
max = "500.5"
step = "0.5"
member_day = 1000

[rights.late]
name = "Late check-out"
kind = "visit"
issuer = "hotel"
honoured_by = ["inn"]
price = { HOTEL = "15.5" }
eligibility = { HOTEL = "fine" }
validity = { hours = 48 }
stock = 3
settlement_price = "20.00"

[clients.hotel-crm]
name = "Members"
brand = "hotel"
scopes = ["members:read", "awards:write"]

[clients.harbour-desk]
name = "Desk"
brand = "inn-harbour"
till = "desk-1"
scopes = ["rights:redeem"]
"""

CAFE = """\
[brands.cafe]
name = "Café"
kind = "brand"
participant = true
net_debit_cap = "300.00"

[programs.CAFE]
name = "Cups"
brand = "cafe"
scale = 0
time_zone = "Asia/Tokyo"
opening_value = "1"
tiers.guest = { name = "Guest", level = 1 }
expiry.never = true
rate = { sell = "1", buy = "1", fee_bp = 0 }
limits = { min = 1, max = 100, step = 1, member_day = 100 }
"""


def read(text: str, source: str = "sample.toml") -> BrandConfig:
    """The file, which has no problem."""
    found = parse_network(text.encode(), source)
    assert isinstance(found, BrandConfig), found.message
    return found


def refused(text: str) -> list[str]:
    """Everything that is wrong with the file, without the file's name."""
    found = parse_network(text.encode(), "")
    assert isinstance(found, ConfigRefused)
    return [str(problem) for problem in found.problems]


def bend(text: str, old: str, new: str) -> str:
    """`text` with its first `old` replaced."""
    assert old in text
    return text.replace(old, new, 1)


async def put(database: Database, *texts: str) -> Applied:
    """Put files into force that nothing speaks against."""
    configs = [read(text, f"{place}.toml") for place, text in enumerate(texts)]
    found = await apply_all(database, configs, actor=MAKER)
    assert isinstance(found, Applied), found.message
    return found


async def put_refused(database: Database, *texts: str) -> list[str]:
    """Why files are not put into force."""
    found = await apply_all(database, [read(text, "") for text in texts])
    assert isinstance(found, ConfigRefused)
    return [str(problem) for problem in found.problems]
