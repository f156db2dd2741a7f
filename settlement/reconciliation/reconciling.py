"""Taking in a brand's file and comparing it with our books, in one transaction; a dry run rolls it back."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from brands import Directory, Program, StatementFile, directory
from core.database import Connection, Database
from core.errors import AgioError
from core.table_errors import ImportRefused
from members.row import BrokenRow
from settlement.persons import Actor
from settlement.reconciliation.break_kinds import Prices, StatedLine
from settlement.reconciliation.breaks import (
    Break,
    BreakEvent,
    BreakState,
    EventKind,
    lock_program,
    read_breaks,
    write_breaks,
    write_events,
)
from settlement.reconciliation.errors import NoStatementFile, UnknownBrand
from settlement.reconciliation.files import Covered, Kept, covered, is_known, keep, period_refusal, unmatched_stated
from settlement.reconciliation.keeping_up import Run, kept_up
from settlement.reconciliation.line import Line
from settlement.reconciliation.matches import keep_matches, matched_references, matched_transfers, undo_matches
from settlement.reconciliation.matching import Matching, match
from settlement.reconciliation.our_lines import unmatched_lines
from settlement.reconciliation.reading import Stated, read_statement
from settlement.reconciliation.rules import Rule
from settlement.reconciliation.sorting import sort_out
from settlement.reconciliation.suggesting import Suggestion, suggest

_DAY: Final = timedelta(days=1)
_Kind = TypeVar("_Kind", Rule, EventKind)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of a brand's file, and how its program stands since."""

    program: str
    file: str
    digest: str
    first_day: date
    last_day: date
    dry_run: bool
    """Nothing of this was kept."""
    known: bool
    """The very file was taken in before: only the comparison was made again."""
    rows: int
    accepted: int
    replaced: int
    """Lines of earlier files that this correction replaces."""
    quarantined: tuple[BrokenRow, ...]
    """Rows that were not taken in."""
    matched: Mapping[Rule, int]
    """By rule, how many matches were found now."""
    events: Mapping[EventKind, int]
    """How many breaks were opened, changed, closed and opened again."""
    breaks: tuple[Break, ...]
    """All that are open now, the largest value at risk first."""
    suggestions: tuple[Suggestion, ...]
    """Lines that nearly fit, for a person to look at."""

    @property
    def clean(self) -> bool:
        """Whether there is nothing for anybody to do."""
        return not self.breaks and not self.quarantined


class _DryRun(AgioError):
    """Raised so that everything is rolled back, caught at its edge."""

    def __init__(self, found: Reconciled) -> None:
        super().__init__("dry run")
        self.found = found


async def reconcile_file(
    database: Database,
    brand_code: str,
    path: Path,
    actor: Actor,
    *,
    program_code: str | None = None,
    correcting: bool = False,
    dry_run: bool = False,
) -> Reconciled | ImportRefused:
    """Take in the file at `path` and compare all that the brand has stated with our books.

    Rows that cannot be used are set aside, each with its reason; whatever makes the whole file doubtful refuses all
    of it. Nothing is posted. A correction replaces the lines that have the same brand reference; the same file again
    compares again. With a dry run nothing is kept.
    """
    async with database.connection() as connection:
        into = _choose(await directory(connection), brand_code, program_code)
    if isinstance(into, ImportRefused):
        return into
    program, form = into
    stated = read_statement(path, program, form, correcting=correcting)
    if isinstance(stated, ImportRefused):
        return stated
    try:
        async with database.transaction() as connection:
            work = _Work(database, connection, program, stated, actor)
            found = await work.run(correcting=correcting)
            return _rolled_back(found) if dry_run else found
    except _DryRun as dry:
        return dry.found


def _rolled_back(found: Reconciled | ImportRefused) -> ImportRefused:
    if isinstance(found, Reconciled):
        raise _DryRun(replace(found, dry_run=True))
    return found


def _choose(
    known: Directory, brand_code: str, program_code: str | None
) -> tuple[Program, StatementFile] | ImportRefused:
    brand = known.brand(brand_code)
    if brand is None:
        return UnknownBrand(brand_code)
    found = [(each, each.statement_file) for each in known.programs_of(brand.id) if each.statement_file]
    wanted = [pair for pair in found if program_code in {None, pair[0].code}]
    return wanted[0] if len(wanted) == 1 else NoStatementFile(brand_code, tuple(each.code for each, _ in found))


@dataclass(frozen=True, slots=True)
class _Work:
    """One file on its way into the books."""

    database: Database
    connection: Connection
    program: Program
    stated: Stated
    actor: Actor

    async def run(self, *, correcting: bool) -> Reconciled | ImportRefused:
        await lock_program(self.connection, self.program.id)
        known = await is_known(self.connection, self.program, self.stated.digest)
        kept = Kept(0, (), ()) if known else await self._keep(correcting=correcting)
        if isinstance(kept, ImportRefused):
            return kept
        free = await undo_matches(self.connection, kept.replaced, self.database.clock)
        whole = await covered(self.connection, self.program)
        assert whole is not None, "a file has been kept"
        ours, theirs = await self._ours(free), await unmatched_stated(self.connection, self.program)
        matching = await self._match(ours, theirs)
        events = await self._keep_up(matching, theirs, whole)
        return await self._report(kept, matching, events, known=known)

    async def _keep(self, *, correcting: bool) -> Kept | ImportRefused:
        stated_so_far = await covered(self.connection, self.program)
        refused = period_refusal(self.stated, stated_so_far, self._today(), correcting=correcting)
        if refused is not None:
            return refused
        clock = self.database.clock
        return await keep(self.connection, self.program, self.stated, self.actor, clock, correcting=correcting)

    def _today(self) -> date:
        return self.database.clock.now().astimezone(ZoneInfo(self.program.time_zone)).date()

    async def _ours(self, free: Iterable[Line]) -> list[Line]:
        """Our lines of the file's days and the day around, those in breaks, and those whose match was undone."""
        first, last = self.stated.control.first_day - _DAY, self.stated.control.last_day + _DAY
        found = {line.key: line async for line in unmatched_lines(self.connection, self.program, first, last)}
        condition = "program_id = $1 AND state <> 'CLOSED'"
        broken = await read_breaks(self.connection, condition, self.program.id)
        others = [*free, *(line for it in broken for line in it.ours)]
        matched = await matched_transfers(self.connection, others)
        found |= {line.key: line for line in others if line.key not in matched}
        return list(found.values())

    async def _match(self, ours: list[Line], theirs: list[StatedLine]) -> Matching:
        matching = match(ours, (it.line for it in theirs if it.booked), {})
        ids = {it.line.key: it.id for it in theirs}
        await keep_matches(self.connection, self.program, matching.found, ids, self.database.clock)
        return matching

    async def _keep_up(self, matching: Matching, theirs: list[StatedLine], whole: Covered) -> list[BreakEvent]:
        ours = [line for line in matching.ours if whole.first_day <= line.day <= whole.last_day]
        left = {line.key for line in matching.theirs}
        stated = [it for it in theirs if not it.booked or it.line.key in left]
        matched = await matched_references(self.connection, self.program, (it.line.reference for it in stated))
        drafts = list(sort_out(ours, stated, matched))
        condition = "program_id = $1 AND (state <> 'CLOSED' OR anchor = ANY($2::text[]))"
        anchors = [draft.anchor for draft in drafts]
        known = await read_breaks(self.connection, condition, self.program.id, anchors)
        changes = list(kept_up(await self._run(), drafts, known))
        await write_breaks(self.connection, [it for it, _ in changes])
        events = [event for _, event in changes]
        await write_events(self.connection, events)
        return events

    async def _run(self) -> Run:
        rate = (await directory(self.connection)).rate(self.program.id)
        now = self.database.clock.now()
        prices = Prices(gained=rate.buy_micro, lost=rate.sell_micro)
        return Run(self.program.id, prices, self.actor.subject, now, self._today())

    async def _report(self, kept: Kept, matching: Matching, events: list[BreakEvent], *, known: bool) -> Reconciled:
        condition = f"program_id = $1 AND state = '{BreakState.OPEN}'"
        return Reconciled(
            program=self.program.code,
            file=self.stated.name,
            digest=self.stated.digest,
            first_day=self.stated.control.first_day,
            last_day=self.stated.control.last_day,
            dry_run=False,
            known=known,
            rows=self.stated.control.count,
            accepted=kept.accepted,
            replaced=len(kept.replaced),
            quarantined=(*self.stated.quarantined, *kept.repeated),
            matched=_counted(found.rule for found in matching.found),
            events=_counted(event.kind for event in events),
            breaks=tuple(await read_breaks(self.connection, condition, self.program.id)),
            suggestions=tuple(suggest(matching.ours, matching.theirs)),
        )


def _counted(found: Iterable[_Kind]) -> dict[_Kind, int]:
    return dict(Counter(found))
