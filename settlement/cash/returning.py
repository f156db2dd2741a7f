"""Money that came in by mistake and was sent back: two movements in suspense that explain each other."""

from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from core.clock import Clock
from core.database import Connection, Database
from core.ids import derive_id
from settlement.cash.allocating import CashLine, missing, movement
from settlement.cash.claims import already_claimed
from settlement.cash.errors import AmountTooLarge, CashLineNotFound, CashLineUsed, ProposalOpen
from settlement.cash.locking import lock_money
from settlement.cash.proposals import Kind, Proposal, keep_proposal
from settlement.errors import ReasonMissing
from settlement.persons import Actor

ReturnRefusal: TypeAlias = CashLineNotFound | CashLineUsed | AmountTooLarge


class Both(NamedTuple):
    """Two movements that explain each other."""

    incoming: CashLine
    outgoing: CashLine


async def propose_returned(
    database: Database, incoming_id: UUID, outgoing_id: UUID, amount_fen: int, actor: Actor, *, reason: str
) -> Proposal | ReturnRefusal | ProposalOpen | ReasonMissing:
    """Propose that `amount_fen` of a receipt went back with a payment out."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        await lock_money(connection)
        found = await _possible(connection, incoming_id, outgoing_id, amount_fen)
        if not isinstance(found, Both):
            return found
        waiting = await already_claimed(connection, amount_fen, {it.id: it.left_fen for it in found})
        if waiting is not None:
            return waiting
        content = {"incoming_id": str(incoming_id), "outgoing_id": str(outgoing_id), "amount_fen": amount_fen}
        content |= {"incoming": str(found.incoming), "outgoing": str(found.outgoing)}
        return await keep_proposal(connection, Kind.RETURNED, content, actor, reason.strip(), database.clock)


async def returned(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> ReturnRefusal | None:
    """What the approval of such a proposal does: nothing is posted, for suspense holds neither any more."""
    del actor
    incoming_id, outgoing_id = UUID(proposal.content["incoming_id"]), UUID(proposal.content["outgoing_id"])
    amount_fen = int(proposal.content["amount_fen"])
    found = await _possible(connection, incoming_id, outgoing_id, amount_fen)
    if not isinstance(found, Both):
        return found
    row = (derive_id(proposal.id, "returned"), incoming_id, outgoing_id, amount_fen, proposal.id, clock.now())
    await connection.execute(_KEEP, *row)
    return None


async def _possible(
    connection: Connection, incoming_id: UUID, outgoing_id: UUID, amount_fen: int
) -> Both | ReturnRefusal:
    incoming, outgoing = await movement(connection, incoming_id), await movement(connection, outgoing_id)
    if incoming is None or outgoing is None:
        return await missing(connection, outgoing_id if incoming else incoming_id)
    if incoming.amount_fen < 0 or outgoing.amount_fen > 0:
        return CashLineNotFound()
    most = min(incoming.left_fen, outgoing.left_fen)
    return Both(incoming, outgoing) if 0 < amount_fen <= most else AmountTooLarge(most)


_KEEP: Final = """
INSERT INTO settlement_returned (id, incoming_id, outgoing_id, amount_fen, proposal_id, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
