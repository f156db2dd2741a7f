"""What moved members' points of a program in our own ledger, told as a brand's system tells its own books."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import ledger.relations
import members.relations
from brands import Program
from core.amounts import format_amount
from core.database import Connection, Database
from exchange.brand_system import BrandTransaction

_LINES: Final = f"""
SELECT line.transfer_id, line.recorded_at, line.posted, coalesce(card.number, '') AS number,
    CASE WHEN movement.client_id = $4 THEN movement.idempotency_key END AS our_reference
FROM ledger_account AS account
JOIN ({ledger.relations.ORDERED_ACCOUNT_LINES}) AS line ON line.account_id = account.id
LEFT JOIN ({members.relations.NUMBERS}) AS card ON card.membership_id = account.owner
LEFT JOIN exchange_movement AS movement ON movement.id = line.transfer_id
WHERE account.asset = $1 AND account.purpose = 'member' AND line.recorded_at > $2 AND line.recorded_at <= $3
ORDER BY line.recorded_at, line.place, line.transfer_id
"""
_HEADERS: Final = ("booked_at", "number", "points", "reference", "our_reference")
_MICROSECOND: Final = timedelta(microseconds=1)


async def movements(
    database: Database, program: Program, after: datetime, until: datetime, client: str
) -> AsyncIterator[BrandTransaction]:
    """What was posted on members' cards in (after, until], oldest first; `client` is whose keys are our references."""
    async with database.connection() as connection:
        rows = await _lines(connection, program, after, until, client)
    for row in rows:
        yield row


async def day_statement(database: Database, program: Program, day: date, client: str) -> bytes:
    """The same of a day in the program's time zone, as CSV: amounts with the program's decimals, instants in UTC."""
    zone = ZoneInfo(program.time_zone)
    begin, end = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    async with database.connection() as connection:
        rows = await _lines(connection, program, begin - _MICROSECOND, end - _MICROSECOND, client)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADERS)
    for row in rows:
        points = format_amount(row.amount, program.scale)
        booked_at = row.recorded_at.astimezone(UTC).isoformat()
        writer.writerow((booked_at, row.number, points, row.brand_reference, row.our_reference or ""))
    return text.getvalue().encode()


async def _lines(
    connection: Connection, program: Program, after: datetime, until: datetime, client: str
) -> Sequence[BrandTransaction]:
    return [
        BrandTransaction(
            str(row["transfer_id"]), row["our_reference"], row["number"], row["posted"], row["recorded_at"]
        )
        for row in await connection.fetch(_LINES, program.asset, after, until, client)
    ]
