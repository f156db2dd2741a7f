"""The two sides that `agio bench reconcile` compares: our lines in a table, and the brand's file of the same month."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

import brands
from brands import Program
from core.database import Connection, Database
from core.errors import AgioError
from core.ids import new_id

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)

_PROGRAM: Final = """
[programs.{code}]
name = "{code}"
name_zh = "{code}"
brand = "airline"
scale = 0
time_zone = "Asia/Shanghai"
opening_value = "0.0400"
tiers.base = {{ name = "Base", name_zh = "行者", level = 1 }}
expiry = {{ months = 36, day = "year_end" }}
rate = {{ sell = "0.0600", buy = "0.0750", fee_bp = 150 }}
limits = {{ min = 500, max = 100000, step = 10, member_day = 150000 }}

[programs.{code}.statement_file]
booked = ["booked"]

[programs.{code}.statement_file.columns]
brand_reference = "id"
reference = "order"
member = "card"
amount = "miles"
day = "day"
status = "status"

[programs.{code}.statement_file.control]
mark = "TOTAL"
count = "card"
total = "miles"
first_day = "day"
last_day = "status"
issuer = "order"
issuer_name = "Airline"
"""

_BRAND: Final = """
[brands.airline]
name = "Airline"
name_zh = "航空"
kind = "brand"
participant = true
net_debit_cap = "100000.00"
"""

# Of a hundred lines 90 have our reference, 5 only the brand's own, 4 neither; the last one has another amount.
_SIDES: Final = """
CREATE TABLE {sides}_ours AS
SELECT n::integer AS n, (left($1, 24) || lpad(to_hex(n), 12, '0'))::uuid AS key,
    left($2, 24) || lpad(to_hex(n), 12, '0') AS reference,
    CASE WHEN n % 100 BETWEEN 90 AND 94 THEN 'F-' || n ELSE '' END AS brand_reference,
    '{code}' AS asset, 1 + n % 5000 AS amount, 'M' || 1000000 + n AS member,
    date '2026-01-01' + (n * 31 / ({size} + 1))::integer AS day
FROM generate_series(1::bigint, {size}) AS n;
"""
_THEIRS: Final = """
CREATE TABLE {sides}_theirs AS
SELECT row_number() OVER ()::integer * 2 AS n, (left($1, 24) || lpad(to_hex(n), 12, '0'))::uuid AS id, true AS booked,
    'F-' || n AS key, CASE WHEN n % 100 BETWEEN 90 AND 98 THEN '' ELSE reference END AS reference,
    'F-' || n AS brand_reference, asset, CASE WHEN n % 100 = 99 THEN amount + 1 ELSE amount END AS amount, member, day
FROM (SELECT * FROM {sides}_ours ORDER BY n + (hashint4(n) % 10000) / 10.0) AS line;
"""

_FILE: Final = "SELECT key, reference, member, amount, day, 'booked' FROM {sides}_theirs ORDER BY n"
_CONTROL: Final = "SELECT count(*), sum(amount)::bigint FROM {sides}_theirs"


class NotPut(AgioError):
    """The network to be measured is not put into force."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of one size, each program with its own."""

    code: str
    size: int
    file: Path

    @property
    def tables(self) -> str:
        """What the names of their tables begin with."""
        return f"side_{self.code.lower()}"

    async def lay_out(
        self, connection: Connection, program: Program, first_day: date, last_day: date, *, in_money: bool
    ) -> None:
        """Our side, as `settlement` asks for it."""
        del program, first_day, last_day, in_money
        await connection.execute(f"INSERT INTO recon_ours SELECT * FROM {self.tables}_ours")


async def apply_programs(database: Database, codes: list[str]) -> None:
    """Put a brand with these programs into force."""
    text = _BRAND + "".join(_PROGRAM.format(code=code) for code in codes)
    network = brands.parse_network(text.encode())
    if isinstance(network, brands.ConfigRefused):
        raise NotPut(network.message)
    applied = await brands.apply_all(database, [network])
    if isinstance(applied, brands.ConfigRefused):
        raise NotPut(applied.message)


async def make_sides(owner: Connection, code: str, size: int, folder: Path) -> Sides:
    """Write both tables and the file."""
    sides = Sides(code, size, folder / f"{code}.csv")
    named = {"sides": sides.tables, "code": code, "size": size}
    await _fill(owner, _SIDES.format(**named), new_id(), new_id())
    await _fill(owner, _THEIRS.format(**named), new_id())
    await owner.execute(f"GRANT SELECT ON {sides.tables}_ours, {sides.tables}_theirs TO agio_app")
    count, total = (await owner.fetchrow(_CONTROL.format(**named)) or (0, 0))[:2]
    with sides.file.open("wb") as file:
        file.write(b"id,order,card,miles,day,status\n")
        await owner.copy_from_query(_FILE.format(**named), output=file, format="csv")
        file.write(f"TOTAL,Airline,{count},{total},{FIRST},{LAST}\n".encode())
    return sides


async def _fill(owner: Connection, statement: str, *ids: UUID) -> None:
    for place, key in enumerate(ids, 1):
        statement = statement.replace(f"${place}", f"'{key}'")
    await owner.execute(statement)
