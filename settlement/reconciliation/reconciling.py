"""Taking in a brand's file and comparing it with our books, in one transaction; a dry run rolls it back."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from brands import Directory, Program, directory
from core.database import Connection, Database
from core.errors import AgioError
from core.table import Unimportable
from core.table_errors import ImportRefused
from members.row import BrokenRow
from settlement.persons import Actor
from settlement.reconciliation.breaks import Break, BreakState, EventKind, lock_program, read_breaks
from settlement.reconciliation.comparing import Compared, Comparison, OurSide
from settlement.reconciliation.control import Control
from settlement.reconciliation.errors import NoStatementFile, UnknownBrand
from settlement.reconciliation.files import (
    Kept,
    StatedFile,
    covered,
    is_known,
    keep_file,
    lay_out,
    period_refusal,
    quarantine,
)
from settlement.reconciliation.our_lines import lay_out_ours
from settlement.reconciliation.reading import open_statement
from settlement.reconciliation.remainder import suggestions
from settlement.reconciliation.row import BrandLine
from settlement.reconciliation.rules import Rule
from settlement.reconciliation.staging import open_staging
from settlement.reconciliation.suggesting import Suggestion

SHOWN_MAX: Final = 1_000
"""Rows that were set aside, breaks and suggestions in one answer, of each; the database keeps all."""

_EVERY: Final = 10_000

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many rows have been read, and of how many."""


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
    """Rows that were not taken in, in the order of the file; the first ones."""
    quarantined_count: int
    matched: Mapping[Rule, int]
    """By rule, how many matches were found now."""
    events: Mapping[EventKind, int]
    """How many breaks were opened, changed, closed and opened again."""
    tolerated_count: int
    """Of the matches in money found now, how many differ within the tolerance."""
    tolerated_micro: int
    """What the brand says more in them, in micro-CNY."""
    breaks: tuple[Break, ...]
    """Those that are open now, the largest value at risk first; the first ones."""
    breaks_count: int
    suggestions: tuple[Suggestion, ...]
    """Lines that nearly fit, for a person to look at; the first ones."""

    @property
    def hint(self) -> str:
        """How the rows that were set aside come in; empty: there are none."""
        if not self.quarantined_count:
            return ""
        before = "This very file was taken in before, so that nothing of it is new. " if self.known else ""
        return (
            f"{before}Rows that were set aside come in once they are mended, as a correction of the same days "
            "(--correction; in the graph `correction: true`)."
        )

    @property
    def clean(self) -> bool:
        """Whether there is nothing for anybody to do."""
        return not self.breaks_count and not self.quarantined_count


class Stated(Protocol):
    """What a brand states, by a file or by its system."""

    @property
    def name(self) -> str:
        """Where it comes from."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, hexadecimal."""
        ...

    @property
    def control(self) -> Control:
        """What it says of itself."""
        ...

    @property
    def quarantined(self) -> Sequence[BrokenRow]:
        """What of it cannot be used, once `lines` is at its end."""
        ...

    def lines(self) -> Iterable[BrandLine]:
        """Its movements. Raises Unimportable."""
        ...

    def texts(self) -> Iterator[tuple[int, str]]:
        """The same as rows of COPY's text (`row_text`), some at a time, and how many. Raises Unimportable."""
        ...


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
    progress: Progress = lambda _read, _of: None,
) -> Reconciled | ImportRefused:
    """Take in the file at `path` and compare all that the brand has stated with our books.

    Rows that cannot be used are set aside, each with its reason; whatever makes the whole file doubtful refuses all
    of it. Nothing is posted. A correction replaces the lines that have the same brand reference; the same file again
    compares again. With a dry run nothing is kept.
    """
    async with database.connection() as connection:
        program = _choose(await directory(connection), brand_code, program_code)
    if isinstance(program, ImportRefused):
        return program
    return await reconcile_program(
        database, program, path, actor, correcting=correcting, dry_run=dry_run, progress=progress
    )


async def reconcile_program(
    database: Database,
    program: Program,
    path: Path,
    actor: Actor,
    *,
    correcting: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _read, _of: None,
    our_side: OurSide = lay_out_ours,
) -> Reconciled | ImportRefused:
    """The same for a program that is known to have a statement file."""
    form = program.statement_file
    assert form is not None, "it has a statement file"
    try:
        with ExitStack() as stack:
            opening = open_statement(path, program, form, correcting=correcting)
            statement = await asyncio.to_thread(stack.enter_context, opening)  # it looks at all of the file
            async with database.transaction() as connection:
                comparison = Comparison(connection, program, database.clock, actor, our_side)
                found = await _Work(comparison, statement, progress).run(correcting=correcting)
                return _rolled_back(found) if dry_run else found
    except Unimportable as unimportable:
        return unimportable.refusal
    except _DryRun as dry:
        return dry.found


async def reconcile_stated(
    database: Database, program: Program, stated: Stated, actor: Actor, *, dry_run: bool = False
) -> Reconciled | ImportRefused:
    """The same for what was read from elsewhere than a file."""
    try:
        async with database.transaction() as connection:
            comparison = Comparison(connection, program, database.clock, actor)
            found = await _Work(comparison, stated, lambda _read, _of: None).run(correcting=False)
            return _rolled_back(found) if dry_run else found
    except Unimportable as unimportable:
        return unimportable.refusal
    except _DryRun as dry:
        return dry.found


def _rolled_back(found: Reconciled) -> Reconciled:
    raise _DryRun(replace(found, dry_run=True))


def _choose(known: Directory, brand_code: str, program_code: str | None) -> Program | ImportRefused:
    brand = known.brand(brand_code)
    if brand is None:
        return UnknownBrand(brand_code)
    found = [each for each in known.programs_of(brand.id) if each.statement_file]
    wanted = [each for each in found if program_code in {None, each.code}]
    return wanted[0] if len(wanted) == 1 else NoStatementFile(brand_code, tuple(each.code for each in found))


@dataclass(frozen=True, slots=True)
class _Work:
    """One file on its way into the books."""

    comparison: Comparison
    statement: Stated
    progress: Progress

    async def run(self, *, correcting: bool) -> Reconciled:
        """Take it in and compare. Raises Unimportable."""
        connection, program, control = self._connection, self._program, self.statement.control
        await lock_program(connection, program.id)
        await open_staging(connection)
        known = await is_known(connection, program, self.statement.digest)
        kept = await self._read_again() if known else await self._keep(correcting=correcting)
        whole = await covered(connection, program)
        assert whole is not None, "a file has been kept"
        late = await self.comparison.lay_out(control.first_day, control.last_day)
        compared = await self.comparison.compare(whole, kept.file_id)
        compared = replace(compared, events=late + Counter(compared.events))
        return await self._report(kept, compared, known=known)

    @property
    def _connection(self) -> Connection:
        return self.comparison.connection

    @property
    def _program(self) -> Program:
        return self.comparison.program

    async def _keep(self, *, correcting: bool) -> Kept:
        connection, statement = self._connection, self.statement
        so_far = await covered(connection, self._program)
        refused = period_refusal(statement.control, so_far, self.comparison.today, correcting=correcting)
        if refused is not None:
            raise Unimportable(refused)
        await lay_out(connection, self._told(statement.texts()))
        file = StatedFile(statement.name, statement.digest, statement.control)
        comparison = self.comparison
        kept = await keep_file(
            connection, self._program, file, comparison.actor, comparison.clock, correcting=correcting
        )
        assert kept.file_id is not None
        await quarantine(connection, kept.file_id, [*statement.quarantined, *kept.repeated])
        return kept

    async def _read_again(self) -> Kept:
        """Read a file that was taken in before only for what of it was set aside."""
        for _ in self._told(self.statement.texts()):
            pass
        return Kept()

    def _told(self, texts: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        count, read, told = self.statement.control.count, 0, -_EVERY
        for rows, text in texts:
            if read - told >= _EVERY:
                self.progress(read, count)
                told = read
            read += rows
            yield rows, text

    async def _report(self, kept: Kept, compared: Compared, *, known: bool) -> Reconciled:
        connection, program, statement = self._connection, self._program, self.statement
        condition = f"program_id = $1 AND state = '{BreakState.OPEN}'"
        set_aside = sorted((*statement.quarantined, *kept.repeated), key=lambda row: row.line)
        return Reconciled(
            program=program.code,
            file=statement.name,
            digest=statement.digest,
            first_day=statement.control.first_day,
            last_day=statement.control.last_day,
            dry_run=False,
            known=known,
            rows=statement.control.count,
            accepted=kept.accepted,
            replaced=kept.replaced,
            quarantined=tuple(set_aside[:SHOWN_MAX]),
            quarantined_count=len(set_aside),
            matched=compared.matched,
            events=compared.events,
            tolerated_count=compared.tolerated_count,
            tolerated_micro=compared.tolerated_micro,
            breaks=tuple(await read_breaks(connection, condition, program.id, limit=SHOWN_MAX)),
            breaks_count=await connection.fetchval(_OPEN, program.id),
            suggestions=tuple((await suggestions(connection))[:SHOWN_MAX]),
        )


_OPEN: Final = "SELECT count(*) FROM settlement_break WHERE program_id = $1 AND state = 'OPEN'"
