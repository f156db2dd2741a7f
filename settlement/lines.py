"""The lines of a participant's position in one window, from the ledger, each with what it stands for."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from core.codes import Code
from core.database import Connection
from ledger import StatementLine, statement
from settlement.origins import Origin, origins
from settlement.postings import position_account_id
from settlement.windows import Window

BATCH: Final = 2_000
"""Lines that are read, explained and written at a time."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A line of the ledger and what it stands for; None: nothing is known of it."""

    line: StatementLine
    origin: Origin | None


async def explained_lines(
    connection: Connection, window: Window, participant_id: UUID, *, since: datetime | None = None
) -> AsyncIterator[list[Explained]]:
    """The position's lines of the window in batches, in the order of recording; with `since`, those after it."""
    batch: list[StatementLine] = []
    account = position_account_id(participant_id, window.model)
    async for line in statement(connection, account, after=since or window.after, until=window.cut_off_at):
        if line.code == Code.NETTING or not line.posted:
            continue
        batch.append(line)
        if len(batch) == BATCH:
            yield await _explain(connection, batch)
            batch = []
    if batch:
        yield await _explain(connection, batch)


async def _explain(connection: Connection, batch: list[StatementLine]) -> list[Explained]:
    found = await origins(connection, {line.reference for line in batch if line.reference})
    return [Explained(line, found.get(line.reference) if line.reference else None) for line in batch]
