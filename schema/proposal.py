"""What one person proposes and another decides, about money, models and breaks."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import orjson
import strawberry

import settlement
from core.errors import Refusal as DomainRefusal
from schema.context import Context, Info
from schema.errors import BadInput
from schema.fields import needs
from schema.ids import key_of, parse_global_id
from schema.nodes import Node
from schema.proposal_refusals import ProposalRefused, proposal_refused
from schema.scopes import Scope
from settlement import cash

FIRST_MAX: Final = 500

strawberry.enum(cash.Kind, name="ProposalKind")
strawberry.enum(cash.Choice, name="ProposalDecision")


@strawberry.type
class Fact:
    """One thing that a proposal says."""

    name: str
    value: str


@strawberry.type
class Proposal(Node):
    """Something that is done when a second person approves it. The decision's fields are null while it is open."""

    kind: cash.Kind
    facts: list[Fact]
    """Everything it would do, by name."""
    digest: str
    """Of all of it: what the second person names when deciding."""
    proposed_by: str
    proposed_at: datetime
    reason: str
    verdict: cash.Verdict | None
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None

    @classmethod
    def of(cls, value: cash.Proposal) -> "Proposal":
        """As the graph shows it."""
        return cls(
            key=value.id,
            kind=value.kind,
            facts=[Fact(name=name, value=_text(found)) for name, found in sorted(value.content.items())],
            digest=value.digest,
            proposed_by=value.proposed_by,
            proposed_at=value.proposed_at,
            reason=value.proposed_reason,
            verdict=value.verdict,
            decided_by=value.decided_by,
            decided_at=value.decided_at,
            decided_reason=value.decided_reason,
        )


def _text(found: object) -> str:
    return found if isinstance(found, str) else orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()


ProposalResult = Annotated[Proposal | ProposalRefused, strawberry.union("ProposalResult")]


@strawberry.input
class DecideInput:
    """Which proposal, what is decided, and why."""

    proposal_id: strawberry.ID
    verdict: cash.Choice
    digest: str
    """Of the proposal that was seen."""
    reason: str


@strawberry.input
class RetractInput:
    """Which proposal of one's own, and why it is taken back."""

    proposal_id: strawberry.ID
    reason: str


@strawberry.type
class ProposalQuery:
    """Looking at what waits for a second person."""

    @needs(Scope.SETTLEMENT_READ)
    async def proposals(self, info: Info, *, open_only: bool = True, first: int = 100) -> list[Proposal]:
        """The latest proposals, newest first."""
        if not 1 <= first <= FIRST_MAX:
            message = f"`first` must be from 1 to {FIRST_MAX}."
            raise BadInput(message, argument="first")
        found = await cash.proposals(info.context.database, open_only=open_only, limit=first)
        return [Proposal.of(it) for it in found]


@strawberry.type
class ProposalMutation:
    """Deciding, as another person than the proposer."""

    @needs(Scope.SETTLEMENT_APPROVE)
    async def decide_proposal(self, info: Info, input: DecideInput) -> ProposalResult:
        """Approve exactly the proposal with this digest, or reject it. One's own decision again changes nothing."""
        outcome = await settlement.decide(
            info.context.database,
            proposal_key(input.proposal_id),
            actor(info.context),
            input.verdict.decision,
            digest=input.digest,
            reason=input.reason,
            outbox=info.context.services.outbox,
        )
        return proposal_result(outcome)

    @needs(Scope.SETTLEMENT_PREPARE)
    async def retract_proposal(self, info: Info, input: RetractInput) -> ProposalResult:
        """Take one's own proposal back, of whatever kind, before anybody has decided. Again: the same answer."""
        database, key = info.context.database, proposal_key(input.proposal_id)
        return proposal_result(await cash.retract(database, key, actor(info.context), reason=input.reason))


def proposal_key(text: str) -> UUID:
    """The key of a proposal, named as one or as one about a break. Raises BadInput."""
    return key_of("BreakProposal" if parse_global_id(text)[0] == "BreakProposal" else "Proposal", text)


def proposal_result(outcome: cash.Proposal | DomainRefusal) -> Proposal | ProposalRefused:
    """As the graph says it."""
    return Proposal.of(outcome) if isinstance(outcome, cash.Proposal) else proposal_refused(outcome)


def actor(context: Context) -> settlement.Actor:
    """The member of staff whose token it is. Raises Forbidden."""
    return settlement.Actor(context.viewer.staff_name)
