"""Bringing the members of a brand's own system over: from its file into memberships, people and opening balances."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from brands import Directory, MemberFile, Program, directory
from core.database import Database
from core.errors import AgioError
from core.table import Contents, Unimportable, open_table, rows, survey
from members.batch import BatchLoader
from members.errors import ImportRefused, NoMemberFile, NoSuchProgram, UnknownBrand
from members.import_log import digest_of, remember, remembered
from members.keys import MemberKeys
from members.ports import SILENT, Outbox
from members.report import ImportReport
from members.row import BrokenRow, MemberRow, RowReader, missing_columns
from members.tally import Tally

Progress: TypeAlias = Callable[[int, int], None]
"""Told after each batch how many rows are done, and of how many."""

BATCH_ROWS: Final = 1_000
"""Rows that are committed together."""


class FileChanged(AgioError):
    """The file was changed while it was read. What was committed stays; import it again."""


async def import_file(
    database: Database,
    keys: MemberKeys,
    brand_code: str,
    path: Path,
    *,
    program_code: str | None = None,
    progress: Progress | None = None,
    batch_rows: int = BATCH_ROWS,
    outbox: Outbox = SILENT,
) -> ImportReport | ImportRefused:
    """Bring over what the file at `path` says about the members of a brand's program.

    Batches are committed whole, one after the other; whatever stops the import, running it again goes on where it
    stopped, and a file that was imported changes nothing. A refusal is given before anything is written.
    `program_code` chooses among several programs of the brand; `batch_rows` are committed together.
    """
    async with database.connection() as connection:
        into = _choose(await directory(connection), brand_code, program_code)
    if isinstance(into, ImportRefused):
        return into
    try:
        with open_table(path) as file:
            return await _Import(database, keys, into, file, batch_rows, outbox).run(progress or _unheard)
    except Unimportable as unimportable:
        return unimportable.refusal


def _unheard(done: int, total: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class _Delivering:
    """A program and how its file is written."""

    program: Program
    form: MemberFile


def _choose(known: Directory, brand_code: str, program_code: str | None) -> _Delivering | ImportRefused:
    brand = known.brand(brand_code)
    if brand is None:
        return UnknownBrand(brand_code)
    found = [_Delivering(each, each.member_file) for each in known.programs_of(brand.id) if each.member_file]
    wanted = [each for each in found if program_code in {None, each.program.code}]
    if len(wanted) == 1:
        return wanted[0]
    codes = tuple(each.program.code for each in found)
    if found and program_code is not None:
        return NoSuchProgram(brand_code, program_code, codes)
    return NoMemberFile(brand_code, codes)


@dataclass(frozen=True, slots=True)
class _Import:
    """One file on its way into one program."""

    database: Database
    keys: MemberKeys
    into: _Delivering
    file: FileIO
    batch_rows: int
    outbox: Outbox

    async def run(self, progress: Progress) -> ImportReport | ImportRefused:
        contents = survey(self.file, self.into.form)
        missing = missing_columns(self.into.form.columns, contents.headers)
        if missing is not None:
            return missing
        digest = digest_of(self.keys, contents, self.into.program)
        async with self.database.connection() as connection:
            report = await remembered(connection, self.into.program, digest)
        if report is None:
            report = await self._load(contents, progress)
            await remember(self.database, self.into.program, digest, report)
        progress(report.rows, contents.row_count)
        return report

    async def _load(self, contents: Contents, progress: Progress) -> ImportReport:
        tally = Tally(self.into.program)
        loader = BatchLoader(self.database, self.keys, self.into.program, self.outbox)
        read = self._read(contents)
        while batch := list(islice(read, self.batch_rows)):
            tally.count(await loader.load(tally.sort(batch)))
            progress(tally.rows, contents.row_count)
        return tally.report()

    def _read(self, contents: Contents) -> Iterator[MemberRow | BrokenRow]:
        program, form = self.into.program, self.into.form
        today = self.database.clock.now().astimezone(ZoneInfo(program.time_zone)).date()
        reader = RowReader(program, form, contents.headers, today)
        try:
            yield from map(reader.read, islice(rows(self.file, form), 1, None))
        except Unimportable as unimportable:
            raise FileChanged("The file was changed while it was read.") from unimportable
