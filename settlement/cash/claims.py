"""What open proposals claim of movements, payments and disputes: no fen of them is proposed for twice.

Parts may wait side by side, as long as they come to no more than what is left. Whoever asks holds the money
(`lock_money`), so that of two at once the second sees the first.
"""

from collections.abc import Mapping
from uuid import UUID

from core.database import Connection
from settlement.cash.errors import ProposalOpen
from settlement.cash.proposals import waiting_on


async def already_claimed(connection: Connection, amount_fen: int, left: Mapping[UUID, int]) -> ProposalOpen | None:
    """Why `amount_fen` more cannot be proposed for each of these things, of which so much is `left`."""
    waiting = await waiting_on(connection, left)
    for thing, left_fen in left.items():
        claims = [proposal for about, proposal in waiting if about == thing]
        free_fen = left_fen - sum(int(it.content.get("amount_fen", 0)) for it in claims)
        if claims and amount_fen > free_fen:
            return ProposalOpen(claims[0].id, claims[0].kind.value, claims[0].proposed_by, max(0, free_fen))
    return None
