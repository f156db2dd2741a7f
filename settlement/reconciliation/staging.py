"""Where both sides are laid out before they are compared: tables of one transaction, gone at its end.

A month has a million lines on each side. They are read, checked and compared as sets, in the database; Python holds a
few thousand at a time.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import asyncpg

from core.database import Connection
from core.ids import new_id
from settlement.reconciliation.break_kinds import StatedLine
from settlement.reconciliation.line import Line

OURS: Final = ("n", "key", "reference", "brand_reference", "asset", "amount", "member", "day")
THEIRS: Final = ("n", "id", "booked", *OURS[1:])

OLD_FROM: Final = 1_500_000_000
"""Lines of the brand with higher numbers were kept before; lower ones are those of the file that is taken in."""

# What no longer fits is put down in order and read in order. In 256 MB a million lines are looked up all over the
# memory, which takes longer for each of them than for each of a quarter, and no less in all.
_ROOM: Final = "SET LOCAL work_mem = '16MB'"
# What does not fit goes through the disk.
_BUFFERS: Final = "SET LOCAL temp_buffers = '512MB'"
# All plans here are scans, hashes and sorts: a look at some thousand lines is enough to choose among them.
_SAMPLE: Final = "SET LOCAL default_statistics_target = 10"
_LINE: Final = "reference text, brand_reference text, asset text, amount bigint, member text, day date"
_KEYED: Final = f"key text, {_LINE}"
_KEPT: Final = "transfer_id uuid, brand_line_id uuid, asset text, amount bigint"
_OPEN: Final = (
    _ROOM,
    _SAMPLE,
    f"CREATE TEMP TABLE recon_ours (n integer, key uuid, {_LINE}) ON COMMIT DROP",
    f"CREATE TEMP SEQUENCE recon_ids START {2**47} CACHE 1000",  # goes with its owner, which is ON COMMIT DROP
    f"CREATE TEMP TABLE recon_theirs (id uuid DEFAULT {{id}}, booked boolean, n integer, {_KEYED}) ON COMMIT DROP",
    "ALTER SEQUENCE recon_ids OWNED BY recon_theirs.n",
    f"CREATE TEMP TABLE recon_found (rule text, g integer, ours integer, theirs integer, {_KEPT}) ON COMMIT DROP",
    "CREATE TEMP TABLE recon_freed (transfer_id uuid) ON COMMIT DROP",
)
"""What was found has all that is kept of it, so that nothing has to be looked up again; `amount` is ours.

Freed are those of our lines whose matches were undone because the brand corrected its line."""


# A million ids are made from one by counting in its last 48 bits, which are random: they are in order, as the rows are.
_COUNTED: Final = "('{base}' || to_hex(nextval('pg_temp.recon_ids')))::uuid"


async def open_staging(connection: Connection) -> None:
    """Make the tables, in the transaction that is open."""
    counted = _COUNTED.format(base=str(new_id())[:24])
    with suppress(asyncpg.PostgresError):  # too late once this connection has used temporary tables
        async with connection.transaction():
            await connection.execute(_BUFFERS)
    for statement in _OPEN:
        await connection.execute(statement.format(id=counted))


async def stage_ours(connection: Connection, lines: Iterable[tuple[int, Line]]) -> None:
    """Lay out lines of ours with their numbers, which nothing else there has."""
    await connection.copy_records_to_table(
        "recon_ours",
        columns=OURS,
        records=(
            (n, it.key, it.reference, it.brand_reference, it.asset, it.amount, it.member, it.day) for n, it in lines
        ),
    )


async def stage_theirs(connection: Connection, lines: Iterable[tuple[int, StatedLine]]) -> None:
    """Lay out lines of the brand with their numbers, all above zero, which nothing else there has."""
    await connection.copy_records_to_table("recon_theirs", columns=THEIRS, records=map(_stated, lines))


def _stated(numbered: tuple[int, StatedLine]) -> tuple[object, ...]:
    n, it = numbered
    line = it.line
    named = n, it.id, it.booked, line.key, line.reference, line.brand_reference
    return (*named, line.asset, line.amount, line.member, line.day)
