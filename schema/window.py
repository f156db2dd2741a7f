"""Settlement windows, and the steps of their lives."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import strawberry
from strawberry import federation

import settlement
from schema.context import Context, Info
from schema.errors import BadInput, NotFound
from schema.fields import needs
from schema.ids import key_of
from schema.nodes import Node
from schema.once import Once
from schema.position import Payment, Position
from schema.proposal import Proposal, actor, proposal_result
from schema.proposal_refusals import ProposalRefused, SettlementRefused, settlement_refused
from schema.scopes import Scope
from schema.settlement_model import Obligation
from schema.settlement_refusals import StepRefusal, StepRefused, step_refused
from settlement import cash

FIRST_MAX: Final = 500
"""Windows in one answer."""


@strawberry.type
class Step:
    """One step of a window's life."""

    status: settlement.Status
    """What the window became."""
    actor: str
    """Who took it."""
    reason: str
    recorded_at: datetime


@federation.type(keys=["id"], requires_scopes=[[Scope.SETTLEMENT_READ]])
class Window(Node):
    """A stretch of recorded time whose postings are settled together."""

    number: int
    status: settlement.Status
    opened_at: datetime
    cut_off_at: datetime | None
    """Its last instant; null while it is open."""
    model: str
    """The code of its settlement model."""
    netting: settlement.Netting
    """As the model had agreed on when it opened."""
    overview: strawberry.Private[Once[settlement.Overview]]

    @classmethod
    def of(cls, value: settlement.Window, context: Context) -> "Window":
        """As the graph shows it."""
        return cls(
            key=value.id,
            number=value.number,
            status=value.status,
            opened_at=value.opened_at,
            cut_off_at=value.cut_off_at,
            model=value.model,
            netting=value.terms.netting,
            overview=Once(lambda: _overview(context, value.id)),
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Window":
        """The window. Raises NotFound."""
        found = await _overview(info.context, key_of("Window", id))
        return cls.of(found.window, info.context)

    @strawberry.field
    async def steps(self) -> list[Step]:
        """Its history, first step first."""
        found = await self.overview()
        return [
            Step(status=step.status, actor=step.actor, reason=step.reason, recorded_at=step.recorded_at)
            for step in found.steps
        ]

    @strawberry.field
    async def digest(self) -> str | None:
        """The digest of its figures, which a checker names when approving; null while it is open."""
        found = await self.overview()
        return found.figures.digest if found.window.cut_off_at else None

    @strawberry.field
    async def positions(self, info: Info) -> list[Position]:
        """What it comes to; for an open window: as if it were closed now."""
        found = await self.overview()
        directory = await info.context.directory()
        return [Position.of(position, directory) for position in found.figures.positions]

    @strawberry.field
    async def payments(self, info: Info) -> list[Payment]:
        """The payments that settle it; before it is netted: those that netting would name."""
        found = await self.overview()
        directory = await info.context.directory()
        return [Payment.of(payment, directory) for payment in found.figures.payments]

    @strawberry.field
    async def accounts_missing(self) -> list[str]:
        """The codes of those without whose bank accounts its payments cannot be ordered; none once they are."""
        return list((await self.overview()).accounts_missing)

    @strawberry.field
    async def obligations(self, info: Info) -> list[Obligation]:
        """What each participant owes each other; nothing where everything is set off."""
        found = await self.overview()
        directory = await info.context.directory()
        return [Obligation.of(it, directory) for it in found.figures.obligations]


StepResult = Annotated[Window | StepRefused, strawberry.union("WindowStepResult")]


AbortResult = Annotated[Window | Proposal | ProposalRefused, strawberry.union("WindowAbortResult")]
InstructResult = Annotated[Window | SettlementRefused, strawberry.union("WindowInstructResult")]


@strawberry.input
class WindowStepInput:
    """Which window, and why. A step that was taken before is not taken again: the window's id is the key."""

    window_id: strawberry.ID
    reason: str = ""


@strawberry.input
class ApproveWindowInput:
    """Which figures, and why."""

    window_id: strawberry.ID
    digest: str
    """Of the figures that the checker has seen."""
    reason: str


@strawberry.type
class WindowQuery:
    """Looking at windows."""

    @needs(Scope.SETTLEMENT_READ)
    async def windows(self, info: Info, first: int = 20, before: int | None = None) -> list[Window]:
        """The latest windows, newest first; with `before`, those with a smaller number."""
        if not 1 <= first <= FIRST_MAX:
            message = f"`first` must be from 1 to {FIRST_MAX}."
            raise BadInput(message, argument="first")
        if before is not None and before < 1:
            raise BadInput("`before` must be the number of a window.", argument="before")
        # Somebody has to open the first one; afterwards closing opens the next.
        await settlement.current_window(info.context.database)
        found = await settlement.windows(info.context.database, limit=first, before=before)
        return [Window.of(window, info.context) for window in found]

    @needs(Scope.SETTLEMENT_READ)
    async def window(self, info: Info, id: strawberry.ID) -> Window:
        """One window."""
        return await Window.resolve_reference(info, id)


@strawberry.type
class WindowMutation:
    """Moving windows on. Two persons are needed: whoever submits cannot approve."""

    @needs(Scope.SETTLEMENT_PREPARE)
    async def close_window(self, info: Info, input: WindowStepInput) -> StepResult:
        """Fix the cut-off, open the next window and count the figures."""
        window_id = key_of("Window", input.window_id)
        return await _taken(
            info, settlement.close(info.context.database, _actor(info), window_id=window_id, reason=input.reason)
        )

    @needs(Scope.SETTLEMENT_PREPARE)
    async def reconcile_window(self, info: Info, input: WindowStepInput) -> StepResult:
        """Compare every line with the exchange or right it stands for."""
        window_id = key_of("Window", input.window_id)
        return await _taken(
            info, settlement.reconcile(info.context.database, window_id, _actor(info), reason=input.reason)
        )

    @needs(Scope.SETTLEMENT_PREPARE)
    async def net_window(self, info: Info, input: WindowStepInput) -> StepResult:
        """Turn every position into one amount due or owed, and name the payments."""
        window_id = key_of("Window", input.window_id)
        return await _taken(info, settlement.net(info.context.database, window_id, _actor(info), reason=input.reason))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def submit_window(self, info: Info, input: WindowStepInput) -> StepResult:
        """Put the figures before a second person."""
        window_id = key_of("Window", input.window_id)
        return await _taken(
            info, settlement.submit(info.context.database, window_id, _actor(info), reason=input.reason)
        )

    @needs(Scope.SETTLEMENT_APPROVE)
    async def approve_window(self, info: Info, input: ApproveWindowInput) -> StepResult:
        """Approve exactly the figures with this digest."""
        window_id, database = key_of("Window", input.window_id), info.context.database
        return await _taken(
            info, settlement.approve(database, window_id, _actor(info), digest=input.digest, reason=input.reason)
        )

    @needs(Scope.SETTLEMENT_APPROVE)
    async def reject_window(self, info: Info, input: WindowStepInput) -> StepResult:
        """Send the figures back to whoever submitted them."""
        window_id = key_of("Window", input.window_id)
        return await _taken(
            info, settlement.reject(info.context.database, window_id, _actor(info), reason=input.reason)
        )

    @needs(Scope.SETTLEMENT_PREPARE)
    async def abort_window(self, info: Info, input: WindowStepInput) -> AbortResult:
        """Give a window up before any cash has moved; what two persons approved is only proposed, for two to decide."""
        window_id, database, who = key_of("Window", input.window_id), info.context.database, actor(info.context)
        outcome = await settlement.abort(database, window_id, who, reason=input.reason)
        if isinstance(outcome, settlement.TwoPersonsNeeded):
            return proposal_result(await settlement.propose_abort(database, window_id, who, reason=input.reason))
        if isinstance(outcome, settlement.Window):
            return Window.of(outcome, info.context)
        return settlement_refused(outcome)

    @needs(Scope.SETTLEMENT_APPROVE)
    async def instruct_window(self, info: Info, input: WindowStepInput) -> InstructResult:
        """Write the bank's payment order (pain.001.001.09) of an advised window, and take what deposits pay."""
        window_id, services = key_of("Window", input.window_id), info.context.services
        folder = services.statements_folder.with_name("orders")
        outcome = await cash.instruct(
            services.database, window_id, _actor(info), folder=folder, reason=input.reason, outbox=services.outbox
        )
        if isinstance(outcome, cash.Instructed):
            return Window.of(outcome.window, info.context)
        return settlement_refused(outcome)

    @needs(Scope.SETTLEMENT_APPROVE)
    async def advise_window(self, info: Info, input: WindowStepInput) -> StepResult:
        """Write every participant's statement, as CSV, JSON, XLSX and PDF."""
        window_id, services = key_of("Window", input.window_id), info.context.services
        outcome = await settlement.advise(
            services.database,
            window_id,
            _actor(info),
            folder=services.statements_folder,
            reason=input.reason,
            outbox=services.outbox,
        )
        if isinstance(outcome, settlement.Advice):
            return Window.of(outcome.window, info.context)
        return step_refused(outcome)


def _actor(info: Info) -> settlement.Actor:
    return settlement.Actor(info.context.viewer.staff_name)


async def _taken(info: Info, step: Awaitable[settlement.Window | StepRefusal]) -> Window | StepRefused:
    outcome = await step
    return Window.of(outcome, info.context) if isinstance(outcome, settlement.Window) else step_refused(outcome)


async def _overview(context: Context, window_id: UUID) -> settlement.Overview:
    found = await settlement.overview(context.database, window_id)
    if isinstance(found, settlement.WindowNotFound):
        raise NotFound(found.message)
    return found
