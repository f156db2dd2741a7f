"""Month-end of a program: its points rolled forward and tied to the ledger, and the revenue recognised."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, assert_never

import strawberry

import brands
from exchange import UnknownProgram as DomainUnknownProgram
from schema.context import Context, Info
from schema.errors import BadInput, Forbidden
from schema.exchange_refusals import UnknownProgram
from schema.fields import needs
from schema.month_end_refusals import (
    EstimateRefused,
    MonthNotBegun,
    RollForwardDiffers,
    estimate_refused,
)
from schema.refusals import InvalidAmount, amount, minor_units
from schema.scalars import Amount
from schema.scopes import Scope
from schema.viewer import ViewerKind
from settlement import Actor, month_end

FEN_DECIMALS = 2

strawberry.enum(month_end.EstimateDecision)


@strawberry.type
class Estimate:
    """What was put aside for a program's points, and how many will be redeemed: totals since the beginning."""

    program: str
    version: int
    from_month: str
    """The first month for which it holds."""
    allocated: Amount
    """In CNY."""
    points: Amount
    expected: Amount
    proposed_by: str
    proposed_at: datetime
    reason: str
    decision: month_end.EstimateDecision | None
    """Null while it is open."""
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, value: month_end.Estimate, program: brands.Program) -> "Estimate":
        """As the graph shows it."""
        return cls(
            program=program.code,
            version=value.version,
            from_month=str(value.from_month),
            allocated=amount(value.allocated_fen, FEN_DECIMALS),
            points=amount(value.points, program.scale),
            expected=amount(value.expected, program.scale),
            proposed_by=value.proposed_by,
            proposed_at=value.proposed_at,
            reason=value.proposed_reason,
            decision=value.decision,
            decided_by=value.decided_by,
            decided_at=value.decided_at,
        )


@strawberry.type
class Recognition:
    """Revenue by cumulative catch-up, in CNY; points in the program's own."""

    estimate: Estimate
    redeemed_to_date: Amount
    """Redeemed or given in exchange."""
    recognised_before: Amount
    revenue: Amount
    """What falls into this month."""
    catch_up: Amount
    """Of it: what another estimate than the month before had makes of earlier redemptions."""
    recognised_to_date: Amount
    liability: Amount
    """What is put aside and not earned yet."""
    breakage: Amount
    """Memo: points that nobody is expected to redeem."""

    @classmethod
    def of(cls, value: month_end.Recognition, program: brands.Program) -> "Recognition":
        """As the graph shows it."""
        return cls(
            estimate=Estimate.of(value.estimate, program),
            redeemed_to_date=amount(value.redeemed_to_date, program.scale),
            recognised_before=amount(value.recognised_before_fen, FEN_DECIMALS),
            revenue=amount(value.revenue_fen, FEN_DECIMALS),
            catch_up=amount(value.catch_up_fen, FEN_DECIMALS),
            recognised_to_date=amount(value.recognised_to_date_fen, FEN_DECIMALS),
            liability=amount(value.liability_fen, FEN_DECIMALS),
            breakage=amount(value.estimate.breakage, program.scale),
        )


@strawberry.type
class MonthEnd:
    """A program's points over a month: opening + lines = closing; what lessens them is negative."""

    program: str
    month: str
    final: bool
    """Whether the month is over, so that the figures no longer change."""
    opening: Amount
    issued: Amount
    redeemed: Amount
    exchanged_in: Amount
    exchanged_out: Amount
    expired: Amount
    adjustments: Amount
    closing: Amount
    """Minus the balance of the program's issued account."""
    revenue: Recognition | None
    """Null while no estimate holds."""
    digest: str
    """Of all these figures."""

    @classmethod
    def of(cls, value: month_end.MonthEnd) -> "MonthEnd":
        """As the graph shows it."""
        scale = value.program.scale
        moved: Mapping[str, Amount] = {line.value: amount(it, scale) for line, it in value.points.moved.items()}
        return cls(
            program=value.program.code,
            month=str(value.month),
            final=value.final,
            opening=amount(value.points.opening, scale),
            closing=amount(value.points.closing, scale),
            revenue=None if value.revenue is None else Recognition.of(value.revenue, value.program),
            digest=value.digest,
            **moved,
        )


MonthEndResult = Annotated[
    MonthEnd | UnknownProgram | MonthNotBegun | RollForwardDiffers, strawberry.union("MonthEndResult")
]

EstimateResult = Annotated[Estimate | EstimateRefused, strawberry.union("EstimateResult")]


@strawberry.input
class ProposeEstimateInput:
    """What was put aside, for how many points, and how many will ever be redeemed; totals since the beginning."""

    program: str
    from_month: str
    """As `2026-01`."""
    allocated: Amount
    """In CNY."""
    points: Amount
    expected: Amount
    reason: str


@strawberry.input
class DecideEstimateInput:
    """Which version, and why."""

    program: str
    version: int
    reason: str


@strawberry.type
class MonthEndQuery:
    """Looking at month-ends."""

    @needs(brands.Scope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def month_end(self, info: Info, program: str, month: str) -> MonthEndResult:
        """A program's month: a brand's own program, any for staff."""
        await _may_see(info.context, program)
        found = await month_end.month_end(info.context.database, program, _month(month))
        match found:
            case month_end.MonthEnd():
                return MonthEnd.of(found)
            case DomainUnknownProgram():
                return UnknownProgram(message=found.message, program=program)
            case month_end.MonthNotBegun():
                return MonthNotBegun(message=found.message)
            case month_end.RollForwardDiffers():
                return RollForwardDiffers(message=found.message)
            case _:
                assert_never(found)

    @needs(Scope.SETTLEMENT_READ)
    async def estimates(self, info: Info, program: str) -> list[Estimate]:
        """All versions of a program's estimate, the first one first."""
        found = (await info.context.directory()).program(program)
        if found is None:
            return []
        async with info.context.database.connection() as connection:
            return [Estimate.of(it, found) for it in await month_end.estimates(connection, found.id)]


@strawberry.type
class MonthEndMutation:
    """Entering estimates. Two persons are needed: whoever proposes cannot approve."""

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_estimate(self, info: Info, input: ProposeEstimateInput) -> EstimateResult:
        """Put an estimate before a second person."""
        program = (await info.context.directory()).program(input.program)
        scale = 0 if program is None else program.scale
        figures = [
            minor_units(text, decimals)
            for text, decimals in ((input.allocated, FEN_DECIMALS), (input.points, scale), (input.expected, scale))
        ]
        for figure in figures:
            if isinstance(figure, InvalidAmount):
                return figure
        allocated, points, expected = (it for it in figures if isinstance(it, int))
        answer = await month_end.propose_estimate(
            info.context.database,
            _actor(info),
            input.program,
            _month(input.from_month),
            allocated,
            points,
            expected,
            reason=input.reason,
        )
        return _estimate_answer(answer, program)

    @needs(Scope.SETTLEMENT_APPROVE)
    async def approve_estimate(self, info: Info, input: DecideEstimateInput) -> EstimateResult:
        """Approve an estimate that somebody else proposed."""
        return await _decided(info, input, month_end.EstimateDecision.APPROVED)

    @needs(Scope.SETTLEMENT_APPROVE)
    async def reject_estimate(self, info: Info, input: DecideEstimateInput) -> EstimateResult:
        """Send an estimate back; it never holds."""
        return await _decided(info, input, month_end.EstimateDecision.REJECTED)


async def _decided(
    info: Info, asked: DecideEstimateInput, decision: month_end.EstimateDecision
) -> Estimate | EstimateRefused:
    program = (await info.context.directory()).program(asked.program)
    answer = await month_end.decide_estimate(
        info.context.database, _actor(info), asked.program, asked.version, decision, reason=asked.reason
    )
    return _estimate_answer(answer, program)


def _estimate_answer(
    answer: month_end.Estimate | month_end.ProposalRefusal | month_end.EstimateDecisionRefusal,
    program: brands.Program | None,
) -> Estimate | EstimateRefused:
    if isinstance(answer, month_end.Estimate):
        assert program is not None, "an estimate is of a program"
        return Estimate.of(answer, program)
    return estimate_refused(answer)


async def _may_see(context: Context, code: str) -> None:
    """Raises Forbidden for a brand that asks for another participant's program."""
    if context.viewer.kind is not ViewerKind.BRAND:
        return
    directory = await context.directory()
    program, own = directory.program(code), directory.participant_of(context.viewer.brand_id)
    if program is not None and program.participant_id != own.id:
        raise Forbidden("That is another participant's program.")


def _month(text: str) -> month_end.Month:
    try:
        return month_end.Month.parse(text)
    except ValueError as error:
        raise BadInput("A month is written as 2026-01.", argument="month") from error


def _actor(info: Info) -> Actor:
    return Actor(info.context.viewer.staff_name)
