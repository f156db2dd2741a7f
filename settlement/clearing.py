"""Netting a window: the step that turns positions into amounts due and owed."""

from typing import TypeAlias
from uuid import UUID

from brands import OPERATOR_ID
from core.database import Connection, Database
from core.refusals import NetDebitCapReached
from settlement.cash.deposits import earmark
from settlement.cash.locking import hold_accounts, lock_money
from settlement.errors import WindowNotFound, WrongStep
from settlement.figures import Figures, payments_of
from settlement.netting import Payment
from settlement.persons import Actor
from settlement.postings import counter_accounts, netting, positions_of
from settlement.records import keep_payments, kept_figures, reserved_participants
from settlement.refused import CapReached, post_all
from settlement.steps import Status
from settlement.windows import Ready, Window, advance, begin

NettingRefusal: TypeAlias = WindowNotFound | WrongStep | NetDebitCapReached


async def net(database: Database, window_id: UUID, actor: Actor, *, reason: str = "") -> Window | NettingRefusal:
    """Turn every position into an amount due or owed, in one linked group, and name the payments."""
    try:
        async with database.transaction() as connection:
            await lock_money(connection)
            begun = await begin(connection, window_id, needed=Status.RECONCILED, goal=Status.NETTED)
            if not isinstance(begun, Ready):
                return begun
            figures = await kept_figures(connection, begun.window)
            await hold_accounts(connection, positions_of(begun.window, figures.positions))
            await _post_netting(connection, database, begun.window, figures)
            await earmark(connection, begun.window, figures)
            await keep_payments(connection, begun.window, _payments(figures))
            return await advance(
                connection, begun.window, Status.NETTED, actor, clock=database.clock, reason=reason.strip()
            )
    except CapReached as reached:
        return reached.refusal


def _payments(figures: Figures) -> list[Payment]:
    return payments_of(figures.positions, OPERATOR_ID, figures.terms, figures.obligations)


async def _post_netting(connection: Connection, database: Database, window: Window, figures: Figures) -> None:
    reserved = await reserved_participants(connection, window)
    transfers = list(netting(window, figures.positions, reserved))
    await post_all(connection, transfers, counter_accounts(figures.positions), database.clock)
