"""Netting a window, and giving one up: the two steps that post."""

from typing import TypeAlias
from uuid import UUID

from brands import OPERATOR_ID
from core.database import Connection, Database
from core.refusals import NetDebitCapReached
from settlement.errors import CashSeen, LaterWindowClosed, ReasonMissing, WindowNotFound, WrongStep
from settlement.figures import Figures, payments_of
from settlement.persons import Actor
from settlement.postings import counter_accounts, netting, release, undoing
from settlement.records import cash_seen, keep_payments, kept_figures, reserved_participants
from settlement.refused import CapReached, post_all
from settlement.steps import BEFORE_CASH, Status
from settlement.windows import Ready, Window, advance, begin, closed_after, lock

NettingRefusal: TypeAlias = WindowNotFound | WrongStep | NetDebitCapReached
AbortRefusal: TypeAlias = WindowNotFound | WrongStep | ReasonMissing | LaterWindowClosed | CashSeen | NetDebitCapReached


async def net(database: Database, window_id: UUID, actor: Actor, *, reason: str = "") -> Window | NettingRefusal:
    """Turn every position into an amount due or owed, in one linked group, and name the payments."""
    try:
        async with database.transaction() as connection:
            begun = await begin(connection, window_id, needed=Status.RECONCILED, goal=Status.NETTED)
            if not isinstance(begun, Ready):
                return begun
            figures = await kept_figures(connection, begun.window)
            await _post_netting(connection, database, begun.window, figures)
            await keep_payments(connection, begun.window, payments_of(figures.positions, OPERATOR_ID))
            return await advance(
                connection, begun.window, Status.NETTED, actor, clock=database.clock, reason=reason.strip()
            )
    except CapReached as reached:
        return reached.refusal


async def abort(database: Database, window_id: UUID, actor: Actor, *, reason: str) -> Window | AbortRefusal:
    """Give the window up before any cash is ordered or seen: its lines are settled with those of the next window."""
    if not reason.strip():
        return ReasonMissing()
    try:
        async with database.transaction() as connection:
            return await _abort(connection, database, window_id, actor, reason.strip())
    except CapReached as reached:
        return reached.refusal


async def _abort(
    connection: Connection, database: Database, window_id: UUID, actor: Actor, reason: str
) -> Window | AbortRefusal:
    window = await lock(connection, window_id)
    if window is None:
        return WindowNotFound(str(window_id))
    if window.status is Status.ABORTED:
        return window
    if window.status not in BEFORE_CASH:
        return WrongStep(window.number, window.status, Status.ADVISED)
    later = await closed_after(connection, window)
    if later is not None:
        return LaterWindowClosed(window.number, later)
    if await cash_seen(connection, window):
        return CashSeen(window.number)
    await _take_back(connection, database, window)
    return await advance(connection, window, Status.ABORTED, actor, clock=database.clock, reason=reason)


async def _post_netting(connection: Connection, database: Database, window: Window, figures: Figures) -> None:
    reserved = await reserved_participants(connection, window)
    transfers = list(netting(window, figures.positions, reserved))
    await post_all(connection, transfers, counter_accounts(figures.positions), database.clock)


async def _take_back(connection: Connection, database: Database, window: Window) -> None:
    figures = await kept_figures(connection, window)
    if window.status.has_reached(Status.NETTED):
        transfers = list(undoing(window, figures.positions))
    else:
        reserved = await reserved_participants(connection, window)
        transfers = [release(window, p) for p in figures.positions if p.participant_id in reserved]
    await post_all(connection, transfers, [], database.clock)
