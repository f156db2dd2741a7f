"""Which of our lines is which of a brand's, in the database. What no longer holds is undone, not deleted."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

import ledger.relations
from brands import Program
from core.clock import Clock
from core.database import Connection
from settlement.reconciliation.rules import Found
from settlement.reconciliation.sorting import Way


async def keep_found(connection: Connection, program: Program, clock: Clock) -> None:
    """Write all that was found in the staging, in the order of our transfers, as their index has them."""
    await connection.execute(_KEEP_FOUND, program.id, clock.now())


async def keep_matches(
    connection: Connection,
    program: Program,
    found: Iterable[Found],
    line_ids: Mapping[str, str],
    clock: Clock,
    *,
    proposal_id: UUID | None = None,
) -> None:
    """Write what persons say belongs together; `line_ids` are the brand's lines by key."""
    now = clock.now()
    records = [
        (
            *(program.id, it.rule.value, UUID(line_ids[stated.key]), UUID(line.key), line.asset, line.amount),
            *(proposal_id, now),
        )
        for it in found
        for line in it.ours
        for stated in it.theirs
    ]
    await connection.copy_records_to_table("settlement_match", columns=_COLUMNS, records=records)
    await connection.execute(_NOT_LOOSE, [record[2] for record in records])


async def matched_ways(connection: Connection, program: Program, references: Iterable[str]) -> frozenset[Way]:
    """Those of our references of which a line is matched, and which way it went."""
    wanted = [reference for text in set(references) if (reference := _id(text))]
    rows = await connection.fetch(_WAYS, program.id, wanted) if wanted else []
    return frozenset((str(row["reference"]), row["in_money"], row["gains"]) for row in rows)


def _id(text: str) -> UUID | None:
    """What a brand gives as our reference may be anything."""
    try:
        return UUID(text)
    except ValueError:
        return None


_COLUMNS: Final = (
    *("program_id", "rule", "brand_line_id", "transfer_id", "asset", "amount"),
    *("proposal_id", "matched_at"),
)

_KEEP_FOUND: Final = """
INSERT INTO settlement_match (program_id, rule, brand_line_id, transfer_id, asset, amount, matched_at)
SELECT $1, rule, brand_line_id, transfer_id, asset, amount, $2 FROM recon_found ORDER BY transfer_id
"""

_NOT_LOOSE: Final = "UPDATE settlement_brand_line SET loose = false WHERE id = ANY($1::uuid[])"

_WAYS: Final = f"""
SELECT DISTINCT line.reference, match.asset = 'CNY' AS in_money, match.amount > 0 AS gains
FROM ({ledger.relations.lines_of_references("SELECT unnest($2::uuid[]) AS reference")}) AS line
JOIN settlement_match AS match USING (transfer_id)
WHERE match.program_id = $1 AND match.undone_at IS NULL
"""
