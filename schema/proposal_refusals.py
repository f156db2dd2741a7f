"""Why something was not proposed, or not decided.

What clients tell apart has a type of its own; everything else about money, models and breaks is `SettlementRefused`,
whose code is the domain's own name for it.
"""

import re
from typing import TypeAlias

import strawberry

import settlement
from core.amounts import format_amount
from core.errors import Refusal as DomainRefusal
from schema.ids import global_id
from schema.rate_refusals import ProposalNotFound
from schema.refusals import Refusal
from schema.scalars import Amount
from schema.settlement_refusals import ReasonMissing, WindowNotFound
from settlement import cash

strawberry.enum(cash.Verdict, name="ProposalVerdict")


@strawberry.type
class OwnProposal(Refusal):
    """Whoever proposed it cannot also approve it."""


@strawberry.type
class ProposalChanged(Refusal):
    """What was proposed is not what was named: the digest is another one."""

    digest: str
    """Of the proposal."""


@strawberry.type
class NotProposer(Refusal):
    """Only whoever proposed it takes it back; anybody else rejects it."""

    proposed_by: str


@strawberry.type
class ProposalEnded(Refusal):
    """It does not wait for a decision any more: it was decided on, taken back, or could no longer be done."""

    verdict: cash.Verdict
    by: str
    reason: str


@strawberry.type
class ProposalOpen(Refusal):
    """A proposal about the same movement, payment, dispute or window waits for a second person already."""

    proposal_id: strawberry.ID
    kind: str
    """What it proposes."""
    proposed_by: str
    free: Amount
    """In CNY: what no open proposal claims of it."""


@strawberry.type
class SettlementRefused(Refusal):
    """Something about the money, the model or the break is in the way. Nothing was done."""

    code: str
    """What it is, such as AMOUNT_TOO_LARGE or STATEMENT_GAP."""


ProposalRefused: TypeAlias = (
    ProposalNotFound
    | OwnProposal
    | NotProposer
    | ProposalChanged
    | ProposalEnded
    | ProposalOpen
    | ReasonMissing
    | WindowNotFound
    | SettlementRefused
)
"""Any of them."""


def proposal_refused(refusal: DomainRefusal) -> ProposalRefused:
    """As the graph says it."""
    message = refusal.message
    match refusal:
        case cash.ProposalNotFound():
            return ProposalNotFound(message=message)
        case cash.OwnProposal():
            return OwnProposal(message=message)
        case cash.NotProposer(proposed_by):
            return NotProposer(message=message, proposed_by=proposed_by)
        case cash.ProposalEnded(verdict, by, reason):
            return ProposalEnded(message=message, verdict=verdict, by=by, reason=reason)
        case cash.ProposalChanged(digest):
            return ProposalChanged(message=message, digest=digest)
        case cash.ProposalOpen(proposal_id, kind, proposed_by, free_fen):
            key, free = global_id("Proposal", proposal_id), Amount(format_amount(free_fen, 2))
            return ProposalOpen(message=message, proposal_id=key, kind=kind, proposed_by=proposed_by, free=free)
        case settlement.ReasonMissing():
            return ReasonMissing(message=message)
        case settlement.WindowNotFound():
            return WindowNotFound(message=message)
        case _:
            return settlement_refused(refusal)


def settlement_refused(refusal: DomainRefusal) -> SettlementRefused:
    """Any other refusal of the settlement."""
    code = re.sub(r"(?<!^)(?=[A-Z])", "_", type(refusal).__name__).upper()
    return SettlementRefused(message=refusal.message, code=code)
