"""What may be done about breaks: by one person where nothing is given up, by two where lines or money are."""

from collections.abc import Awaitable
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry

import brands
from core.errors import Refusal
from schema.break_proposal import BreakProposal
from schema.break_refusals import BreakRefusal, BreakRefused, break_refused
from schema.breaks import CNY_DECIMALS, Break, shown, visible
from schema.context import Info
from schema.errors import BadInput, NotFound
from schema.fields import needs
from schema.ids import key_of
from schema.refusals import InvalidAmount, minor_units
from schema.scalars import Amount
from schema.scopes import Scope
from schema.viewer import ViewerKind
from settlement import Actor
from settlement.cash.errors import ProposalNotFound
from settlement.cash.proposals import Decision, Proposal, Verdict
from settlement.reconciliation import accepting, breaks, disputing, resolving, work_list
from settlement.reconciliation.errors import BreakNotFound


@strawberry.enum
class Resolution(StrEnum):
    """What two persons may decide about a break."""

    MATCH = "MATCH"
    """The lines are the same thing, whatever they differ in. Nothing is posted."""
    WRITE_OFF = "WRITE_OFF"
    """The operator gives up the amount, or the participant does."""
    DISPUTE = "DISPUTE"
    """The amount is moved until the dispute is decided."""
    DISPUTE_WON = "DISPUTE_WON"
    """It stays where it was moved; with an amount, only so much of it."""
    DISPUTE_LOST = "DISPUTE_LOST"
    """It goes back."""


BreakStepResult = Annotated[Break | BreakRefused, strawberry.union("BreakStepResult")]
ProposeBreakResult = Annotated[BreakProposal | InvalidAmount | BreakRefused, strawberry.union("ProposeBreakResult")]
DecideBreakResult = Annotated[BreakProposal | BreakRefused, strawberry.union("DecideBreakResult")]


@strawberry.input
class BreakNoteInput:
    """What to add to an open break."""

    break_id: strawberry.ID
    text: str
    evidence: bool = False
    """It is evidence: say what it is and where it lies."""


@strawberry.input
class AssignBreakInput:
    """Who looks into it from now on."""

    break_id: strawberry.ID
    owner: str
    reason: str


@strawberry.input
class WaitForBreakInput:
    """Until when to wait, and why."""

    break_id: strawberry.ID
    until: date
    reason: str


@strawberry.input
class ExplainBreakInput:
    """The evidence that explains it."""

    break_id: strawberry.ID
    evidence: str


@strawberry.input
class AcceptBreakSuggestionInput:
    """Two breaks that are each other's other half, and why."""

    break_id: strawberry.ID
    other_id: strawberry.ID
    reason: str


@strawberry.input
class ProposeBreakResolutionInput:
    """What to decide about which break, and why; several only for a match."""

    break_ids: list[strawberry.ID]
    resolution: Resolution
    amount: Amount | None = None
    """In CNY, without a sign: for a write-off and a dispute; for `DISPUTE_WON`, where only a part of it is won."""
    reason: str


@strawberry.input
class DecideBreakResolutionInput:
    """Which proposal, and what becomes of it."""

    proposal_id: strawberry.ID
    approve: bool
    digest: str
    """Of the proposal that was seen."""
    reason: str


@strawberry.type
class BreakMutation:
    """Working on breaks. Two persons are needed where lines or money are given up."""

    @needs(brands.Scope.BREAKS_WRITE, Scope.SETTLEMENT_PREPARE)
    async def annotate_break(self, info: Info, input: BreakNoteInput) -> BreakStepResult:
        """Add a remark or evidence to an open break: of a brand's own programs, any for staff."""
        break_id = key_of("Break", input.break_id)
        await visible(info.context, break_id)
        add = work_list.attach if input.evidence else work_list.comment
        return await _stepped(info, add(info.context.database, break_id, _author(info), input.text))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def assign_break(self, info: Info, input: AssignBreakInput) -> BreakStepResult:
        """Make somebody else its owner."""
        key, owner = key_of("Break", input.break_id), _person(input.owner)
        step = work_list.assign(info.context.database, key, _author(info), owner, reason=input.reason)
        return await _stepped(info, step)

    @needs(Scope.SETTLEMENT_PREPARE)
    async def wait_for_break(self, info: Info, input: WaitForBreakInput) -> BreakStepResult:
        """Wait until another day; it closes itself when the line comes."""
        database, key = info.context.database, key_of("Break", input.break_id)
        return await _stepped(info, work_list.wait(database, key, _author(info), input.until, reason=input.reason))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def explain_break(self, info: Info, input: ExplainBreakInput) -> BreakStepResult:
        """Resolve by evidence that explains the difference; opened again when the lines change."""
        database, key = info.context.database, key_of("Break", input.break_id)
        return await _stepped(info, work_list.explain(database, key, _author(info), input.evidence))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def accept_break_suggestion(self, info: Info, input: AcceptBreakSuggestionInput) -> BreakStepResult:
        """Match the lines of two breaks that agree in amount."""
        database, keys = info.context.database, (key_of("Break", input.break_id), key_of("Break", input.other_id))
        return await _stepped(info, accepting.accept_suggestion(database, keys, _author(info), reason=input.reason))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_break_resolution(self, info: Info, input: ProposeBreakResolutionInput) -> ProposeBreakResult:
        """Put a match, a write-off, a dispute or its end before a second person."""
        amount = minor_units(input.amount or Amount("0"), CNY_DECIMALS)
        if isinstance(amount, InvalidAmount):
            return amount
        keys = [key_of("Break", key) for key in input.break_ids]
        if input.resolution is not Resolution.MATCH and len(keys) != 1:
            raise NotFound("Name one break; several only to match them.")
        proposed = await _proposed(info, input, keys, amount)
        return BreakProposal.of(proposed) if isinstance(proposed, Proposal) else break_refused(known(proposed))

    @needs(Scope.SETTLEMENT_APPROVE)
    async def decide_break_resolution(self, info: Info, input: DecideBreakResolutionInput) -> DecideBreakResult:
        """Approve exactly what has this digest, as another person than the proposer, or reject it."""
        verdict: Decision = Verdict.APPROVED if input.approve else Verdict.REJECTED
        database, key = info.context.database, key_of("BreakProposal", input.proposal_id)
        said = {"digest": input.digest, "reason": input.reason}
        decided = await resolving.decide(database, key, _author(info), verdict, **said)
        return BreakProposal.of(decided) if isinstance(decided, Proposal) else break_refused(known(decided))


Step: TypeAlias = breaks.Break | list[breaks.Break] | Refusal


async def _proposed(
    info: Info, input: ProposeBreakResolutionInput, keys: list[UUID], amount: int
) -> Proposal | Refusal:
    database, actor, reason = info.context.database, _author(info), input.reason
    if input.resolution is Resolution.MATCH:
        return await resolving.propose_match(database, keys, actor, reason=reason)
    if input.resolution is Resolution.WRITE_OFF:
        return await resolving.propose_write_off(database, keys[0], amount, actor, reason=reason)
    if input.resolution is Resolution.DISPUTE:
        return await disputing.propose_dispute(database, keys[0], amount, actor, reason=reason)
    won = 0 if input.resolution is Resolution.DISPUTE_LOST else None if input.amount is None else amount
    return await disputing.propose_dispute_end(database, keys[0], actor, won_micro=won, reason=reason)


async def _stepped(info: Info, step: Awaitable[Step]) -> Break | BreakRefused:
    found = await step
    if isinstance(found, Refusal):
        return break_refused(known(found))
    first = found[0] if isinstance(found, list) else found
    return (await shown(info.context, [first]))[0]


def known(refusal: Refusal) -> BreakRefusal:
    """A refusal that the graph has a type for. Raises NotFound for what is not there."""
    if isinstance(refusal, BreakNotFound | ProposalNotFound):
        raise NotFound(refusal.message)
    assert isinstance(refusal, BreakRefusal), refusal
    return refusal


def _person(name: str) -> Actor:
    try:
        return Actor(name)
    except ValueError as error:
        raise BadInput(str(error), argument="owner") from error


def _author(info: Info) -> Actor:
    viewer = info.context.viewer
    return Actor(viewer.client_id if viewer.kind is ViewerKind.BRAND else viewer.staff_name)
