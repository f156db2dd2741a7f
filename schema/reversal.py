"""Taking back completed exchanges: by a brand for its own, by two members of staff for any."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

import brands
import exchange
from core.persons import Actor
from exchange.saga.errors import UnknownExchange
from exchange.saga.reversing import (
    ReversalRequest,
    approve_reversal,
    propose_reversal,
    reject_reversal,
    reverse,
)
from schema.context import Context, Info
from schema.fields import needs
from schema.ids import key_of
from schema.nodes import Node
from schema.refusals import InvalidAmount, amount, minor_units
from schema.reversal_refusals import ReversalRefused, reversal_refused
from schema.scalars import Amount
from schema.scopes import Scope

strawberry.enum(exchange.ReversalState, name="ReversalState")


@strawberry.type
class Reversal(Node):
    """All or a part of a completed exchange taken back."""

    state: exchange.ReversalState
    taken: Amount
    """Of the target's points."""
    given: Amount
    """Of the source's points."""
    requested_by: str
    reason: str
    requested_at: datetime
    ended_at: datetime | None
    failure: str | None
    """Why the target refused."""
    digest: str
    """What a second person approves."""

    @classmethod
    def of(cls, value: exchange.Reversal, scales: tuple[int, int]) -> "Reversal":
        """As the graph shows it; `scales` are those of source and target."""
        return cls(
            key=value.id,
            state=value.state,
            taken=amount(value.part.target, scales[1]),
            given=amount(value.part.source, scales[0]),
            requested_by=value.requested_by,
            reason=value.reason,
            requested_at=value.requested_at,
            ended_at=value.ended_at,
            failure=value.failure,
            digest=value.digest,
        )


ReversalResult = Annotated[Reversal | ReversalRefused, strawberry.union("ReversalResult")]


@strawberry.input
class ReverseExchangeInput:
    """Which exchange, how much of it, and why."""

    exchange_id: strawberry.ID
    idempotency_key: str
    reason: str
    taken: Amount | None = None
    """Of the target's points; all that is left when it is left out."""


@strawberry.input
class DecideReversalInput:
    """Which proposal, and why."""

    reversal_id: strawberry.ID
    digest: str = ""
    """Of the proposal that was seen; needed to approve."""
    reason: str


@strawberry.type
class ReversalMutation:
    """Taking exchanges back."""

    @needs(brands.Scope.EXCHANGES_REVERSE)
    async def reverse_exchange(self, info: Info, input: ReverseExchangeInput) -> ReversalResult:
        """Take back an exchange into or out of one of the brand's own programs: the target's points first."""
        context = info.context
        found = await _found(context, input)
        own = (await context.directory()).descendants(context.viewer.brand_id)
        if found is None or not await _is_of(context, found, own):
            return reversal_refused(UnknownExchange(), 0)
        request = await _request(context, found, input, context.viewer.client_id)
        if isinstance(request, InvalidAmount):
            return request
        outcome = await reverse(context.database, request, outbox=context.services.outbox)
        return await _shown(context, found, outcome)

    @needs(Scope.CASES_PREPARE)
    async def propose_reversal(self, info: Info, input: ReverseExchangeInput) -> ReversalResult:
        """Put a reversal before a second person; nothing moves."""
        context = info.context
        found = await _found(context, input)
        if found is None:
            return reversal_refused(UnknownExchange(), 0)
        request = await _request(context, found, input, Actor(context.viewer.staff_name).subject)
        if isinstance(request, InvalidAmount):
            return request
        return await _shown(context, found, await propose_reversal(context.database, request))

    @needs(Scope.CASES_APPROVE)
    async def approve_reversal(self, info: Info, input: DecideReversalInput) -> ReversalResult:
        """Carry out exactly what another person proposed."""
        context, wanted = info.context, key_of("Reversal", input.reversal_id)
        outcome = await approve_reversal(
            context.database,
            wanted,
            subject=Actor(context.viewer.staff_name).subject,
            digest=input.digest,
            reason=input.reason,
            outbox=context.services.outbox,
        )
        return await _decided(context, wanted, outcome)

    @needs(Scope.CASES_APPROVE, Scope.CASES_PREPARE)
    async def reject_reversal(self, info: Info, input: DecideReversalInput) -> ReversalResult:
        """Drop what was proposed."""
        context, wanted = info.context, key_of("Reversal", input.reversal_id)
        subject = Actor(context.viewer.staff_name).subject
        outcome = await reject_reversal(context.database, wanted, subject=subject, reason=input.reason)
        return await _decided(context, wanted, outcome)


async def reversals_shown(context: Context, value: exchange.Exchange) -> list[Reversal]:
    """The reversals of an exchange, in order."""
    scales = await _scales(context, value)
    async with context.database.connection() as connection:
        found = (await exchange.reversals_of(connection, [value.id])).get(value.id, [])
    return [Reversal.of(it, scales) for it in found]


async def _found(context: Context, asked: ReverseExchangeInput) -> exchange.Exchange | None:
    wanted = key_of("Exchange", asked.exchange_id)
    async with context.database.connection() as connection:
        return (await exchange.exchanges_by_id(connection, [wanted])).get(wanted)


async def _is_of(context: Context, value: exchange.Exchange, own: frozenset[UUID]) -> bool:
    programs = (await context.directory()).programs
    return any(programs[side.program_id].brand_id in own for side in (value.source, value.target))


async def _request(
    context: Context, value: exchange.Exchange, asked: ReverseExchangeInput, who: str
) -> ReversalRequest | InvalidAmount:
    _, scale = await _scales(context, value)
    minor = None if asked.taken is None else minor_units(asked.taken, scale)
    if isinstance(minor, InvalidAmount):
        return minor
    return ReversalRequest(value.id, who, asked.idempotency_key, asked.reason, minor)


async def _scales(context: Context, value: exchange.Exchange) -> tuple[int, int]:
    programs = (await context.directory()).programs
    return programs[value.source.program_id].scale, programs[value.target.program_id].scale


async def _shown(
    context: Context, value: exchange.Exchange, outcome: exchange.Reversal | exchange.ReversalRefusal
) -> Reversal | ReversalRefused:
    scales = await _scales(context, value)
    if isinstance(outcome, exchange.Reversal):
        return Reversal.of(outcome, scales)
    return reversal_refused(outcome, scales[1])


async def _decided(
    context: Context, wanted: UUID, outcome: exchange.Reversal | exchange.DecisionRefusal
) -> Reversal | ReversalRefused:
    async with context.database.connection() as connection:
        known = (await exchange.reversals_by_id(connection, [wanted])).get(wanted)
        ids = [known.exchange_id] if known else []
        found = list((await exchange.exchanges_by_id(connection, ids)).values())
    scales = await _scales(context, found[0]) if found else (0, 0)
    if isinstance(outcome, exchange.Reversal):
        return Reversal.of(outcome, scales)
    return reversal_refused(outcome, scales[1])
