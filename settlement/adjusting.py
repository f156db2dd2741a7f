"""Correcting a closed window: its figures stand, and the correction is settled with the window that is open.

Dr position payer / Cr position payee, in the model of the corrected window; one proposes, another decides.
"""

from typing import Final, TypeAlias
from uuid import UUID

from brands import OPERATOR_ID, Directory, directory
from brands.accounts import operator_position_account, position_account
from core.clock import Clock
from core.codes import Code
from core.database import Connection, Database
from core.ids import derive_id
from core.refusals import NetDebitCapReached
from ledger import Account, Transfer
from settlement.adjustments import Adjustment, keep_adjustment
from settlement.cash.errors import AmountTooLarge, NotInModel, OneParticipant, UnknownParticipant, WindowNotClosed
from settlement.cash.proposals import Kind, Proposal, keep_proposal
from settlement.errors import ReasonMissing, WindowNotFound
from settlement.netting import FEN_MICRO
from settlement.participants import codes
from settlement.persons import Actor
from settlement.positions import position_accounts
from settlement.refused import CapReached, post_all
from settlement.steps import Status
from settlement.windows import Window, find

AMOUNT_MAX_MICRO: Final = 10**15
"""One billion CNY."""

AdjustmentRefusal: TypeAlias = (
    WindowNotFound | WindowNotClosed | UnknownParticipant | OneParticipant | NotInModel | AmountTooLarge
)


async def propose_adjustment(
    database: Database, window_id: UUID, payer: str, payee: str, amount_micro: int, actor: Actor, *, reason: str
) -> Proposal | AdjustmentRefusal | ReasonMissing:
    """Propose that `payer` owe `payee` (codes; `operator` is one) more, by micro-CNY, because of a closed window."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        found = await _possible(connection, window_id, payer, payee, amount_micro)
        if not isinstance(found, Adjustment):
            return found
        window = await find(connection, window_id)
        assert window is not None, "it has been corrected"
        content = {
            "window_id": str(window_id),
            "window": window.number,
            "model": found.model,
            "payer": payer,
            "payee": payee,
            "amount_micro": amount_micro,
        }
        return await keep_proposal(connection, Kind.ADJUSTMENT, content, actor, reason.strip(), database.clock)


async def adjust(
    connection: Connection, proposal: Proposal, actor: Actor, clock: Clock
) -> AdjustmentRefusal | NetDebitCapReached | None:
    """What the approval of such a proposal does."""
    del actor
    content = proposal.content
    parties = (str(content["payer"]), str(content["payee"]), int(content["amount_micro"]))
    found = await _possible(connection, UUID(content["window_id"]), *parties, key=derive_id(proposal.id, "adjustment"))
    if not isinstance(found, Adjustment):
        return found
    network = await directory(connection)
    payer, payee = (_position(network, who, found.model) for who in (found.payer_id, found.payee_id))
    await keep_adjustment(connection, found, proposal.id, clock.now())
    transfer = Transfer(found.id, payer.id, payee.id, found.amount_micro, Code.ADJUSTMENT, reference=found.id)
    try:
        await post_all(connection, [transfer], [payer, payee], clock)
    except CapReached as reached:
        return reached.refusal
    return None


def _position(network: Directory, who: UUID, model: str) -> Account:
    return operator_position_account(model) if who == OPERATOR_ID else position_account(network.brands[who], model)


async def _possible(
    connection: Connection, window_id: UUID, payer: str, payee: str, amount_micro: int, key: UUID | None = None
) -> Adjustment | AdjustmentRefusal:
    window = await find(connection, window_id)
    refused = _window_refused(window, window_id)
    if window is None or refused is not None:
        return refused or WindowNotFound(str(window_id))
    ids = {code: who for who, code in (await codes(connection)).items()}
    allowed = {account.owner for account in await position_accounts(connection, window.model)}
    for code in (payer, payee):
        if code not in ids:
            return UnknownParticipant(code)
        if ids[code] not in allowed:
            return NotInModel(code, window.model)
    if payer == payee:
        return OneParticipant(payer)
    if not 0 < amount_micro <= AMOUNT_MAX_MICRO:
        return AmountTooLarge(AMOUNT_MAX_MICRO // FEN_MICRO)
    return Adjustment(key or window_id, window_id, window.number, window.model, ids[payer], ids[payee], amount_micro)


def _window_refused(window: Window | None, window_id: UUID) -> WindowNotFound | WindowNotClosed | None:
    if window is None:
        return WindowNotFound(str(window_id))
    return WindowNotClosed(window.number) if window.status in {Status.OPEN, Status.CLOSING} else None
