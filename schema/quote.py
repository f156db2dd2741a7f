"""Quotes: what points can become."""

from datetime import datetime
from typing import Annotated

import strawberry

import brands
import exchange
from schema.context import Context, Info
from schema.exchange_refusals import QuoteRefused, UnknownProgram, quote_refused
from schema.fields import needs
from schema.ids import global_id
from schema.program import Program
from schema.refusals import InvalidAmount, Refusal, amount, minor_units
from schema.scalars import Amount
from schema.scopes import Scope

CNY_DECIMALS = 6


@strawberry.type
class Side:
    """One end of a quote or an exchange."""

    program: Program
    amount: Amount
    """Of the program's points."""

    @classmethod
    def of(cls, side: exchange.Side, minor: int, directory: brands.Directory) -> "Side":
        """As the graph shows it."""
        program = directory.programs[side.program_id]
        return cls(program=Program.of(program, directory), amount=amount(minor, program.scale))


@strawberry.type
class Quote:
    """An offer to one member, good for one exchange."""

    id: strawberry.ID
    source: Side
    target: Side
    fee: Amount
    """The operator's fee in CNY, already taken off."""
    worth: Amount | None
    """What the points received would bring in CNY if they were given up again; offers are ordered by it."""
    special: bool
    """Whether the pair has a special price."""
    expires_at: datetime
    """The first instant at which it can no longer be accepted."""

    @classmethod
    def of(cls, value: exchange.Quote, directory: brands.Directory) -> "Quote":
        """As the graph shows it."""
        return cls(
            id=global_id("Quote", value.id),
            source=Side.of(value.source, value.conversion.source, directory),
            target=Side.of(value.target, value.conversion.target, directory),
            fee=amount(value.conversion.fee_micro, CNY_DECIMALS),
            worth=None if value.worth_micro is None else amount(value.worth_micro, CNY_DECIMALS),
            special=value.pair_rate_id is not None,
            expires_at=value.expires_at,
        )


@strawberry.type
class Unavailable:
    """A program into which this amount cannot be exchanged."""

    program: str
    """Its code."""
    why_not: Refusal
    """With how much is left and when that changes, where it does."""


@strawberry.type
class Portion:
    """Points that are given up."""

    amount: Amount
    expires_at: datetime | None
    """When they would have expired; null: never."""


@strawberry.type
class Offers:
    """What an amount can become."""

    spends: list[Portion]
    """The points that any of the quotes takes, those that expire soonest first."""

    quotes: list[Quote]
    """Best value first."""
    unavailable: list[Unavailable]
    """All other programs, by code."""

    @classmethod
    def of(cls, value: exchange.Offers, scale: int, directory: brands.Directory) -> "Offers":
        """As the graph shows it; `scale` is that of the source's points."""
        return cls(
            spends=[Portion(amount=amount(it.amount, scale), expires_at=it.expires_at) for it in value.spends],
            quotes=[Quote.of(quote, directory) for quote in value.quotes],
            unavailable=[
                Unavailable(program=found.program, why_not=quote_refused(found.refusal, scale))
                for found in value.unavailable
            ],
        )


QuotesResult = Annotated[Offers | QuoteRefused, strawberry.union("QuotesResult")]
CreateQuoteResult = Annotated[Quote | QuoteRefused, strawberry.union("CreateQuoteResult")]


@strawberry.input
class CreateQuoteInput:
    """What to quote."""

    source: str
    """The code of the program whose points are given up."""
    target: str
    """The code of the program whose points are wanted."""
    amount: Amount
    """Of the source's points."""


@strawberry.type
class QuoteQuery:
    """Asking for all that can be had."""

    @needs(Scope.EXCHANGES_WRITE)
    async def quotes(self, info: Info, source: str, amount: Amount) -> QuotesResult:
        """What an amount of the member's points can become, best value first. Each quote can be accepted."""
        asked = await _asked(info.context, source, amount)
        if not isinstance(asked, tuple):
            return asked
        program, minor = asked
        found = await exchange.quotes(info.context.database, info.context.viewer.member_id, source, minor)
        if isinstance(found, exchange.Offers):
            return Offers.of(found, program.scale, await info.context.directory())
        return quote_refused(found, program.scale)


@strawberry.type
class QuoteMutation:
    """Asking for one price."""

    @needs(Scope.EXCHANGES_WRITE)
    async def create_quote(self, info: Info, input: CreateQuoteInput) -> CreateQuoteResult:
        """A price for one exchange. Nothing moves until a quote is accepted, so asking again only gives another one."""
        asked = await _asked(info.context, input.source, input.amount)
        if not isinstance(asked, tuple):
            return asked
        program, minor = asked
        request = exchange.QuoteRequest(info.context.viewer.member_id, input.source, input.target, minor)
        found = await exchange.quote(info.context.database, request)
        if isinstance(found, exchange.Quote):
            return Quote.of(found, await info.context.directory())
        return quote_refused(found, program.scale)


async def _asked(
    context: Context, source: str, text: Amount
) -> tuple[brands.Program, int] | UnknownProgram | InvalidAmount:
    program = (await context.directory()).program(source)
    if program is None:
        refusal = exchange.UnknownProgram(source)
        return UnknownProgram(message=refusal.message, program=source)
    minor = minor_units(text, program.scale)
    return minor if isinstance(minor, InvalidAmount) else (program, minor)
