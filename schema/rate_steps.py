"""Looking at prices and changing them, by two persons."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, Final

import strawberry

import brands
from brands import pricing
from brands.config.leaves import MONEY_SCALE
from brands.prices import Pause as PauseValue
from brands.rate import Fee, Terms
from core.persons import Actor
from schema.context import Context, Info
from schema.errors import BadInput
from schema.exchange_refusals import UnknownProgram
from schema.fields import needs
from schema.ids import key_of
from schema.rate import Rate, RatePause, RateProposal
from schema.rate_refusals import RateRefusal, RateRefused, rate_refused
from schema.refusals import InvalidAmount, minor_units
from schema.scalars import Amount
from schema.scopes import Scope
from schema.viewer import ViewerKind

FIRST_MAX: Final = 500
"""Proposals in one answer."""

RateStepResult = Annotated[RateProposal | RateRefused, strawberry.union("RateStepResult")]
PausePairResult = Annotated[RatePause | RateRefused, strawberry.union("PausePairResult")]


@strawberry.input
class TierFeeInput:
    """What the operator takes when members of a tier give points up."""

    tier: str
    basis_points: int
    fixed: Amount = Amount("0")
    """In CNY, for each exchange, on top."""


@strawberry.input
class SubmitRateInput:
    """New prices of a program, or the special price of a pair. Sent again, it takes the place of the first."""

    program: str
    """The code of the program, or of the pair's source."""
    target: str | None = None
    """The code of the pair's target."""
    sell: Amount
    """CNY for a point given up."""
    buy: Amount
    """CNY for a point received: of the same program, or of the pair's target."""
    fee_basis_points: int
    fee_fixed: Amount = Amount("0")
    tier_fees: list[TierFeeInput] = strawberry.field(default_factory=list)
    valid_from: datetime | None = None
    """Not in the past; null: from the approval on. What is approved later than this begins with the approval."""
    valid_to: datetime | None = None
    """When what was in force before comes back; null: until the next change."""
    reason: str = ""


@strawberry.input
class PairInput:
    """A pair of programs, by code, and why."""

    source: str
    target: str
    reason: str = ""


@strawberry.input
class PausePairInput:
    """Which exchanges to stop, and why. Null stands for any program."""

    source: str | None = None
    target: str | None = None
    reason: str


@strawberry.input
class ResumePairInput:
    """Which pause to end, and why."""

    pause_id: strawberry.ID
    reason: str


@strawberry.input
class ApproveRateInput:
    """Which proposal, as it was seen, and why."""

    number: int
    digest: str
    reason: str


@strawberry.input
class RejectRateInput:
    """Which proposal, and why."""

    number: int
    reason: str


@strawberry.type
class RateBook:
    """The prices of one program, and of its pairs."""

    rates: list[Rate]
    """In force or planned: its own first, then the pairs out of it, then those into it."""
    pauses: list[RatePause]
    """Stopped exchanges out of it and into it."""
    proposals: list[RateProposal]
    """What waits for a second person."""


@strawberry.type
class RateQuery:
    """Looking at prices."""

    @needs(brands.Scope.PROGRAMS_READ, Scope.RATES_READ)
    async def rates(self, info: Info, program: str) -> RateBook | None:
        """The prices of a program: a brand's own, any for staff; null for any other."""
        directory = await info.context.directory()
        found = _visible(info.context, directory, program)
        if found is None:
            return None
        now = info.context.database.clock.now()
        timelines = sorted(directory.prices.timelines.items(), key=lambda item: str(item[0][1] or ""))
        own = [rate for pair, rates in timelines if found.id in pair for rate in rates if rate.holds_after(now)]
        rates = sorted(own, key=lambda rate: rate.program_id != found.id)
        async with info.context.database.connection() as connection:
            waiting = await pricing.proposals(connection, program_ids=[found.id], only_open=True)
        return RateBook(
            rates=[Rate.of(rate, directory) for rate in rates],
            pauses=[
                RatePause.of(each, directory)
                for each in directory.prices.pauses
                if found.id in {each.source_id, each.target_id}
            ],
            proposals=[RateProposal.of(each, directory, now) for each in waiting],
        )

    @needs(brands.Scope.PROGRAMS_READ, Scope.RATES_READ)
    async def rate_history(
        self, info: Info, program: str, target: str | None = None, at: datetime | None = None
    ) -> list[Rate]:
        """Every version, the latest first; with `at`: the one that was in force at that instant, or none.

        A brand sees those of its own programs, and of every pair in which one of them is.
        """
        directory = await info.context.directory()
        if at is not None and at.tzinfo is None:
            raise BadInput("`at` needs a time zone.", argument="at")
        source = _visible(info.context, directory, program, target)
        other = directory.program(target) if target is not None else None
        if source is None or (target is not None and other is None):
            return []
        async with info.context.database.connection() as connection:
            found = await brands.rate_history(connection, source.id, None if other is None else other.id, at=at)
        return [Rate.of(rate, directory) for rate in found]

    @needs(Scope.RATES_READ)
    async def rate_proposals(
        self, info: Info, first: int = 50, before: int | None = None, *, only_open: bool = True
    ) -> list[RateProposal]:
        """Proposals of all programs, the latest first; `before` is a number."""
        if not 1 <= first <= FIRST_MAX:
            message = f"`first` must be from 1 to {FIRST_MAX}."
            raise BadInput(message, argument="first")
        directory = await info.context.directory()
        async with info.context.database.connection() as connection:
            found = await pricing.proposals(connection, only_open=only_open, before=before, count=first)
        now = info.context.database.clock.now()
        return [RateProposal.of(each, directory, now) for each in found]


@strawberry.type
class RateMutation:
    """Changing prices. Two persons are needed: whoever submits cannot approve."""

    @needs(brands.Scope.RATES_SUBMIT, Scope.RATES_PREPARE)
    async def submit_rate(self, info: Info, input: SubmitRateInput) -> RateStepResult:
        """Put a price before a second person, in place of what waits for the same program or pair."""
        directory = await info.context.directory()
        change = _strangers(info.context, directory, input.program) or _change(directory, input)
        if not isinstance(change, pricing.PriceChange):
            return change
        step = pricing.submit(info.context.database, change, _actor(info.context), reason=input.reason)
        return await _proposed(info.context, step)

    @needs(brands.Scope.RATES_SUBMIT, Scope.RATES_PREPARE)
    async def end_pair_rate(self, info: Info, input: PairInput) -> RateStepResult:
        """Put before a second person that a pair is to lose its special price."""
        strangers = _strangers(info.context, await info.context.directory(), input.source)
        if strangers is not None:
            return strangers
        actor = _actor(info.context)
        step = pricing.end_pair(info.context.database, input.source, input.target, actor, reason=input.reason)
        return await _proposed(info.context, step)

    @needs(Scope.RATES_APPROVE)
    async def approve_rate(self, info: Info, input: ApproveRateInput) -> RateStepResult:
        """Bring exactly what was submitted into force."""
        actor = _actor(info.context)
        step = pricing.approve(info.context.database, input.number, actor, digest=input.digest, reason=input.reason)
        return await _proposed(info.context, step)

    @needs(Scope.RATES_APPROVE)
    async def reject_rate(self, info: Info, input: RejectRateInput) -> RateStepResult:
        """Send a proposal back."""
        step = pricing.reject(info.context.database, input.number, _actor(info.context), reason=input.reason)
        return await _proposed(info.context, step)

    @needs(brands.Scope.RATES_SUBMIT, Scope.RATES_PREPARE)
    async def pause_pair(self, info: Info, input: PausePairInput) -> PausePairResult:
        """Stop exchanges at once; it takes two persons to let them go on."""
        directory = await info.context.directory()
        strangers = _strangers(info.context, directory, input.source, input.target)
        if strangers is not None:
            return strangers
        found = await pricing.pause(
            info.context.database, input.source, input.target, _actor(info.context), reason=input.reason
        )
        return RatePause.of(found, directory) if isinstance(found, PauseValue) else rate_refused(found)

    @needs(Scope.RATES_PREPARE)
    async def resume_pair(self, info: Info, input: ResumePairInput) -> RateStepResult:
        """Put before a second person that exchanges are to go on."""
        pause_id = key_of("RatePause", input.pause_id)
        step = pricing.resume(info.context.database, pause_id, _actor(info.context), reason=input.reason)
        return await _proposed(info.context, step)


async def _proposed(context: Context, step: Awaitable[pricing.Proposal | RateRefusal]) -> RateProposal | RateRefused:
    found = await step
    if isinstance(found, pricing.Proposal):
        return RateProposal.of(found, await context.directory(), context.database.clock.now())
    return rate_refused(found)


def _actor(context: Context) -> Actor:
    viewer = context.viewer
    return Actor(f"client:{viewer.client_id}" if viewer.kind is ViewerKind.BRAND else viewer.staff_name)


def _visible(
    context: Context, directory: brands.Directory, code: str, target: str | None = None
) -> brands.Program | None:
    """The program, if the viewer may see its prices: a brand its own and those of pairs with its own, staff any."""
    return directory.program(code) if _strangers(context, directory, code, target) is None else None


def _strangers(context: Context, directory: brands.Directory, *codes: str | None) -> UnknownProgram | None:
    """To a brand none of whose programs is among these, they do not exist."""
    if context.viewer.kind is not ViewerKind.BRAND:
        return None
    own = {program.code for program in directory.programs_of(context.viewer.brand_id)}
    if not own.isdisjoint(codes):
        return None
    refusal = pricing.NoSuchProgram(next((code for code in codes if code), "*"))
    return UnknownProgram(message=refusal.message, program=refusal.program)


def _change(
    directory: brands.Directory, input: SubmitRateInput
) -> pricing.PriceChange | UnknownProgram | InvalidAmount:
    source = directory.program(input.program)
    target = source if input.target is None else directory.program(input.target)
    if source is None or target is None:
        refusal = pricing.NoSuchProgram(input.program if source is None else str(input.target))
        return UnknownProgram(message=refusal.message, program=refusal.program)
    texts = {
        "sell": minor_units(input.sell, MONEY_SCALE - source.scale),
        "buy": minor_units(input.buy, MONEY_SCALE - target.scale),
        "fixed": minor_units(input.fee_fixed, MONEY_SCALE),
    } | {f"tier {fee.tier}": minor_units(fee.fixed, MONEY_SCALE) for fee in input.tier_fees}
    read = {name: micro for name, micro in texts.items() if isinstance(micro, int)}
    if len(read) < len(texts):
        return next(wrong for wrong in texts.values() if isinstance(wrong, InvalidAmount))
    tiers = {fee.tier: Fee(fee.basis_points, read[f"tier {fee.tier}"]) for fee in input.tier_fees}
    terms = Terms(read["sell"], read["buy"], input.fee_basis_points, read["fixed"], tiers)
    return pricing.PriceChange(input.program, input.target, terms, input.valid_from, input.valid_to)
