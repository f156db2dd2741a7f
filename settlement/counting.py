"""What the lines of a window come to, counted from the ledger's transfers."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from core.codes import Code
from core.database import Connection
from ledger import turnover
from settlement.figures import Position, Subtotal
from settlement.postings import position_account_id
from settlement.windows import Window


async def counted(connection: Connection, window: Window, positions: Iterable[Position]) -> list[Position]:
    """The positions with the subtotals of their lines. Netting is not a line: it settles what other lines left."""
    found = list(positions)
    subtotals = await _subtotals(connection, window, [position.participant_id for position in found])
    return [replace(position, subtotals=tuple(subtotals[position.participant_id])) for position in found]


async def _subtotals(
    connection: Connection, window: Window, participants: Iterable[UUID]
) -> dict[UUID, list[Subtotal]]:
    accounts = {position_account_id(participant): participant for participant in participants}
    subtotals: dict[UUID, list[Subtotal]] = {participant: [] for participant in accounts.values()}
    for found in await turnover(connection, list(accounts), after=window.after, until=window.cut_off_at):
        if found.code != Code.NETTING:
            subtotals[accounts[found.account_id]].append(
                Subtotal(found.code, found.debits, found.credits, found.transfers)
            )
    return subtotals
