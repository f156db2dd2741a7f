"""Moving windows on when the bank has done its part."""

from brands import OPERATOR_ID
from core.clock import Clock
from core.database import Connection
from settlement.cash.payments import open_payments
from settlement.cash.postings import cash_accounts, own_part
from settlement.persons import Actor
from settlement.records import kept_figures
from settlement.refused import post_all
from settlement.steps import Status
from settlement.windows import Window, advance, lock_ordered


async def move_on(connection: Connection, actor: Actor, clock: Clock) -> list[Window]:
    """Take every step that payments allow: FUNDED when nothing is due, SETTLED when nothing is owed either.

    The windows that moved, as they now are, oldest first. Whoever calls holds the money, all windows whose payments may
    come in (`lock_paying`) and the accounts (`hold_accounts`), so that nothing is waited for here.
    """
    standing = await open_payments(connection)
    due = {payment.referred.window for payment in standing if payment.incoming}
    owed = {payment.referred.window for payment in standing if not payment.incoming}
    moved: list[Window] = []
    for window in await lock_ordered(connection):
        found = window
        if found.status is Status.INSTRUCTED and found.number not in due:
            found = await advance(connection, found, Status.FUNDED, actor, clock=clock)
        if found.status is Status.FUNDED and found.number not in owed:
            await _settle_own_part(connection, found, clock)
            found = await advance(connection, found, Status.SETTLED, actor, clock=clock)
        if found != window:
            moved.append(found)
    return moved


async def _settle_own_part(connection: Connection, window: Window, clock: Clock) -> None:
    figures = await kept_figures(connection, window)
    settled = next(position.settled for position in figures.positions if position.participant_id == OPERATOR_ID)
    transfer = own_part(window.id, settled)
    if transfer is not None:
        await post_all(connection, [transfer], cash_accounts([OPERATOR_ID]), clock)
