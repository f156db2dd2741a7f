"""Handing the journal to a general ledger: opening + entries = closing, by the ledger's own counters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from brands import OPERATOR_CODE, OPERATOR_ID, directory
from core.clock import Clock
from core.database import Connection, Database
from core.errors import Refusal
from ledger.journal import Side, journal, scales, totals
from settlement.errors import BooksBroken
from settlement.general_ledger.chart import PERSONS, Chart
from settlement.general_ledger.forms import JOURNAL_FORMS, JournalForm

FIRST_DAY = date(1970, 1, 1)
"""From which accounts are open when the journal begins at the beginning."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Which part of the journal: whole days in a time zone, as they were recorded.

    Raises ValueError when the last day comes before the first.
    """

    first_day: date | None = None
    """None: from the beginning."""
    last_day: date | None = None
    """None: up to the present."""
    time_zone: str = "Asia/Shanghai"
    by_day: bool = False
    """Add up what moved in a day between the same accounts for the same reason."""

    def __post_init__(self) -> None:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            message = "the last day comes before the first"
            raise ValueError(message)

    def ahead(self, clock: Clock) -> "DayAhead | None":
        """The day that has not come, if there is one."""
        today = clock.now().astimezone(ZoneInfo(self.time_zone)).date()
        latest = max(self.first_day or today, self.last_day or today)
        return DayAhead(latest, today) if latest > today else None

    @property
    def since(self) -> datetime | None:
        """The first instant."""
        return None if self.first_day is None else self._midnight(self.first_day)

    @property
    def before(self) -> datetime | None:
        """The first instant after it."""
        return None if self.last_day is None else self._midnight(self.last_day + timedelta(days=1))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.time_zone))


@dataclass(frozen=True, slots=True)
class DayAhead(Refusal):
    """A journal ends today at the latest: nobody knows what will move later."""

    day: date
    today: date
    """In the time zone of the days."""

    @property
    def message(self) -> str:
        """Which day, and what day it is."""
        return f"{self.day} has not come yet: today is {self.today}, and nobody knows what will move until then."


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    entries: int
    accounts: int


async def export_journal(
    database: Database,
    file: BinaryIO,
    form: str,
    extent: Extent,
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> Exported:
    """Write the journal in a form of `JOURNAL_FORMS`, as committed at one instant.

    Raises BooksBroken when opening and entries do not lead to what the accounts' counters say.
    """
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        chart, decimals = Chart(await _owners(connection)), await scales(connection)
        opening = {} if extent.since is None else await _totals(connection, extent.since)
        closing = await _totals(connection, extent.before)
        written = JOURNAL_FORMS[form](file, chart, decimals)
        written.begin(extent.first_day or FIRST_DAY, opening, closing)
        held = dict.fromkeys(closing, 0) | opening
        entries, last = await _write_entries(connection, extent, written, held, progress)
        _compare(held, closing, chart)
        today = database.clock.now().astimezone(ZoneInfo(extent.time_zone)).date()
        written.end((extent.last_day or max(last or today, today)) + timedelta(days=1), closing)
        return Exported(entries, len(closing))


async def _write_entries(
    connection: Connection,
    extent: Extent,
    form: JournalForm,
    held: dict[Side, int],
    progress: Callable[[int], None],
) -> tuple[int, date | None]:
    """How many there were, and the day of the last one; what they move is added to `held`."""
    count, last = 0, None
    entries = journal(
        connection,
        since=extent.since,
        before=extent.before,
        time_zone=extent.time_zone,
        persons=PERSONS,
        by_day=extent.by_day,
    )
    async for entry in entries:
        held[entry.debit] = held.get(entry.debit, 0) - entry.amount
        held[entry.credit] = held.get(entry.credit, 0) + entry.amount
        form.entry(entry)
        count, last = count + 1, entry.day
        if count % 1_000 == 0:
            progress(count)
    return count, last


def _compare(held: Mapping[Side, int], closing: Mapping[Side, int], chart: Chart) -> None:
    for side in sorted(held.keys() | closing.keys(), key=chart.account):
        if held.get(side, 0) != closing.get(side, 0):
            found = f"the journal leads it to {held.get(side, 0)}, its counters say {closing.get(side, 0)}"
            message = f"{chart.account(side)}: {found}"
            raise BooksBroken(message)


async def _totals(connection: Connection, before: datetime | None) -> dict[Side, int]:
    return await totals(connection, before=before and before.astimezone(UTC), persons=PERSONS)


async def _owners(connection: Connection) -> dict[UUID, str]:
    network = await directory(connection)
    found = {OPERATOR_ID: OPERATOR_CODE} | {key: brand.code for key, brand in network.brands.items()}
    found |= {key: program.code for key, program in network.programs.items()}
    return found | {key: right.code for key, right in network.rights.items()}
