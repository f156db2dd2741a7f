"""A brand's own system as the other side: its movements of some days, compared as if they stood in a file.

The system is reached through a port that the gateway provides; settlement never calls a brand itself. What the system
tells is read to its end before anything is kept, outside of any transaction, and its count and sum are its control.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from brands import Program
from core.amounts import AMOUNT_MAX
from core.database import Database
from core.table import Unimportable
from core.table_errors import ImportRefused
from exchange.brand_system import BrandTransaction, BrandUnavailable
from members.cells import Unfit, read_number
from members.row import BrokenRow, masked
from settlement.persons import Actor
from settlement.reconciliation.control import Control
from settlement.reconciliation.errors import BrandSilent, TooManyBroken
from settlement.reconciliation.line import Line
from settlement.reconciliation.reading import BROKEN_MAX
from settlement.reconciliation.reconciling import Reconciled, reconcile_stated
from settlement.reconciliation.row import REFERENCE_LENGTH_MAX, BrandLine, our_reference
from settlement.reconciliation.row_text import row_text

LINES_MAX: Final = 200_000
"""Movements that are asked for at once: more come as a file."""

_MICROSECOND: Final = timedelta(microseconds=1)


class MovementsSource(Protocol):
    """A brand's own system, as far as reconciliation needs it; `exchange.brand_system.BrandSystem` is one."""

    def transactions(self, after: datetime, until: datetime) -> AsyncIterator[BrandTransaction]:
        """The movements booked in (after, until], oldest first. Raises BrandUnavailable."""
        ...


@dataclass(slots=True)
class StatedMovements:
    """What the system told, in the form of a statement."""

    name: str
    digest: str
    control: Control
    quarantined: list[BrokenRow]
    movements: list[BrandLine]

    def lines(self) -> list[BrandLine]:
        """The movements that can be used."""
        return self.movements

    def texts(self) -> Iterator[tuple[int, str]]:
        """The same as rows of COPY's text."""
        return ((1, row_text(it)) for it in self.movements)


async def reconcile_movements(
    database: Database,
    program: Program,
    source: MovementsSource,
    first_day: date,
    last_day: date,
    actor: Actor,
    *,
    dry_run: bool = False,
) -> Reconciled | ImportRefused:
    """Ask for all movements of these days, both included, and compare them as a file of the same days would be.

    Asked again for days that were stated before, with the same answer, it only compares again.
    """
    try:
        stated = await _asked(program, source, first_day, last_day)
    except BrandUnavailable as unavailable:
        return BrandSilent(program.code, str(unavailable))
    except Unimportable as unimportable:
        return unimportable.refusal
    return await reconcile_stated(database, program, stated, actor, dry_run=dry_run)


async def _asked(program: Program, source: MovementsSource, first_day: date, last_day: date) -> StatedMovements:
    zone = ZoneInfo(program.time_zone)
    after = datetime.combine(first_day, time(), zone) - _MICROSECOND
    until = datetime.combine(last_day + timedelta(days=1), time(), zone) - _MICROSECOND
    digest, found, broken, number, total = hashlib.sha256(), list[BrandLine](), list[BrokenRow](), 0, 0
    async for it in source.transactions(after, until):
        number, total = number + 1, total + it.amount
        digest.update(repr((it.brand_reference, it.our_reference, it.number, it.amount, it.recorded_at)).encode())
        read = _line(program, zone, number, it)
        if isinstance(read, BrandLine):
            found.append(read)
        else:
            broken.append(read)
        if len(found) > LINES_MAX or len(broken) > BROKEN_MAX:
            raise Unimportable(TooManyBroken(LINES_MAX, BrokenRow(number, "", "is one too many", "")))
    digest.update(f"{program.code} {first_day} {last_day}".encode())
    control = Control(number, total, first_day, last_day)
    return StatedMovements(f"{program.code} API", digest.hexdigest(), control, broken, found)


def _line(program: Program, zone: ZoneInfo, number: int, it: BrandTransaction) -> BrandLine | BrokenRow:
    name = it.brand_reference.strip()
    if not name or len(name) > REFERENCE_LENGTH_MAX or not name.isprintable():
        return BrokenRow(number, "brand_reference", "is missing, too long or cannot be printed", name[:40])
    if not it.amount or abs(it.amount) > AMOUNT_MAX:
        return BrokenRow(number, "amount", "is zero or too large", str(it.amount)[:40])
    try:
        member = read_number(it.number) if it.number.strip() else ""
    except Unfit as unfit:
        return BrokenRow(number, "number", str(unfit), masked("number", it.number))
    reference = our_reference((it.our_reference or "").strip())
    day = it.recorded_at.astimezone(zone).date()
    line = Line(name, reference, name, program.asset, it.amount, member, day)
    return BrandLine(number, booked=True, line=line, money=None, written=it.amount)
