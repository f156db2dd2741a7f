"""Everything about one window, for people who decide: figures, what it would pay, who did what."""

from dataclasses import dataclass, replace
from uuid import UUID

from brands import OPERATOR_ID
from core.clock import Clock
from core.database import Connection, Database
from settlement.approval import Approval, approvals
from settlement.cash.bank_accounts import missing_for
from settlement.counting import counted, counted_obligations
from settlement.errors import WindowNotFound
from settlement.figures import Figures, payments_of
from settlement.obligations import Obligation
from settlement.participants import codes, names
from settlement.positions import closings_now, divided, owing, position_accounts
from settlement.records import kept_figures, kept_names, openings_into, outstanding
from settlement.steps import Status
from settlement.terms import Netting
from settlement.windows import Step, Window, find, steps


@dataclass(frozen=True, slots=True)
class Overview:
    """One window as of one instant."""

    window: Window
    figures: Figures
    """Of an open window: as if it were closed now. Before netting, the payments are those that netting would name."""
    names: dict[UUID, str]
    """What the participants are called."""
    codes: dict[UUID, str]
    """By which they are named everywhere."""
    steps: tuple[Step, ...]
    """First step first."""
    approvals: tuple[Approval, ...]
    """Oldest first."""
    accounts_missing: tuple[str, ...] = ()
    """Before the bank is told: whose bank account it takes and nobody has agreed on, by code."""


async def overview(database: Database, window_id: UUID) -> Overview | WindowNotFound:
    """The window with its figures, as committed at one instant."""
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        window = await find(connection, window_id)
        if window is None:
            return WindowNotFound(str(window_id))
        called = await (names(connection) if window.status is Status.OPEN else kept_names(connection, window))
        history, submissions = await steps(connection, window_id), await approvals(connection, window_id)
        figures = await _figures(connection, window, database.clock)
        coded = await codes(connection)
        missing = await missing_for(connection, window, figures)
        return Overview(window, figures, called, coded, tuple(history), tuple(submissions), missing)


async def _figures(connection: Connection, window: Window, clock: Clock) -> Figures:
    figures = await (
        _as_of_now(connection, window, clock) if window.cut_off_at is None else kept_figures(connection, window)
    )
    if window.status.has_reached(Status.NETTED) or window.status is Status.ABORTED:
        return figures
    paid = payments_of(figures.positions, OPERATOR_ID, figures.terms, figures.obligations)
    return replace(figures, payments=tuple(paid))


async def _as_of_now(connection: Connection, window: Window, clock: Clock) -> Figures:
    openings = await openings_into(connection, window)
    participants = openings.keys() | {it.owner for it in await position_accounts(connection, window.model)}
    closings, in_flight = await closings_now(connection, window, participants, await outstanding(connection, window))
    bare, found = divided(openings, closings, in_flight), list[Obligation]()
    if window.terms.netting is not Netting.MULTILATERAL:
        found = await counted_obligations(connection, window, participants)
        bare = owing(openings, closings, found)
    positions = tuple(await counted(connection, window, bare))
    stretch = (window.number, window.after, clock.now(), in_flight)
    return Figures(*stretch, positions, (), window.model, window.terms, tuple(found))
