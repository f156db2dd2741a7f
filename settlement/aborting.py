"""Giving a window up before any cash is ordered or seen: its lines are settled with those of the next window.

One person may, with a reason, as long as nobody has approved the figures. What two persons have approved, only two
persons take back: one proposes it, another decides.
"""

from typing import TypeAlias
from uuid import UUID

from core.clock import Clock
from core.database import Connection, Database
from core.errors import Refusal
from core.refusals import NetDebitCapReached
from settlement.cash.deposits import unearmark
from settlement.cash.errors import ProposalOpen
from settlement.cash.locking import hold_accounts, lock_money
from settlement.cash.proposals import Kind, Proposal, keep_proposal, waiting_on
from settlement.errors import (
    AbortTooLate,
    CashSeen,
    FiguresChanged,
    LaterWindowClosed,
    ReasonMissing,
    TwoPersonsNeeded,
    WindowNotFound,
    WrongStep,
)
from settlement.persons import Actor
from settlement.postings import positions_of, release, undoing
from settlement.records import cash_seen, kept_figures, reserved_participants
from settlement.refused import CapReached, post_all
from settlement.steps import BEFORE_CASH, Status
from settlement.windows import Window, advance, closed_after, lock

_Standing: TypeAlias = WindowNotFound | WrongStep | AbortTooLate | LaterWindowClosed | CashSeen
AbortRefusal: TypeAlias = _Standing | ReasonMissing | TwoPersonsNeeded | NetDebitCapReached


async def abort(database: Database, window_id: UUID, actor: Actor, *, reason: str) -> Window | AbortRefusal:
    """Give up a window that nobody has approved yet."""
    if not reason.strip():
        return ReasonMissing()
    try:
        async with database.transaction() as connection:
            await lock_money(connection)
            window = await _abortable(connection, window_id)
            if not isinstance(window, Window) or window.status is Status.ABORTED:
                return window
            if window.status.has_reached(Status.APPROVED):
                return TwoPersonsNeeded(window.number)
            return await _abort(connection, window, actor, database.clock, reason.strip())
    except CapReached as reached:
        return reached.refusal


async def propose_abort(
    database: Database, window_id: UUID, actor: Actor, *, reason: str
) -> Proposal | _Standing | ProposalOpen | ReasonMissing:
    """Propose that a window which was approved, and for which no cash has moved, be given up."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        window = await _abortable(connection, window_id)
        if not isinstance(window, Window):
            return window
        if not window.status.has_reached(Status.APPROVED):
            return WrongStep(window.number, window.status, Status.APPROVED)
        waiting = await waiting_on(connection, [window_id], Kind.ABORT)
        if waiting:
            return ProposalOpen(waiting[0][1].id, Kind.ABORT.value, waiting[0][1].proposed_by)
        content = {
            "window_id": str(window_id),
            "window": window.number,
            "figures": (await kept_figures(connection, window)).digest,
        }
        return await keep_proposal(connection, Kind.ABORT, content, actor, reason.strip(), database.clock)


async def take_back(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> Refusal | None:
    """What the approval of such a proposal does."""
    window = await _abortable(connection, UUID(proposal.content["window_id"]))
    if not isinstance(window, Window):
        return window
    if not window.status.has_reached(Status.APPROVED):
        return WrongStep(window.number, window.status, Status.APPROVED)
    found = (await kept_figures(connection, window)).digest
    if found != proposal.content["figures"]:
        return FiguresChanged(window.number, str(proposal.content["figures"]), found)
    try:
        await _abort(connection, window, actor, clock, proposal.proposed_reason)
    except CapReached as reached:
        return reached.refusal
    return None


async def _abortable(connection: Connection, window_id: UUID) -> Window | _Standing:
    window = await lock(connection, window_id)
    if window is None:
        return WindowNotFound(str(window_id))
    if window.status is Status.ABORTED:
        return window
    if window.status.has_reached(Status.INSTRUCTED):
        return AbortTooLate(window.number, window.status)
    if window.status not in BEFORE_CASH:
        return WrongStep(window.number, window.status, Status.CLOSED)
    later = await closed_after(connection, window)
    if later is not None:
        return LaterWindowClosed(window.number, later)
    return CashSeen(window.number) if await cash_seen(connection, window) else window


async def _abort(connection: Connection, window: Window, actor: Actor, clock: Clock, reason: str) -> Window:
    figures = await kept_figures(connection, window)
    await hold_accounts(connection, positions_of(window, figures.positions))
    if window.status.has_reached(Status.NETTED):
        transfers = list(undoing(window, figures.positions))
        await unearmark(connection, window)
    else:
        reserved = await reserved_participants(connection, window)
        transfers = [release(window, p) for p in figures.positions if p.participant_id in reserved]
    await post_all(connection, transfers, [], clock)
    return await advance(connection, window, Status.ABORTED, actor, clock=clock, reason=reason)
