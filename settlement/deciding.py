"""The second person's decision on a proposal of any kind."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from core.database import Database
from core.errors import Refusal
from settlement.aborting import take_back
from settlement.adjusting import adjust
from settlement.agreeing import agree
from settlement.cash.deciding import CASH_EFFECTS, Effect, decide_on
from settlement.cash.proposals import Kind, Proposal, Verdict
from settlement.persons import Actor
from settlement.ports import SILENT, Outbox
from settlement.reconciliation.resolving import BREAK_EFFECTS

EFFECTS: Final[Mapping[Kind, Effect]] = {
    **CASH_EFFECTS,
    **BREAK_EFFECTS,
    Kind.MODEL: agree,
    Kind.ADJUSTMENT: adjust,
    Kind.ABORT: take_back,
}
"""What the approval of each kind does."""


async def decide(
    database: Database,
    proposal_id: UUID,
    actor: Actor,
    verdict: Verdict,
    *,
    digest: str,
    reason: str,
    outbox: Outbox = SILENT,
) -> Proposal | Refusal:
    """Approve exactly what has this digest, as another person than the proposer, or reject it.

    The same decision again changes nothing.
    """
    return await decide_on(
        database, proposal_id, actor, verdict, effects=EFFECTS, reason=reason, digest=digest, outbox=outbox
    )
