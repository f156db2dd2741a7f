"""Comparing both sides as they are laid out, and keeping what comes of it: matches, loose lines, breaks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from brands import Program, directory
from core.clock import Clock
from core.database import Connection
from exchange.saga.hurrying import ask_again, given_up_among
from settlement.persons import Actor
from settlement.reconciliation.break_kinds import Draft, Prices
from settlement.reconciliation.breaks import Break, BreakEvent, EventKind, read_breaks, write_breaks, write_events
from settlement.reconciliation.files import Covered, keep_lines, lay_out_loose
from settlement.reconciliation.keeping_up import Run, kept_up
from settlement.reconciliation.late import drafts_of_late, settled_late
from settlement.reconciliation.line import MONEY, NONE, Tolerance
from settlement.reconciliation.matches import keep_found, matched_ways
from settlement.reconciliation.our_lines import lay_out_broken, lay_out_ours
from settlement.reconciliation.pending import lapse_changed
from settlement.reconciliation.remainder import Left, drafts_of_windows, facts_of, id_in, lines_left
from settlement.reconciliation.rules import Rule
from settlement.reconciliation.set_matching import match_staged
from settlement.reconciliation.sorting import Knowledge, counted_once, sort_out
from settlement.reconciliation.tolerating import journal_tolerated

_DAY: Final = timedelta(days=1)
_PAGE: Final = 2_000


class OurSide(Protocol):
    """Where our lines come from."""

    async def __call__(
        self, connection: Connection, program: Program, first_day: date, last_day: date, *, in_money: bool
    ) -> None:
        """Lay out the program's lines of these days, both included, that are not matched, in `recon_ours`."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of one run."""

    matched: Mapping[Rule, int]
    """By rule, how many matches were found now."""
    events: Mapping[EventKind, int]
    """How many breaks were opened, changed, closed and opened again."""
    tolerated_count: int = 0
    """Of the matches in money, how many differ within the tolerance."""
    tolerated_micro: int = 0
    """What the brand says more in them, in micro-CNY."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run of the matching on one program, in a transaction that holds the program's lock."""

    connection: Connection
    program: Program
    clock: Clock
    actor: Actor
    our_side: OurSide = lay_out_ours
    """The ledger, unless a benchmark brings lines of its own."""
    _done_after_all: set[UUID] = field(default_factory=set)
    """Errands that were given up, and that the brand states now."""

    @property
    def today(self) -> date:
        """In the program's time zone."""
        return self.clock.now().astimezone(ZoneInfo(self.program.time_zone)).date()

    async def lay_out(self, first_day: date, last_day: date) -> Counter[EventKind]:
        """Lay out, beside a file's lines, what is left of earlier files and our lines of these days and around.

        What late successes posted is among them, however old it is: it stands in breaks. Returns what became of those.
        """
        late = await self.keep_up_late()
        await lay_out_loose(self.connection, self.program)
        in_money = self._tolerance is not None
        await self.our_side(self.connection, self.program, first_day - _DAY, last_day + _DAY, in_money=in_money)
        await lay_out_broken(self.connection, self.program)
        return late

    async def keep_up_late(self) -> Counter[EventKind]:
        """Bring the breaks of late successes up to what the saga knows of them."""
        drafts = await drafts_of_late(self.connection, self.program)
        settled = await settled_late(self.connection, self.program)
        known = await self._known([*(it.anchor for it in drafts), *settled])
        why = {anchor: f"The exchange's case is closed: {how}." for anchor, how in settled.items()}
        return await self._write(kept_up(await self._run(), drafts, known, why))

    async def compare(self, whole: Covered, file_id: UUID | None) -> Compared:
        """Match what is laid out and bring the breaks up to it; `file_id`: the file whose lines are among it."""
        tolerance = self._tolerance
        matched = await match_staged(self.connection, {MONEY: tolerance} if tolerance else {})
        await keep_lines(self.connection, self.program, file_id)
        await keep_found(self.connection, self.program, self.clock)
        tolerated = await self.connection.fetchrow(_TOLERATED, MONEY) if tolerance else None
        await journal_tolerated(self.connection, self.program, file_id, self.clock, tolerant=tolerance is not None)
        return Compared(matched, await self._keep_up(whole), *(tolerated or (0, 0)))

    @property
    def _tolerance(self) -> Tolerance | None:
        form = self.program.statement_file
        money = form.money if form else None
        return Tolerance(money.absolute, money.basis_points) if money else None

    async def _keep_up(self, whole: Covered) -> Mapping[EventKind, int]:
        run, counted = await self._run(), Counter[EventKind]()
        await self.connection.execute(_DRAFTED)
        await self._drafted(it.anchor for it in await drafts_of_late(self.connection, self.program))
        async for left in lines_left(self.connection, whole):
            counted += await self._draft(run, await self._sorted(left))
        windows = list(counted_once(await drafts_of_windows(self.connection, self.program)))
        for place in range(0, len(windows), _PAGE):
            counted += await self._draft(run, windows[place : place + _PAGE])
        counted += await self._agree(run)
        if self._done_after_all:
            # Last of all: whoever carries one of these exchanges on waits no longer than for our commit.
            await ask_again(self.connection, self.program, self._done_after_all, self.clock)
        return counted

    async def _sorted(self, left: Left) -> list[Draft]:
        references = left.references
        ways = await matched_ways(self.connection, self.program, references)
        facts = await facts_of(self.connection, references)
        drafts = sort_out(left.ours, left.theirs, Knowledge(ways, facts, self._tolerance or NONE))
        return list(counted_once(drafts))

    async def _draft(self, run: Run, drafts: Sequence[Draft]) -> Counter[EventKind]:
        anchors = [draft.anchor for draft in drafts]
        await self._drafted(anchors)
        kept = list(kept_up(run, drafts, await self._known(anchors)))
        alone = [stated.line.reference for it, _ in kept if not it.ours for stated in it.theirs]
        named = {key for reference in alone if (key := id_in(reference))}
        if named:
            self._done_after_all.update(await given_up_among(self.connection, self.program, named))
        return await self._write(kept)

    async def _drafted(self, anchors: Iterable[str]) -> None:
        await self.connection.copy_records_to_table("recon_drafted", records=[(anchor,) for anchor in anchors])

    async def _known(self, anchors: Sequence[str]) -> list[Break]:
        condition = "program_id = $1 AND anchor = ANY($2::text[])"
        return await read_breaks(self.connection, condition, self.program.id, anchors)

    async def _agree(self, run: Run) -> Counter[EventKind]:
        """Look at all breaks of which nothing was drafted: their lines agree now."""
        rows = await self.connection.fetch(_UNDRAFTED, self.program.id)
        ids, counted = [row["id"] for row in rows], Counter[EventKind]()
        for place in range(0, len(ids), _PAGE):
            known = await read_breaks(self.connection, "id = ANY($1::uuid[])", ids[place : place + _PAGE])
            counted += await self._write(kept_up(run, [], known))
        return counted

    async def _write(self, changes: Iterable[tuple[Break, BreakEvent]]) -> Counter[EventKind]:
        kept = list(changes)
        await write_breaks(self.connection, [it for it, _ in kept])
        await lapse_changed(self.connection, [it for it, _ in kept], self.clock)
        await write_events(self.connection, [event for _, event in kept])
        return Counter(event.kind for _, event in kept)

    async def _run(self) -> Run:
        rate = (await directory(self.connection)).rate(self.program.id)
        prices = Prices(gained=rate.buy_micro, lost=rate.sell_micro)
        return Run(self.program.id, prices, self.actor.subject, self.clock.now(), self.today)


_DRAFTED: Final = "CREATE TEMP TABLE recon_drafted (anchor text) ON COMMIT DROP"

_UNDRAFTED: Final = """
SELECT id FROM settlement_break AS item
WHERE program_id = $1 AND state <> 'CLOSED' AND NOT EXISTS (SELECT FROM recon_drafted WHERE anchor = item.anchor)
ORDER BY id
"""

_TOLERATED: Final = """
WITH side AS (
    SELECT g, sum(ours.amount) AS amount
    FROM (SELECT DISTINCT g, ours FROM recon_found) AS found JOIN recon_ours AS ours ON ours.n = found.ours
    WHERE ours.asset = $1 GROUP BY g
), other AS (
    SELECT g, sum(theirs.amount) AS amount
    FROM (SELECT DISTINCT g, theirs FROM recon_found) AS found JOIN recon_theirs AS theirs ON theirs.n = found.theirs
    WHERE theirs.asset = $1 GROUP BY g
)
SELECT count(*) AS tolerated, coalesce(sum(other.amount - side.amount), 0)::bigint AS micro
FROM side JOIN other USING (g) WHERE other.amount <> side.amount
"""
