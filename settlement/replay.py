"""Proof on demand: the figures of a window counted anew from the transfers, and their digest compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from brands import OPERATOR_ID
from core.database import Connection, Database
from settlement.advice_rows import Advised, Key, advised, comparable
from settlement.advising import StatementFile, write_statements
from settlement.counting import counted, counted_obligations
from settlement.errors import WindowNotFound, WrongStep
from settlement.figures import Figures, payments_of
from settlement.files import unwritten
from settlement.forms import Format
from settlement.obligations import Obligation
from settlement.positions import closings_at, divided, owing
from settlement.records import kept_figures
from settlement.steps import Status
from settlement.terms import Netting
from settlement.windows import Window, find


@dataclass(frozen=True, slots=True)
class Replay:
    """A window's figures as kept and as counted anew."""

    number: int
    kept: str
    """The digest of the figures that were kept at the close and put before two persons."""
    counted: str
    """The digest of the figures counted now from the transfers."""
    statements: tuple["ReplayedStatement", ...] = ()
    """By participant and format; none when they were not asked for, or have not been written yet."""

    @property
    def agrees(self) -> bool:
        """Whether the books still say what they said."""
        return self.kept == self.counted and all(it.kept in {None, it.written} for it in self.statements)


@dataclass(frozen=True, slots=True)
class ReplayedStatement:
    """A statement as it was given out and as it would be written now."""

    participant: str
    format: str
    kept: str | None
    """The hash of the file that was given out; None when other versions of the libraries packed it."""
    written: str


async def replay(
    database: Database, window_id: UUID, *, statements: bool = False
) -> Replay | WindowNotFound | WrongStep:
    """Count a netted window anew and compare the digests; with `statements`, write those of an advised window again.

    Nothing appears anywhere. Raises BooksBroken when lines and figures no longer tie.
    """
    async with database.transaction() as connection:
        window = await find(connection, window_id)
        if window is None:
            return WindowNotFound(str(window_id))
        if not window.status.has_reached(Status.NETTED):
            return WrongStep(window.number, window.status, Status.NETTED)
        kept, found = await kept_figures(connection, window), await replayed(connection, window)
        again = await _written_again(connection, window) if statements else ()
        return Replay(window.number, kept.digest, found.digest, again)


async def _written_again(connection: Connection, window: Window) -> tuple[ReplayedStatement, ...]:
    if not window.status.has_reached(Status.ADVISED):
        return ()
    kept = await advised(connection, window.id)
    files = await write_statements(connection, window, Path(), opening=unwritten)
    return tuple(
        ReplayedStatement(file.participant, file.format.value, _hash(kept.get(_key(file)), file.format), file.sha256)
        for file in files
    )


def _key(file: StatementFile) -> Key:
    return file.participant_id, file.format.value


def _hash(kept: Advised | None, written: Format) -> str | None:
    if kept is None:
        return ""
    return kept.sha256 if comparable(kept, written) else None


async def replayed(connection: Connection, window: Window) -> Figures:
    """The netted window's figures, from the transfers; only who took part is taken from the figures kept."""
    assert window.cut_off_at is not None, "an open window has no figures"
    participants = [position.participant_id for position in (await kept_figures(connection, window)).positions]
    openings = await _openings(connection, window, participants)
    closings, in_flight = await closings_at(connection, window, participants, window.cut_off_at)
    bare, found = divided(openings, closings, in_flight), list[Obligation]()
    if window.terms.netting is not Netting.MULTILATERAL:
        found = await counted_obligations(connection, window, participants)
        bare = owing(openings, closings, found)
    positions = tuple(await counted(connection, window, bare))
    paid = tuple(payments_of(positions, OPERATOR_ID, window.terms, found))
    stretch = (window.number, window.after, window.cut_off_at, in_flight)
    return Figures(*stretch, positions, paid, window.model, window.terms, tuple(found))


async def _openings(connection: Connection, window: Window, participants: list[UUID]) -> Mapping[UUID, int]:
    if window.after is None:
        return dict.fromkeys(participants, 0)
    return (await closings_at(connection, window, participants, window.after))[0]
