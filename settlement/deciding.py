"""The second person's decision on a proposal of any kind."""

from uuid import UUID

from core.database import Database
from core.errors import Refusal
from settlement.cash.deciding import decide_on
from settlement.cash.proposals import Decision, Proposal, Verdict
from settlement.effects import EFFECTS
from settlement.lapsing import lapse_beside
from settlement.persons import Actor
from settlement.ports import SILENT, Outbox


async def decide(
    database: Database,
    proposal_id: UUID,
    actor: Actor,
    verdict: Decision,
    *,
    digest: str,
    reason: str,
    outbox: Outbox = SILENT,
) -> Proposal | Refusal:
    """Approve exactly what has this digest, as another person than the proposer, or reject it.

    The same decision by the same person changes nothing; anybody else is told who has decided. What an approval makes
    impossible is closed with the reason.
    """
    decided = await decide_on(
        database, proposal_id, actor, verdict, effects=EFFECTS, reason=reason, digest=digest, outbox=outbox
    )
    if isinstance(decided, Proposal) and decided.verdict is Verdict.APPROVED:
        await lapse_beside(database, decided)
    return decided
