"""The manual queue of exchanges: the evidence, what may be done, and two persons where value moves."""

from datetime import datetime
from typing import Annotated, TypeAlias
from uuid import UUID

import orjson
import strawberry

import exchange
from core.persons import Actor
from exchange.saga.cases import Case, CaseKind, cases
from exchange.saga.deciding import (
    Action,
    ApprovalRefusal,
    CaseRefusal,
    Proposal,
    allowed_actions,
    approve,
    assign,
    proposal,
    propose,
    reject,
)
from exchange.saga.errand_rows import errands_by_id
from exchange.saga.errands import Mode, Role
from exchange.saga.evidence import Evidence, evidence_of
from schema.context import Context, Info
from schema.errors import BadInput, NotFound
from schema.fields import needs
from schema.ids import key_of
from schema.nodes import Node
from schema.quote import Side
from schema.reversal_refusals import CaseRefused, case_refused
from schema.scopes import Scope

FIRST_MAX = 500

strawberry.enum(Action, name="CaseAction", description="What persons may do about a case.")
strawberry.enum(CaseKind, name="CaseKind", description="What has to be settled.")
strawberry.enum(Role, name="ErrandRole", description="What was asked of a brand.")
strawberry.enum(Mode, name="CallMode", description="Whether an instruction was sent, or an inquiry made.")


@strawberry.type
class CallEvidence:
    """One call to a brand's system, and its answer; null where none came."""

    role: Role
    mode: Mode
    attempt: int
    reference: str
    """As it was sent."""
    called_at: datetime
    answered_at: datetime | None
    answer: str | None
    """DONE, PENDING, FAILED or NOT_FOUND."""
    failure: str | None
    brand_reference: str | None
    brand_code: str | None
    message: str | None
    """The brand's own words."""
    messages: str | None
    """The messages themselves as JSON, where the brand did not simply do it."""

    @classmethod
    def of(cls, value: Evidence) -> "CallEvidence":
        """As the graph shows it."""
        return cls(
            role=value.role,
            mode=value.mode,
            attempt=value.attempt,
            reference=value.reference,
            called_at=value.called_at,
            answered_at=value.answered_at,
            answer=value.answer,
            failure=value.failure,
            brand_reference=value.brand_reference,
            brand_code=value.brand_code,
            message=value.message,
            messages=orjson.dumps(value.messages).decode() if value.messages else None,
        )


@strawberry.type
class CaseProposal:
    """What one person wants to do."""

    action: Action
    digest: str
    """Of the action and the evidence it stands on; whoever approves names it."""
    proposed_by: str
    proposed_at: datetime
    reason: str

    @classmethod
    def of(cls, value: Proposal) -> "CaseProposal":
        """As the graph shows it."""
        return cls(
            action=value.action,
            digest=value.digest,
            proposed_by=value.proposed_by,
            proposed_at=value.proposed_at,
            reason=value.reason,
        )


@strawberry.type
class ExchangeCase(Node):
    """An exchange that no automatic step can settle."""

    kind: CaseKind
    reason: str
    owner: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    closed_as: str | None
    value: strawberry.Private[Case]

    @classmethod
    def of(cls, value: Case) -> "ExchangeCase":
        """As the graph shows it."""
        return cls(
            key=value.id,
            kind=value.kind,
            reason=value.reason,
            owner=value.owner,
            opened_at=value.opened_at,
            due_at=value.due_at,
            closed_at=value.closed_at,
            closed_as=value.closed_as,
            value=value,
        )

    @strawberry.field
    async def state(self, info: Info) -> exchange.State:
        """Where the exchange stands."""
        return (await _exchange(info.context, self.value)).state

    @strawberry.field
    async def sides(self, info: Info) -> list[Side]:
        """What was given up, and for what."""
        found, directory = await _exchange(info.context, self.value), await info.context.directory()
        given = Side.of(found.source, found.conversion.source, directory)
        return [given, Side.of(found.target, found.conversion.target, directory)]

    @strawberry.field
    async def evidence(self, info: Info) -> list[CallEvidence]:
        """Every call about the exchange, in order."""
        async with info.context.database.connection() as connection:
            found = await evidence_of(connection, self.value.exchange_id)
        return [CallEvidence.of(it) for it in found]

    @strawberry.field
    async def allowed_actions(self, info: Info) -> list[Action]:
        """What may be done about it."""
        async with info.context.database.connection() as connection:
            errands = await errands_by_id(connection, [self.value.errand_id])
        return list(allowed_actions(self.value, errands[self.value.errand_id]))

    @strawberry.field
    async def proposal(self, info: Info) -> CaseProposal | None:
        """What waits for a second person."""
        async with info.context.database.connection() as connection:
            found = await proposal(connection, self.value.id)
        return CaseProposal.of(found) if found else None


CaseResult = Annotated[ExchangeCase | CaseRefused, strawberry.union("CaseResult")]


@strawberry.input
class CaseActionInput:
    """Which case, what to do, and why."""

    case_id: strawberry.ID
    action: Action
    reason: str


@strawberry.input
class DecideCaseInput:
    """Which case, and why."""

    case_id: strawberry.ID
    digest: str = ""
    """Of the proposal that was seen; needed to approve."""
    reason: str


@strawberry.input
class AssignCaseInput:
    """Who is to see to a case, and until when."""

    case_id: strawberry.ID
    owner: str
    due_at: datetime | None = None


@strawberry.type
class CaseQuery:
    """Looking at the manual queue."""

    @needs(Scope.CASES_READ)
    async def exchange_cases(self, info: Info, first: int = 50, closed: bool = False) -> list[ExchangeCase]:  # noqa: FBT001, FBT002 - arguments of the graph
        """The manual queue, what is due first first; `closed`: what was settled as well."""
        if not 1 <= first <= FIRST_MAX:
            message = f"`first` must be from 1 to {FIRST_MAX}."
            raise BadInput(message, argument="first")
        async with info.context.database.connection() as connection:
            found = await cases(connection, closed=closed, count=first)
        return [ExchangeCase.of(case) for case in found]

    @needs(Scope.CASES_READ)
    async def exchange_case(self, info: Info, id: strawberry.ID) -> ExchangeCase:
        """One case."""
        async with info.context.database.connection() as connection:
            found = await cases(connection, case_id=key_of("ExchangeCase", id), closed=True)
        if not found:
            raise NotFound("There is no such case.")
        return ExchangeCase.of(found[0])


@strawberry.type
class CaseMutation:
    """Settling cases."""

    @needs(Scope.CASES_PREPARE)
    async def propose_case_action(self, info: Info, input: CaseActionInput) -> CaseResult:
        """Propose what is to be done. Asking the brand again needs nobody else and is done at once."""
        case_id = key_of("ExchangeCase", input.case_id)
        outcome = await propose(
            info.context.database, case_id, input.action, subject=_subject(info), reason=input.reason
        )
        return await _shown(info.context, case_id, outcome)

    @needs(Scope.CASES_APPROVE)
    async def approve_case_action(self, info: Info, input: DecideCaseInput) -> CaseResult:
        """Do what another person proposed, on the same evidence."""
        case_id, services = key_of("ExchangeCase", input.case_id), info.context.services
        outcome = await approve(
            services.database,
            case_id,
            subject=_subject(info),
            digest=input.digest,
            reason=input.reason,
            outbox=services.outbox,
        )
        return await _shown(info.context, case_id, outcome)

    @needs(Scope.CASES_APPROVE, Scope.CASES_PREPARE)
    async def reject_case_action(self, info: Info, input: DecideCaseInput) -> CaseResult:
        """Drop what was proposed."""
        case_id = key_of("ExchangeCase", input.case_id)
        outcome = await reject(info.context.database, case_id, subject=_subject(info), reason=input.reason)
        return await _shown(info.context, case_id, outcome)

    @needs(Scope.CASES_PREPARE)
    async def assign_case(self, info: Info, input: AssignCaseInput) -> CaseResult:
        """Give a case to somebody."""
        case_id = key_of("ExchangeCase", input.case_id)
        outcome = await assign(info.context.database, case_id, owner=_name(input.owner), due_at=input.due_at)
        return await _shown(info.context, case_id, outcome)


Outcome: TypeAlias = Case | Proposal | CaseRefusal | ApprovalRefusal


def _subject(info: Info) -> str:
    return Actor(info.context.viewer.staff_name).subject


def _name(text: str) -> str:
    try:
        return Actor(text).subject
    except ValueError as error:
        raise BadInput(str(error), argument="owner") from error


async def _shown(context: Context, case_id: UUID, outcome: Outcome) -> ExchangeCase | CaseRefused:
    if isinstance(outcome, Case):
        return ExchangeCase.of(outcome)
    if not isinstance(outcome, Proposal):
        return case_refused(outcome)
    async with context.database.connection() as connection:
        (found,) = await cases(connection, case_id=case_id, closed=True)
    return ExchangeCase.of(found)


async def _exchange(context: Context, case: Case) -> exchange.Exchange:
    async with context.database.connection() as connection:
        return (await exchange.exchanges_by_id(connection, [case.exchange_id]))[case.exchange_id]
