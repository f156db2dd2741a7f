"""Which of our lines is which of a brand's, in the database. What no longer holds is undone, not deleted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from asyncpg import Record

from brands import Program
from core.clock import Clock
from core.database import Connection
from core.ids import new_id
from settlement.reconciliation.line import Line
from settlement.reconciliation.rules import Found


async def keep_matches(
    connection: Connection,
    program: Program,
    found: Iterable[Found],
    line_ids: Mapping[str, str],
    clock: Clock,
    *,
    proposal_id: UUID | None = None,
) -> None:
    """Write what belongs together; `line_ids` are the brand's lines by key."""
    now = clock.now()
    records = []
    for it in found:
        group_id = new_id()
        records += [
            (
                *(new_id(), program.id, group_id, it.rule.value, UUID(line_ids[stated.key]), UUID(line.key)),
                *(line.reference, line.brand_reference, line.asset, line.amount, line.member, line.day),
                *(proposal_id, now),
            )
            for line in it.ours
            for stated in it.theirs
        ]
    await connection.copy_records_to_table("settlement_match", columns=_COLUMNS, records=records)


async def undo_matches(connection: Connection, line_ids: Sequence[UUID], clock: Clock) -> list[Line]:
    """Undo every match of these lines of the brand's; our lines that are free again."""
    rows = await connection.fetch(_UNDO, line_ids, clock.now())
    return list({row["transfer_id"]: _line(row) for row in rows}.values())


async def matched_transfers(connection: Connection, lines: Iterable[Line]) -> set[str]:
    """The keys of those of our lines that are matched."""
    keys = [UUID(line.key) for line in lines]
    return {str(row["transfer_id"]) for row in await connection.fetch(_MATCHED, keys)}


async def matched_references(connection: Connection, program: Program, references: Iterable[str]) -> set[str]:
    """Those of our references of which a line is matched."""
    rows = await connection.fetch(_REFERENCES, program.id, list({reference for reference in references if reference}))
    return {row["reference"] for row in rows}


def _line(row: Record) -> Line:
    named = str(row["transfer_id"]), row["reference"], row["brand_reference"]
    return Line(*named, row["asset"], row["amount"], row["member"], row["day"])


_COLUMNS: Final = (
    *("id", "program_id", "group_id", "rule", "brand_line_id", "transfer_id", "reference", "brand_reference"),
    *("asset", "amount", "member", "day", "proposal_id", "matched_at"),
)

_UNDO: Final = """
UPDATE settlement_match SET undone_at = $2
WHERE undone_at IS NULL AND group_id IN (
    SELECT group_id FROM settlement_match WHERE undone_at IS NULL AND brand_line_id = ANY($1::uuid[])
)
RETURNING transfer_id, reference, brand_reference, asset, amount, member, day
"""

_MATCHED: Final = "SELECT transfer_id FROM settlement_match WHERE undone_at IS NULL AND transfer_id = ANY($1::uuid[])"

_REFERENCES: Final = """
SELECT DISTINCT reference FROM settlement_match
WHERE program_id = $1 AND undone_at IS NULL AND reference = ANY($2::text[])
"""
