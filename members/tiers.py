"""A brand tells that a member's tier has changed."""

from typing import Final
from uuid import UUID

from brands import Program
from core.database import Database
from members.memberships import membership_by_number
from members.ports import SILENT, Outbox, TierChange

_CHANGE: Final = (
    "UPDATE members_membership SET tier = $2 WHERE id = $1 AND tier <> $2 AND status <> 'erased' RETURNING id"
)


async def change_tier(database: Database, program: Program, number: str, tier: str, *, outbox: Outbox = SILENT) -> bool:
    """Follow the brand, which calls the tier by its code or name; whether anything changed."""
    found = program.tier_named(tier)
    if found is None:
        return False
    async with database.transaction() as connection:
        card = await membership_by_number(connection, program.id, number)
        changed: UUID | None = await connection.fetchval(_CHANGE, card.id, found.code) if card else None
        if card is None or changed is None:
            return False
        change = TierChange(card.id, program.id, card.number, card.tier, found.code, database.clock.now())
        await outbox.tiered(connection, [change])
    return True
