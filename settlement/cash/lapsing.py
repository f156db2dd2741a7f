"""Proposals that can no longer be done: they are closed with the reason, so that nobody waits for them."""

from typing import Final

from core.clock import Clock
from core.database import Connection
from core.errors import Refusal
from settlement.cash import errors as cash
from settlement.cash.proposals import Kind, Proposal, Verdict, keep_verdict
from settlement.errors import AbortTooLate, CashSeen, FiguresChanged, LaterWindowClosed, WindowNotFound, WrongStep
from settlement.persons import Actor
from settlement.reconciliation import errors as breaks

BY_ITSELF: Final = Actor("settlement job")
"""Who closes what no person does."""

_FOR_GOOD: Final = (
    *(cash.CashLineNotFound, cash.CashLineUsed, cash.AllocationTooLarge, cash.PaymentNotFound, cash.DisputeNotFound),
    cash.WrongDirection,
    *(breaks.BreakNotFound, breaks.BreakNotOpen, breaks.BreakChanged, breaks.NothingToMatch, breaks.NothingAtStake),
    *(breaks.Disputed, breaks.NotDisputed, breaks.MoreThanDisputed),
    *(WindowNotFound, WrongStep, AbortTooLate, LaterWindowClosed, CashSeen, FiguresChanged),
)
"""What does not pass. Caps, deposits and what a brand is still asked about may look otherwise tomorrow."""

_MAY_GROW: Final = frozenset({Kind.WITHDRAWAL, Kind.DRAW})
"""Proposals of an amount that is too large now and may not be later: deposits grow, all else only shrinks."""


def is_for_good(proposal: Proposal, refusal: Refusal) -> bool:
    """Whether a proposal that is refused like this can never be done any more."""
    shrunk = isinstance(refusal, cash.AmountTooLarge) and proposal.kind not in _MAY_GROW
    return shrunk or isinstance(refusal, _FOR_GOOD)


async def lapse(connection: Connection, proposal: Proposal, refusal: Refusal, clock: Clock) -> Proposal:
    """Close a locked, open proposal that can never be done any more."""
    return await keep_verdict(connection, proposal, Verdict.LAPSED, BY_ITSELF, refusal.message, clock)


async def superseded(connection: Connection, proposal: Proposal, clock: Clock) -> Proposal | None:
    """The locked, open proposal, closed, when what was proposed after it about the same thing has been approved."""
    later = await connection.fetchrow(_LATER, proposal.kind.value, proposal.id)
    if later is None:
        return None
    reason = f"Proposal {later['id']} about the same was made after it, and was approved by {later['decided_by']}."
    return await keep_verdict(connection, proposal, Verdict.SUPERSEDED, BY_ITSELF, reason, clock)


_LATER: Final = f"""
SELECT later.id, later.decided_by FROM settlement_proposal AS later
JOIN settlement_proposal AS it ON it.id = $2 AND later.id > it.id AND later.content -> CASE it.kind
    WHEN '{Kind.BANK_ACCOUNT}' THEN 'participant_id' ELSE 'model' END = it.content -> CASE it.kind
    WHEN '{Kind.BANK_ACCOUNT}' THEN 'participant_id' ELSE 'model' END
WHERE later.kind = $1 AND $1 IN ('{Kind.BANK_ACCOUNT}', '{Kind.MODEL}') AND later.decision = '{Verdict.APPROVED}'
LIMIT 1
"""
