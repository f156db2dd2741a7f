"""Exchanges: accepted quotes."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import federation

import brands
import exchange
import members
from exchange.quote_rows import read_quotes
from schema.context import Context, Info
from schema.errors import NotFound
from schema.exchange_life import ExchangeStep, WhatHappens, history_of, what_happens_to
from schema.exchange_refusals import AcceptanceRefused, acceptance_refused
from schema.fields import needs
from schema.ids import key_of
from schema.nodes import Node
from schema.quote import CNY_DECIMALS, Side
from schema.refusals import amount
from schema.reversal import Reversal, reversals_shown
from schema.scalars import Amount
from schema.scopes import Scope
from schema.viewer import ViewerKind

strawberry.enum(exchange.State, name="ExchangeState")


@federation.type(keys=["id"], requires_scopes=[[Scope.WALLET_READ], [Scope.CASES_READ], [brands.Scope.EXCHANGES_READ]])
class Exchange(Node):
    """Points of one program given up for points of another."""

    state: exchange.State
    source: Side
    target: Side
    fee: Amount
    """The operator's fee in CNY."""
    accepted_at: datetime
    target_expires_at: datetime | None
    """The first instant at which the points received can no longer be used; null: they never expire."""
    value: strawberry.Private[exchange.Exchange]

    @classmethod
    def of(cls, value: exchange.Exchange, directory: brands.Directory) -> "Exchange":
        """As the graph shows it."""
        return cls(
            key=value.id,
            state=value.state,
            source=Side.of(value.source, value.conversion.source, directory),
            target=Side.of(value.target, value.conversion.target, directory),
            fee=amount(value.conversion.fee_micro, CNY_DECIMALS),
            accepted_at=value.accepted_at,
            target_expires_at=value.target_expires_at,
            value=value,
        )

    @strawberry.field
    async def history(self, info: Info) -> list[ExchangeStep]:
        """Its life so far."""
        return await history_of(info.context, self.value)

    @strawberry.field
    async def what_happens(self, info: Info) -> WhatHappens:
        """The truth at this moment, in a sentence."""
        return await what_happens_to(info.context, self.value)

    @strawberry.field
    async def reversals(self, info: Info) -> list[Reversal]:
        """What was taken back of it."""
        return await reversals_shown(info.context, self.value)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Exchange":
        """The member's own exchange, or one of the brand's programs; staff see all. Raises NotFound for another one."""
        found = await visible_exchange(info.context, id)
        return cls.of(found, await info.context.directory())


AcceptQuoteResult = Annotated[Exchange | AcceptanceRefused, strawberry.union("AcceptQuoteResult")]


@strawberry.input
class AcceptQuoteInput:
    """A member's order to carry out a quote."""

    quote_id: strawberry.ID
    idempotency_key: str
    """Chosen by the front end, once per order; sent again, it brings the same exchange."""


@strawberry.type
class ExchangeQuery:
    """Looking at exchanges."""

    @needs(Scope.WALLET_READ, Scope.CASES_READ, brands.Scope.EXCHANGES_READ)
    async def exchange(self, info: Info, id: strawberry.ID) -> Exchange:
        """One of the member's exchanges, or of the brand's programs; staff see all."""
        return await Exchange.resolve_reference(info, id)


@strawberry.type
class ExchangeMutation:
    """Making exchanges."""

    @needs(Scope.EXCHANGES_WRITE)
    async def accept_quote(self, info: Info, input: AcceptQuoteInput) -> AcceptQuoteResult:
        """Carry out a quote: the points move, both brands and the operator are posted, all in one commit."""
        quote_id = key_of("Quote", input.quote_id)
        acceptance = exchange.Acceptance(quote_id, info.context.viewer.member_id, input.idempotency_key)
        outcome, directory = await info.context.services.acceptances(acceptance)
        if isinstance(outcome, exchange.Exchange):
            return Exchange.of(outcome, directory or await info.context.directory())
        return acceptance_refused(outcome, await _source_scale(info.context, acceptance))


async def visible_exchange(context: Context, text: strawberry.ID) -> exchange.Exchange:
    """The exchange with this id of the graph, if the token may see it. Raises NotFound."""
    exchange_id = key_of("Exchange", text)
    async with context.database.connection() as connection:
        found = (await exchange.exchanges_by_id(connection, [exchange_id])).get(exchange_id)
    if found is None or not await _may_see(context, found):
        raise NotFound("You have no such exchange.")
    return found


async def _may_see(context: Context, found: exchange.Exchange) -> bool:
    if context.viewer.kind is ViewerKind.STAFF:
        return True
    if context.viewer.kind is ViewerKind.BRAND:
        directory = await context.directory()
        own = directory.descendants(context.viewer.brand_id)
        return any(directory.programs[side.program_id].brand_id in own for side in (found.source, found.target))
    member_id = context.viewer.member_id
    async with context.database.connection() as connection:
        return found.member_id in (await members.names_of(connection, [member_id])).get(member_id, frozenset())


async def _source_scale(context: Context, acceptance: exchange.Acceptance) -> int:
    """Decimals of the points that were to be given up; 0 for a quote that nobody knows."""
    async with context.database.connection() as connection:
        quote = (await read_quotes(connection, [acceptance.quote_id])).get(acceptance.quote_id)
    return (await context.directory()).programs[quote.source.program_id].scale if quote else 0
