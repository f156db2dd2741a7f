"""The lines of a participant's position in one window, from the ledger, each with what it stands for.

Read through a cursor, exchanges joined in the database: a window may have millions of lines.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from brands import Directory, directory
from core.codes import Code
from core.database import Connection
from exchange.relations import POSITION_ENDS, POSITION_LEGS
from ledger.relations import ACCOUNT_LINES, ORDERED_ACCOUNT_LINES
from settlement.origins import Ends, Origin, ends_of_exchange, origins
from settlement.postings import position_account_id
from settlement.windows import Window

BATCH: Final = 2_000
"""Lines that are read, explained and written at a time."""

BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
END: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PositionLine:
    """One posting to a position; credits positive, in micro-CNY."""

    transfer_id: UUID
    recorded_at: datetime
    code: int
    reference: UUID | None
    posted: int


@dataclass(frozen=True, slots=True)
class Explained:
    """A line of the ledger and what it stands for; None: nothing is known of it."""

    line: PositionLine
    origin: Ends | None


async def explained_lines(
    connection: Connection, window: Window, participant_id: UUID, *, since: datetime | None = None
) -> AsyncIterator[list[Explained]]:
    """The position's lines of the window in batches, in the order of recording; with `since`, those after it.

    Must be read inside a transaction.
    """
    account = position_account_id(participant_id, window.model)
    async for rows in _batches(connection, _LINES, account, since or window.after, window.cut_off_at):
        yield await _explain(connection, rows)


async def doubtful_lines(
    connection: Connection, window: Window, participant_id: UUID
) -> AsyncIterator[list[tuple[PositionLine, Origin | None]]]:
    """The lines that are not simply what an exchange puts into the position, each with all that it stands for."""
    account = position_account_id(participant_id, window.model)
    query = _batches(connection, _DOUBTFUL, account, window.after, window.cut_off_at, participant_id)
    async for rows in query:
        found = await origins(connection, {row["reference"] for row in rows if row["reference"]})
        yield [(_line(row), found.get(row["reference"])) for row in rows]


async def _batches(
    connection: Connection, query: str, account: UUID, after: datetime | None, until: datetime | None, *more: object
) -> AsyncIterator[Sequence[Record]]:
    await connection.execute(_ONE_BY_ONE)
    cursor = await connection.cursor(query, account, after or BEGINNING, until or END, *more)
    while rows := await cursor.fetch(BATCH):
        yield rows
    await connection.execute(_AS_EVER)


async def _explain(connection: Connection, rows: Sequence[Record]) -> list[Explained]:
    network = await directory(connection)
    others = await origins(connection, _without_exchange(rows))
    return [Explained(_line(row), _ends(network, row) or others.get(row["reference"])) for row in rows]


def _without_exchange(rows: Iterable[Record]) -> set[UUID]:
    return {row["reference"] for row in rows if row["source_participant_id"] is None and row["reference"]}


def _ends(network: Directory, row: Record) -> Ends | None:
    return None if row["source_participant_id"] is None else ends_of_exchange(network, *row[5:])


def _line(row: Record) -> PositionLine:
    return PositionLine(*row[:5])


# Each line is looked up by its key, in the order of recording: sorting or hashing part of the books reads them all.
_ONE_BY_ONE: Final = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
_AS_EVER: Final = "SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on"

_WANTED: Final = f"""
line.account_id = $1 AND line.recorded_at > $2 AND line.recorded_at <= $3 AND line.code <> {Code.NETTING:d}
"""

_LINES: Final = f"""
SELECT line.transfer_id, line.recorded_at, line.code, line.reference, line.posted,
    ends.source_participant_id, ends.target_participant_id,
    ends.source_program_id, ends.source_amount, ends.target_program_id, ends.target_amount
FROM ({ORDERED_ACCOUNT_LINES}) AS line LEFT JOIN ({POSITION_ENDS}) AS ends ON ends.reference = line.reference
WHERE {_WANTED}
ORDER BY line.recorded_at, line.place
"""

_DOUBTFUL: Final = f"""
SELECT line.transfer_id, line.recorded_at, line.code, line.reference, line.posted
FROM ({ACCOUNT_LINES}) AS line
WHERE {_WANTED} AND NOT EXISTS (
    SELECT FROM ({POSITION_LEGS}) AS leg
    WHERE leg.reference = line.reference AND leg.participant_id = $4 AND leg.code = line.code
        AND leg.amount = line.posted
)
"""
