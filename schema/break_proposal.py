"""What waits, or waited, for a second person about a break."""

from datetime import datetime

import strawberry

from core.amounts import format_amount
from schema.ids import global_id
from schema.scalars import Amount
from settlement.cash.proposals import Proposal, Verdict

CNY_DECIMALS = 6


@strawberry.type
class BreakProposal:
    """What one person proposed and another decides. What is told of its end is null while it is open."""

    id: strawberry.ID
    kind: str
    amount: Amount | None
    """In CNY, without a sign: what is written off, disputed or, at the end of a dispute, won; null for a match."""
    digest: str
    """Of all that it would do: what the second person names when deciding."""
    proposed_by: str
    proposed_at: datetime
    reason: str
    verdict: Verdict | None
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None

    @classmethod
    def of(cls, value: Proposal) -> "BreakProposal":
        """As the graph shows it."""
        micro = value.content.get("won_micro", value.content.get("amount_micro"))
        return cls(
            id=global_id("BreakProposal", value.id),
            kind=value.kind.value,
            amount=None if micro is None else Amount(format_amount(abs(int(micro)), CNY_DECIMALS)),
            digest=value.digest,
            proposed_by=value.proposed_by,
            proposed_at=value.proposed_at,
            reason=value.proposed_reason,
            verdict=value.verdict,
            decided_by=value.decided_by,
            decided_at=value.decided_at,
            decided_reason=value.decided_reason,
        )
