"""Statements for every participant of an approved window, written to a folder."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from brands import OPERATOR_ID
from core.database import Connection, Database
from settlement.advice_parties import keep_parties, parties
from settlement.advice_rows import Advised, Key, advised, comparable, keep
from settlement.cash.bank_accounts import missing_for
from settlement.cash.references import places, reference
from settlement.errors import BooksBroken, WindowNotFound, WrongStep
from settlement.figures import Figures
from settlement.files import HashingFile, appearing
from settlement.forms import PRODUCERS, Format, forms_of
from settlement.lettering import cut
from settlement.netting import FEN_MICRO
from settlement.participants import codes
from settlement.persons import Actor
from settlement.ports import SILENT, Outbox
from settlement.records import kept_figures, kept_names
from settlement.statement import Heading, PaymentDue
from settlement.stating import write_statement
from settlement.steps import Status
from settlement.windows import Window, advance, lock

AdviceRefusal: TypeAlias = WindowNotFound | WrongStep

Opening: TypeAlias = Callable[[Path], AbstractContextManager[HashingFile]]
"""How a statement's file is opened."""


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A statement as it was written."""

    participant_id: UUID
    participant: str
    """Its code."""
    format: Format
    path: Path
    sha256: str
    size_bytes: int
    lines: int


@dataclass(frozen=True, slots=True)
class Advice:
    """The window after its statements were written, and the files."""

    window: Window
    files: tuple[StatementFile, ...]
    """By participant code and format."""
    accounts_missing: tuple[str, ...] = ()
    """Without whose bank accounts the payments cannot be ordered, and which the statements do not name; by code."""


async def advise(
    database: Database,
    window_id: UUID,
    actor: Actor,
    *,
    folder: Path,
    reason: str = "",
    outbox: Outbox = SILENT,
) -> Advice | AdviceRefusal:
    """Write every participant's statement of the approved window in every format.

    `folder/window-000001/CODE.csv` appears whole or not at all. Written again, for the same or another folder, the
    bytes are the same. Raises OSError when the folder cannot be written to, BooksBroken when the bytes would differ.
    """
    async with database.transaction() as connection:
        window = await lock(connection, window_id)
        if window is None:
            return WindowNotFound(str(window_id))
        if not window.status.has_reached(Status.APPROVED):
            return WrongStep(window.number, window.status, Status.APPROVED)
        if window.status is Status.APPROVED:
            await keep_parties(connection, window, database.clock)
        kept = await advised(connection, window.id)
        files = await write_statements(
            connection, window, folder / f"window-{window.number:06}", accept=partial(compare, window.number, kept)
        )
        new = [
            (f.participant_id, f.format, remembered(f)) for f in files if (f.participant_id, f.format.value) not in kept
        ]
        await keep(connection, window.id, new)
        if window.status is Status.APPROVED:
            window = await advance(
                connection, window, Status.ADVISED, actor, clock=database.clock, reason=reason.strip()
            )
            await outbox.advised(connection, window, {file.participant_id for file in files})
        missing = await missing_for(connection, window, await kept_figures(connection, window))
        return Advice(window, tuple(files), missing)


async def write_statements(
    connection: Connection,
    window: Window,
    folder: Path,
    *,
    opening: Opening = appearing,
    accept: Callable[[StatementFile], None] = lambda _: None,
    only: UUID | None = None,
) -> list[StatementFile]:
    """Every participant's statement in every format. Raises BooksBroken when lines and figures do not tie.

    `accept` sees each file before it appears, and keeps it from appearing by raising. With `only`, one participant's.
    """
    files: list[StatementFile] = []
    figures, called = await kept_figures(connection, window), await kept_names(connection, window)
    coded = await codes(connection)
    payments = _payments(figures, coded)
    agreed, named = await parties(connection, window), {coded[who]: name for who, name in called.items()}
    holders = [account.holder for account in agreed.accounts.values()] if agreed else []
    digest, font = figures.digest, cut([*called.values(), *holders])
    for position in sorted(figures.positions, key=lambda position: coded[position.participant_id]):
        who = position.participant_id
        if only not in {None, who}:
            continue
        paying = agreed.paying(who) if agreed else None
        stretch = (window.number, window.after, figures.cut_off_at)
        heading = Heading(*stretch, coded[who], called[who], position.opening, digest, paying, named)
        paths = {written: folder / f"{coded[who]}.{written}" for written in Format}
        with ExitStack() as stack:
            opened = {written: stack.enter_context(opening(path)) for written, path in paths.items()}
            forms = stack.enter_context(forms_of(opened, paths[Format.CSV].name, font))
            lines = await write_statement(connection, window, position, heading, payments.get(who, []), forms)
            done = [
                StatementFile(who, coded[who], written, paths[written], file.sha256, file.size_bytes, lines)
                for written, file in opened.items()
            ]
            for file in done:
                accept(file)
        files += done
    return files


def _payments(figures: Figures, coded: Mapping[UUID, str]) -> dict[UUID, list[PaymentDue]]:
    """What each participant pays or is paid."""
    found: dict[UUID, list[PaymentDue]] = {}
    for it, place in places(figures.payments).items():
        pays = it.payee_id == OPERATOR_ID
        micro, counterparty = (-1 if pays else 1) * it.amount_fen * FEN_MICRO, coded.get(it.for_id, "")
        due = PaymentDue(micro, reference(figures.number, place), counterparty)
        found.setdefault(it.payer_id if pays else it.payee_id, []).append(due)
    return found


def remembered(file: StatementFile) -> Advised:
    """What is kept of a file."""
    return Advised(file.path.name, file.sha256, file.size_bytes, file.lines, PRODUCERS[file.format])


def compare(number: int, kept: Mapping[Key, Advised], file: StatementFile) -> None:
    """Raises BooksBroken when the file is not what was given out before."""
    before = kept.get((file.participant_id, file.format.value))
    if before and comparable(before, file.format) and before.sha256 != file.sha256:
        message = f"window {number}: the {file.format} statement of {file.participant} has changed"
        raise BooksBroken(message)
