"""Money that moves because of a break: between the operator's position and the participant's, by a decision.

So the positions still sum to zero, and it is settled with the window that is open. Each movement is a line of its own
in both positions: Dr position OPERATOR / Cr position participant, or the other way round.
"""

from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from brands import directory
from brands.accounts import operator_position_account, position_account
from core.clock import Clock
from core.database import Connection
from core.ids import derive_id
from core.refusals import NetDebitCapReached
from exchange import movements_by_id
from ledger import Transfer
from settlement.cash.proposals import Proposal
from settlement.reconciliation.breaks import Break
from settlement.reconciliation.write_offs import MovedFor, WriteOff, keep_write_off
from settlement.refused import CapReached, post_all

Amount: TypeAlias = tuple[MovedFor, int]
"""Why, and micro-CNY that the participant gains."""


async def move(
    connection: Connection, it: Break, proposal: Proposal, amounts: Sequence[Amount], clock: Clock
) -> NetDebitCapReached | None:
    """Post and keep what an approved proposal moves; nothing of it where a cap is in the way."""
    network = await directory(connection)
    participant = network.brands[network.programs[it.program_id].participant_id]
    accounts = [operator_position_account(), position_account(participant)]
    moved = [
        WriteOff(derive_id(proposal.id, kind.lower().replace("_", "-")), it.id, participant.id, amount, kind)
        for kind, amount in amounts
    ]
    transfers = [_transfer(each, *(account.id for account in accounts)) for each in moved]
    try:
        await post_all(connection, transfers, accounts, clock)
    except CapReached as reached:
        return reached.refusal
    for each in moved:
        await keep_write_off(connection, each, proposal.id, clock.now())
    return None


async def movable(connection: Connection, it: Break) -> int:
    """What is at stake between participants, in micro-CNY; a brand's own awards and burns move nothing between them."""
    if it.anchor.startswith("late:"):
        return 0  # it lies in suspense, and the exchange's own decision takes it from there
    references = {line.reference for line in (*it.ours, *(stated.line for stated in it.theirs))}
    own = await movements_by_id(connection, {UUID(text) for text in references if is_id(text)})
    return -it.written_off if own else it.at_stake


def is_id(text: str) -> bool:
    """Whether it can be one of our ids."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _transfer(it: WriteOff, operator: UUID, participant: UUID) -> Transfer:
    debit, credit = (operator, participant) if it.amount_micro > 0 else (participant, operator)
    return Transfer(it.id, debit, credit, abs(it.amount_micro), it.kind.code, reference=it.id)
