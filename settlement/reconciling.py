"""Whether the window's books are borne out by the records of exchanges and rights, in both directions.

Every line must be what its exchange, grant or redemption says, and the exchanges of the window must come to what the
lines come to, so that none is missing.
"""

from collections.abc import AsyncIterator
from typing import Final, TypeAlias
from uuid import UUID

from core.codes import Code
from core.database import Connection, Database
from exchange import position_totals
from settlement.errors import BooksDiffer, Difference, WindowNotFound, WrongStep
from settlement.figures import Figures
from settlement.lines import PositionLine, doubtful_lines
from settlement.origins import Origin
from settlement.persons import Actor
from settlement.records import kept_figures
from settlement.steps import Status
from settlement.windows import Ready, Window, advance, begin

DIFFERENCES_MAX: Final = 100
"""How many differences one answer names."""

EXCHANGE_CODES: Final = frozenset(
    {Code.POSITION_DEBIT, Code.POSITION_CREDIT, Code.FEE, Code.ROUNDING}
    | {Code.POSITION_REFUND, Code.POSITION_REVERSAL, Code.FEE_REVERSAL, Code.POSITION_LATE}
)
"""The codes with which exchanges touch positions."""

ReconciliationRefusal: TypeAlias = WindowNotFound | WrongStep | BooksDiffer


async def reconcile(
    database: Database, window_id: UUID, actor: Actor, *, reason: str = ""
) -> Window | ReconciliationRefusal:
    """Compare the closed window with the records it stands for; it moves on only when nothing differs."""
    async with database.transaction() as connection:
        begun = await begin(connection, window_id, needed=Status.CLOSED, goal=Status.RECONCILED)
        if not isinstance(begun, Ready):
            return begun
        window = begun.window
        differences = await _first_differences(connection, window)
        if differences:
            return BooksDiffer(window.number, differences)
        return await advance(connection, window, Status.RECONCILED, actor, clock=database.clock, reason=reason.strip())


async def _first_differences(connection: Connection, window: Window) -> tuple[Difference, ...]:
    found: list[Difference] = []
    async for difference in _differences(connection, window):
        found.append(difference)
        if len(found) == DIFFERENCES_MAX:
            break
    return tuple(found)


async def _differences(connection: Connection, window: Window) -> AsyncIterator[Difference]:
    figures = await kept_figures(connection, window)
    for position in figures.positions:
        async for batch in doubtful_lines(connection, window, position.participant_id):
            for line, origin in batch:
                if difference := _difference(line, origin, position.participant_id):
                    yield difference
    for difference in await _missing(connection, figures):
        yield difference


def _difference(line: PositionLine, origin: Origin | None, participant_id: UUID) -> Difference | None:
    legs = origin.legs if origin else {}
    expected = legs.get((participant_id, line.code), 0)
    if expected == line.posted:
        return None
    return Difference(line.reference, participant_id, line.code, expected, line.posted)


async def _missing(connection: Connection, figures: Figures) -> list[Difference]:
    stretch = (figures.after, figures.cut_off_at)
    expected = await position_totals(connection, after=stretch[0], until=stretch[1], model=figures.model)
    posted = {
        (position.participant_id, subtotal.code): subtotal.credits - subtotal.debits
        for position in figures.positions
        for subtotal in position.subtotals
        if subtotal.code in EXCHANGE_CODES
    }
    return [
        Difference(None, who, code, expected.get((who, code), 0), posted.get((who, code), 0))
        for who, code in sorted(expected.keys() | posted.keys())
        if expected.get((who, code), 0) != posted.get((who, code), 0)
    ]
