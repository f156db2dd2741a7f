"""Which of our lines is which of a brand's, in the database. What no longer holds is undone, not deleted."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from brands import Program
from core.clock import Clock
from core.database import Connection
from core.ids import new_id
from settlement.reconciliation.rules import Found
from settlement.reconciliation.sorting import Way


async def keep_found(connection: Connection, program: Program, clock: Clock) -> None:
    """Write all that was found in the staging, in the order of our lines."""
    await connection.execute(_KEEP_FOUND, program.id, clock.now(), str(new_id()), str(new_id()))


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
    await connection.execute(_NOT_LOOSE, [record[4] for record in records])


async def matched_ways(connection: Connection, program: Program, references: Iterable[str]) -> frozenset[Way]:
    """Those of our references of which a line is matched, and which way it went."""
    wanted = list({reference for reference in references if reference})
    rows = await connection.fetch(_WAYS, program.id, wanted) if wanted else []
    return frozenset((row["reference"], row["in_money"], row["gains"]) for row in rows)


_COLUMNS: Final = (
    *("id", "program_id", "group_id", "rule", "brand_line_id", "transfer_id", "reference", "brand_reference"),
    *("asset", "amount", "member", "day", "proposal_id", "matched_at"),
)

# A million ids are made from one by counting in its last 48 bits, which are random: they are in order, as the rows are.
_KEEP_FOUND: Final = f"""
INSERT INTO settlement_match ({", ".join(_COLUMNS)})
SELECT (left($3, 24) || to_hex(found.place + x'800000000000'::bigint))::uuid, $1,
    (left($4, 24) || to_hex(found.g + x'800000000000'::bigint))::uuid, found.rule, theirs.id, ours.key,
    ours.reference, ours.brand_reference, ours.asset, ours.amount, ours.member, ours.day, NULL, $2
FROM (
    SELECT rule, g, ours, theirs, row_number() OVER (ORDER BY ours, theirs) AS place FROM recon_found
) AS found
JOIN recon_ours AS ours ON ours.n = found.ours
JOIN recon_theirs AS theirs ON theirs.n = found.theirs
"""

_NOT_LOOSE: Final = "UPDATE settlement_brand_line SET loose = false WHERE id = ANY($1::uuid[])"

_WAYS: Final = """
SELECT DISTINCT reference, asset = 'CNY' AS in_money, amount > 0 AS gains FROM settlement_match
WHERE program_id = $1 AND undone_at IS NULL AND reference = ANY($2::text[])
"""
