"""A month with every kind of break planted: each is found and typed, and no other.

The suite runs it small; AGIO_PLANTED_LINES=1000000 runs it at full size.
"""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from brands import Program
from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import derive_id, new_id
from exchange import Exchange
from settlement import close
from settlement.reconciliation.break_kinds import BreakKind
from settlement.reconciliation.line import MONEY, Line
from settlement.reconciliation.reconciling import Reconciled, reconcile_program
from settlement.reconciliation.staging import stage_ours
from tests.network import AIRLINE, COFFEE, HOTEL, load_network
from tests.settlement.reconciliation.statements import STATEMENT_FILE
from tests.settlement.trade import MAKER, trade

LINES = int(os.environ.get("AGIO_PLANTED_LINES", "4000"))
PLANTED = 12
"""Of each kind."""

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 30)
VALUE_MICRO = 75_000
"""Of a mile."""

MONEY_FILE = (
    STATEMENT_FILE.replace(
        'encoding = "gb18030"', 'encoding = "gb18030"\nmoney = { absolute = "0.05", basis_points = 10 }'
    )
    .replace('asset = "币种"', 'asset = "币种"\nvalue = "金额"')
    .replace('issuer_name = "航空"', 'issuer_name = "航空"\nvalue_total = "金额"')
)
HEADERS = "流水号,对方订单,卡号,里程,日期,状态,币种,金额\r\n"


@dataclass
class Row:
    """What the brand says of one movement."""

    key: str
    reference: str
    member: str
    amount: int
    day: date
    micro: int = 0
    status: str = "成功"
    asset: str = ""

    def text(self, total: "Total") -> str:
        """As a line of the file."""
        total.add(self)
        named = f"{self.key},{self.reference},{self.member},{self.amount},{self.day},{self.status},{self.asset}"
        return f"{named},{self.micro / 1_000_000:.6f}\r\n" if self.micro else f"{named},\r\n"


@dataclass
class Total:
    """What the control row says."""

    count: int = 0
    points: int = 0
    micro: int = 0

    def add(self, row: Row) -> None:
        """Count one."""
        self.count, self.points, self.micro = self.count + 1, self.points + row.amount, self.micro + row.micro


@dataclass
class Month:
    """Both sides, made anew and alike each time they are asked for, so that a million lines are nowhere at once."""

    base: UUID
    exchanges: dict[BreakKind, list[Exchange]]
    """Real ones, for the kinds about which our records are asked."""
    planted: dict[int, BreakKind] = field(default_factory=dict)
    """By the movement's number."""
    expected: set[tuple[str, str]] = field(default_factory=set)
    """The kind, and our key or the brand's."""

    tolerated: int = 0
    """Which movement differs by a millionth of a yuan, which is tolerated."""

    def plant(self) -> None:
        """Choose where."""
        kinds = [kind for kind in BreakKind for _ in range(PLANTED)]
        places = random.Random(7).sample(range(LINES), len(kinds))  # noqa: S311 - the same each time
        self.planted = dict(zip(places, kinds, strict=True))
        self.tolerated = next(place for place in range(LINES // 2, LINES) if place not in self.planted)

    def ours(self, number: int) -> tuple[Line, Line]:
        """Our line of a movement, in points and in money."""
        kind = self.planted.get(number)
        reference = str(self.reference(number))
        day = date(2026, 1, 10) if kind is BreakKind.WINDOW else FIRST + timedelta(number * 30 // LINES)
        amount, member = 1 + number % 5_000, f"M{number:08}"
        money = amount * VALUE_MICRO
        if kind is BreakKind.FEE:
            money = self.real(number).conversion.credit_micro
        keys = (str(derive_id(self.base, f"{side} {number}")) for side in ("points", "money"))
        points = Line(next(keys), reference, "", "MILES", amount, member, day)
        return points, Line(next(keys), reference, "", MONEY, money, member, day)

    def reference(self, number: int) -> UUID:
        """A real exchange's where our records are asked."""
        return self.real(number).id if self.planted.get(number) in self.exchanges else derive_id(self.base, f"{number}")

    def real(self, number: int) -> Exchange:
        """The exchange behind a planted movement."""
        kind = self.planted[number]
        numbers = sorted(place for place, found in self.planted.items() if found is kind)
        return self.exchanges[kind][numbers.index(number)]

    def our_lines(self) -> Iterator[Line]:
        """Our side."""
        for number in range(LINES):
            kind = self.planted.get(number)
            if kind in {BreakKind.MISSING_HERE, BreakKind.LATE_SUCCESS}:
                continue
            points, money = self.ours(number)
            yield points
            if kind not in {BreakKind.MISSING_AT_BRAND, BreakKind.STATUS, BreakKind.REVERSAL, BreakKind.ASSET}:
                yield money

    def rows(self) -> Iterator[Row]:
        """The brand's side, and what is expected of it."""
        for number in range(LINES):
            points, money = self.ours(number)
            tolerated = int(number == self.tolerated)
            value = money.amount + tolerated
            row = Row(f"A-{number}", points.reference, points.member, points.amount, points.day, value)
            yield from self.bent(row, self.planted.get(number), points, money)

    def bent(self, row: Row, kind: BreakKind | None, points: Line, money: Line) -> Iterator[Row]:
        """The row with what is planted in it."""
        if kind is None:
            yield row
            return
        told = {BreakKind.RATE: money.key, BreakKind.FEE: money.key}.get(kind, points.key)
        if kind in {BreakKind.MISSING_HERE, BreakKind.LATE_SUCCESS}:
            told = row.key
        self.expected.add((kind, told))
        if kind is BreakKind.WINDOW:
            self.expected.add((kind, money.key))
        if kind is BreakKind.DUPLICATE:
            yield Row(f"{row.key}-2", row.reference, row.member, row.amount, row.day)
        if kind is not BreakKind.MISSING_AT_BRAND:
            yield replace(row, **BENT[kind](row)) if kind in BENT else row


BENT: dict[BreakKind, Callable[[Row], dict[str, Any]]] = {
    BreakKind.MISSING_HERE: lambda _: {"micro": 0},
    BreakKind.LATE_SUCCESS: lambda _: {"micro": 0},
    BreakKind.AMOUNT: lambda row: {"amount": row.amount + 1},
    BreakKind.ASSET: lambda _: {"asset": "BEANS", "micro": 0},
    BreakKind.STATUS: lambda _: {"status": "失败", "micro": 0},
    BreakKind.REVERSAL: lambda row: {"amount": -row.amount, "micro": 0},
    BreakKind.WINDOW: lambda _: {"day": date(2026, 1, 20)},
    BreakKind.RATE: lambda row: {"micro": row.micro * 9 // 10},
    BreakKind.FEE: lambda row: {"micro": row.micro + 1_500_000},
}
"""What the brand says otherwise."""


async def exchanged(network: object, count: int) -> list[Exchange]:
    """Real exchanges of 3,000 points, whose fee is 1.50."""
    person = await network.enrol({"HOTEL": 200_000, "MILES": 0})  # type: ignore[attr-defined]
    return await trade(network, *[(person, "HOTEL", "MILES", 3_000)] * count)  # type: ignore[arg-type]


def write(month: Month, path: Path) -> None:
    """The brand's file."""
    total = Total()
    with path.open("w", encoding="gb18030", newline="") as file:
        file.write(HEADERS)
        for row in month.rows():
            file.write(row.text(total))
        figures = f"{total.count},{total.points},{FIRST},{LAST}"
        file.write(f"合计,航空,{figures},,{total.micro / 1_000_000:.6f}\r\n")


async def test_every_planted_break_is_found_and_no_other(
    pinned_database: Database, clock: SettableClock, superuser: Connection, tmp_path: Path
) -> None:
    """Each once, of its kind, on its line; everything else is matched, points and money."""
    network = await load_network(pinned_database, (HOTEL, AIRLINE + MONEY_FILE, COFFEE))
    real = {kind: await exchanged(network, PLANTED) for kind in (BreakKind.LATE_SUCCESS, BreakKind.FEE)}
    given_up = [it.id for it in real[BreakKind.LATE_SUCCESS]]
    await superuser.execute("UPDATE exchange_exchange SET state = 'REFUNDED' WHERE id = ANY($1::uuid[])", given_up)
    await close(pinned_database, MAKER)  # at noon of the 15th
    clock.set(datetime(2026, 2, 2, tzinfo=UTC))
    month = Month(new_id(), real)
    month.plant()
    path = tmp_path / "month.csv"
    write(month, path)

    async def our_side(
        connection: Connection, program: Program, first_day: date, last_day: date, *, in_money: bool
    ) -> None:
        assert (program.code, in_money, first_day < FIRST, last_day > LAST) == ("MILES", True, True, True)
        await stage_ours(connection, enumerate(month.our_lines(), 1))

    found = await reconcile_program(pinned_database, network.program("MILES"), path, MAKER, our_side=our_side)
    assert isinstance(found, Reconciled), found
    assert (found.quarantined, found.tolerated_count, found.tolerated_micro) == ((), 1, 1)
    rows = await superuser.fetch(FOUND)
    assert {tuple(row) for row in rows} == month.expected
    assert len(rows) == found.breaks_count == len(month.expected)


FOUND = """
SELECT kind, CASE WHEN ours = '[]' THEN theirs -> 0 -> 'line' ->> 'key' ELSE ours -> 0 ->> 'key' END
FROM settlement_break
"""
