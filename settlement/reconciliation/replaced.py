"""Lines of a break that a correction has replaced since the break was last compared, and what is valid instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.database import Database
from settlement.reconciliation.break_kinds import StatedLine
from settlement.reconciliation.breaks import Break
from settlement.reconciliation.line import Line


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a correction says in place of a line."""

    now: StatedLine | None
    """None: the brand has taken the line back."""


async def replacements(database: Database, breaks: Sequence[Break]) -> Mapping[str, Replacement]:
    """What is valid instead, by the id of each line of the brand's in these breaks that is no longer valid."""
    ids = [UUID(stated.id) for it in breaks for stated in it.theirs]
    if not ids:
        return {}
    async with database.connection() as connection:
        rows = await connection.fetch(_REPLACED, ids)
    return {str(row["old_id"]): Replacement(_stated(*tuple(row)[1:]) if row["amount"] else None) for row in rows}


def _stated(line_id: UUID, booked: bool, *line: object) -> StatedLine:  # noqa: FBT001 - as the row has it
    return StatedLine(str(line_id), booked, Line(*line))  # type: ignore[arg-type]


_REPLACED: Final = """
SELECT old.id AS old_id, valid.id, valid.booked, valid.key, valid.reference,
    rtrim(valid.key, '\N{FULLWIDTH YEN SIGN}') AS brand_reference, valid.asset, valid.amount, valid.member, valid.day
FROM settlement_brand_line AS old JOIN settlement_brand_line AS valid
    ON valid.program_id = old.program_id AND valid.key = old.key AND valid.current
WHERE old.id = ANY($1::uuid[]) AND NOT old.current
"""
