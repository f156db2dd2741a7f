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
from schema.exchange_refusals import AcceptanceRefused, acceptance_refused
from schema.fields import needs
from schema.ids import key_of
from schema.nodes import Node
from schema.quote import CNY_DECIMALS, Side
from schema.refusals import amount
from schema.scalars import Amount
from schema.scopes import Scope

strawberry.enum(exchange.State, name="ExchangeState")


@federation.type(keys=["id"], requires_scopes=[[Scope.WALLET_READ]])
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
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Exchange":
        """The member's own exchange. Raises NotFound for another one."""
        found = await _own(info.context, id)
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

    @needs(Scope.WALLET_READ)
    async def exchange(self, info: Info, id: strawberry.ID) -> Exchange:
        """One of the member's exchanges."""
        return await Exchange.resolve_reference(info, id)


@strawberry.type
class ExchangeMutation:
    """Making exchanges."""

    @needs(Scope.EXCHANGES_WRITE)
    async def accept_quote(self, info: Info, input: AcceptQuoteInput) -> AcceptQuoteResult:
        """Carry out a quote: the points move, both brands and the operator are posted, all in one commit."""
        quote_id = key_of("Quote", input.quote_id)
        acceptance = exchange.Acceptance(quote_id, info.context.viewer.member_id, input.idempotency_key)
        outcome = await info.context.services.acceptances(acceptance)
        if isinstance(outcome, exchange.Exchange):
            return Exchange.of(outcome, await info.context.directory())
        return acceptance_refused(outcome, await _source_scale(info.context, acceptance))


async def _own(context: Context, text: strawberry.ID) -> exchange.Exchange:
    exchange_id, member_id = key_of("Exchange", text), context.viewer.member_id
    async with context.database.connection() as connection:
        found = (await exchange.exchanges_by_id(connection, [exchange_id])).get(exchange_id)
        names = await members.names_of(connection, [member_id])
    if found is None or found.member_id not in names.get(member_id, frozenset()):
        raise NotFound("You have no such exchange.")
    return found


async def _source_scale(context: Context, acceptance: exchange.Acceptance) -> int:
    """Decimals of the points that were to be given up; 0 for a quote that nobody knows."""
    async with context.database.connection() as connection:
        quote = (await read_quotes(connection, [acceptance.quote_id])).get(acceptance.quote_id)
    return (await context.directory()).programs[quote.source.program_id].scale if quote else 0
