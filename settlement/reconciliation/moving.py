"""Money that moves because of a break, by a decision of two persons; the other way round where the participant loses.

write-off      Dr position OPERATOR / Cr position participant
dispute        Dr disputed / Cr position participant: a balance of its own until it is decided
dispute won    Dr position OPERATOR / Cr disputed
dispute lost   Dr position participant / Cr disputed

Each is a line of the window that is open. Positions and what is disputed sum to zero: in cash, the operator carries it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from brands import directory
from brands.accounts import break_disputed_account, operator_position_account, position_account
from core.clock import Clock
from core.database import Connection
from core.ids import derive_id
from core.refusals import NetDebitCapReached
from exchange import movements_by_id
from ledger import Account, Transfer
from settlement.cash.proposals import Proposal
from settlement.reconciliation.break_kinds import BreakKind, exchange_of
from settlement.reconciliation.breaks import Break
from settlement.reconciliation.errors import Disputed, NothingAtStake, StillAsked
from settlement.reconciliation.late import still_asked, told_late
from settlement.reconciliation.our_lines import is_posted
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
    books = _Accounts(
        operator_position_account(), position_account(participant), break_disputed_account(participant.id)
    )
    moved = [
        WriteOff(derive_id(proposal.id, kind.lower().replace("_", "-")), it.id, participant.id, amount, kind)
        for kind, amount in amounts
        if amount
    ]
    try:
        await post_all(connection, [books.transfer(each) for each in moved], books.opened, clock)
    except CapReached as reached:
        return reached.refusal
    for each in moved:
        await keep_write_off(connection, each, proposal.id, clock.now())
    return None


async def movable(connection: Connection, it: Break) -> int | StillAsked:
    """What is at stake between participants, in micro-CNY; a brand's own awards and burns move nothing between them.

    Nor does a late success that the saga has learnt of: its worth lies in suspense, and the exchange's case takes it
    from there. What was moved before it did can be taken back. Nor does a line that we are said not to have, and that
    names what we have posted.
    """
    late = exchange_of(it.anchor)
    if late is not None and await told_late(connection, [late]):
        return -it.written_off
    if late is not None and await still_asked(connection, late):
        return StillAsked()
    references = {line.reference for line in (*it.ours, *(stated.line for stated in it.theirs))}
    ids = {UUID(text) for text in references if is_id(text)}
    own = await movements_by_id(connection, ids)
    return -it.written_off if own or await _is_here(connection, it, ids) else it.at_stake


async def to_move(connection: Connection, it: Break, amount_micro: int) -> int | Disputed | StillAsked | NothingAtStake:
    """`amount_micro` (positive) with its sign, where so much can be moved because of an open break."""
    if it.disputed:
        return Disputed()
    at_stake = await movable(connection, it)
    if isinstance(at_stake, StillAsked):
        return at_stake
    if not 0 < amount_micro <= abs(at_stake):
        return NothingAtStake(abs(at_stake))
    return amount_micro if at_stake > 0 else -amount_micro


async def refused(connection: Connection, it: Break, amount_micro: int) -> StillAsked | NothingAtStake | None:
    """Why so much can no longer be moved; None: it can. What was proposed yesterday may have been posted since."""
    at_stake = await movable(connection, it)
    if isinstance(at_stake, StillAsked):
        return at_stake
    same_way = (amount_micro > 0) == (at_stake > 0)
    return None if same_way and abs(amount_micro) <= abs(at_stake) else NothingAtStake(abs(at_stake))


async def _is_here(connection: Connection, it: Break, ids: set[UUID]) -> bool:
    """Whether what a break says is missing here is posted, and so has been paid for or will be."""
    if it.kind is not BreakKind.MISSING_HERE or not ids:
        return False
    return await is_posted(connection, (await directory(connection)).programs[it.program_id], ids)


def is_id(text: str) -> bool:
    """Whether it can be one of our ids."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Accounts:
    operator: Account
    participant: Account
    disputed: Account

    @property
    def opened(self) -> list[Account]:
        return [self.operator, self.participant, self.disputed]

    def transfer(self, it: WriteOff) -> Transfer:
        giver, taker = self._ends(it.kind)
        debit, credit = (giver.id, taker.id) if it.amount_micro > 0 else (taker.id, giver.id)
        return Transfer(it.id, debit, credit, abs(it.amount_micro), it.kind.code, reference=it.id)

    def _ends(self, kind: MovedFor) -> tuple[Account, Account]:
        match kind:
            case MovedFor.WRITE_OFF:
                return self.operator, self.participant
            case MovedFor.DISPUTE:
                return self.disputed, self.participant
            case MovedFor.DISPUTE_WON:
                return self.operator, self.disputed
