"""Points that a brand gives or takes by itself, one at a time; thousands at a time: `movement_batch`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

import brands
import exchange
from schema.context import Context, Info
from schema.errors import BadInput
from schema.exchange_refusals import UnknownProgram
from schema.fields import needs
from schema.ids import global_id, key_of
from schema.movement_refusals import MovementRefused, movement_refused
from schema.program import Program
from schema.refusals import InvalidAmount, amount, minor_units
from schema.scalars import Amount
from schema.scopes import Scope

strawberry.enum(exchange.MovementKind)


@strawberry.type
class Movement:
    """An award, a burn or a reversal that was recorded."""

    id: strawberry.ID
    kind: exchange.MovementKind
    program: Program
    amount: Amount
    reason: str
    expires_at: datetime | None
    """For an award, the first instant at which the points can no longer be used; null: never, or no award."""
    available_at: datetime | None
    """For an award that waits, the first instant at which the points can be used; null: at once, or no award."""
    reverses_id: strawberry.ID | None
    """For a reversal, the movement that it takes back."""
    recorded_at: datetime

    @classmethod
    def of(cls, value: exchange.Movement, directory: brands.Directory) -> "Movement":
        """As the graph shows it."""
        program = directory.programs[value.program_id]
        return cls(
            id=global_id("Movement", value.id),
            kind=value.kind,
            program=Program.of(program, directory),
            amount=amount(value.amount, program.scale),
            reason=value.reason,
            expires_at=value.expires_at,
            available_at=value.available_at,
            reverses_id=global_id("Movement", value.reverses_id) if value.reverses_id else None,
            recorded_at=value.recorded_at,
        )


MovementResult = Annotated[Movement | MovementRefused, strawberry.union("MovementResult")]


@strawberry.input
class MovementInput:
    """What to give to, or take from, whom."""

    program: str
    """The program's code."""
    amount: Amount
    idempotency_key: str
    """Chosen by the brand's system, once per movement; sent again, it brings the same movement."""
    number: str = ""
    """The member's number in the program; left out when there is a code."""
    code: str = ""
    """What the member shows (`memberCode`): good for a minute at most."""
    reason: str = ""
    """For the member's statement: at most 200 printable characters."""
    brand: str | None = None
    """The code of the place that acts, below the token's brand; the token's brand itself when left out."""
    available_in_days: int = 0
    """For an award: 14 means from midnight two weeks from today, in the program's time zone; at most 366."""


@strawberry.input
class ReversalInput:
    """Which movement to take back, and how much of it."""

    movement_id: strawberry.ID
    idempotency_key: str
    """Chosen by the brand's system, once per reversal."""
    amount: Amount | None = None
    """All that is left of it, when left out."""
    as_far_as_possible: bool = False
    """For an award whose points are spent in part: take back what is left, in place of nothing."""
    reason: str = ""
    """For the member's statement: at most 200 printable characters."""
    brand: str | None = None
    """The code of the place that acts, below the token's brand; the token's brand itself when left out."""


@strawberry.type
class MemberCode:
    """What a member shows at any till to earn and to spend."""

    text: str
    """Twenty digits."""
    expires_at: datetime
    """When the next code takes its place; tills accept this one for half a minute more."""


@strawberry.type
class MovementMutation:
    """What a brand's till and back office do with points."""

    @needs(brands.Scope.AWARDS_WRITE)
    async def award_points(self, info: Info, input: MovementInput) -> MovementResult:
        """Give points to a member of one of the brand's own programs."""
        return await _move(info.context, exchange.Award, input)

    @needs(brands.Scope.AWARDS_WRITE)
    async def burn_points(self, info: Info, input: MovementInput) -> MovementResult:
        """Take points that a member spends at the brand."""
        return await _move(info.context, exchange.Burn, input)

    @needs(brands.Scope.AWARDS_WRITE)
    async def reverse_movement(self, info: Info, input: ReversalInput) -> MovementResult:
        """Take back an award or a burn, whole or in part: exactly the points that it moved."""
        return await _reverse(info.context, input)

    @needs(Scope.RIGHTS_WRITE)
    async def member_code(self, info: Info) -> MemberCode:
        """The code to show at tills now. Asking again changes nothing."""
        services = info.context.services
        shown = await services.member_codes.show(services.database, info.context.viewer.member_id)
        return MemberCode(text=shown.text, expires_at=shown.expires_at)


async def _move(
    context: Context, kind: type[exchange.Award | exchange.Burn], asked: MovementInput
) -> Movement | MovementRefused:
    directory = await context.directory()
    program = directory.program(asked.program)
    if program is None:
        return UnknownProgram(message=exchange.UnknownProgram(asked.program).message, program=asked.program)
    minor = minor_units(asked.amount, program.scale)
    if isinstance(minor, InvalidAmount):
        return minor
    brand = await context.acting_brand(asked.brand)
    outcome = await context.services.movements(_order(kind, asked, minor, brand.id, context.viewer.client_id))
    if isinstance(outcome, exchange.Movement):
        return Movement.of(outcome, directory)
    return movement_refused(outcome, program.scale)


def _order(
    kind: type[exchange.Award | exchange.Burn], asked: MovementInput, minor: int, brand_id: UUID, client_id: str
) -> exchange.Award | exchange.Burn:
    if asked.number and asked.code:
        raise BadInput("A member is named by a number or by a code, not by both.", argument="code")
    if not (asked.number or asked.code):
        raise BadInput("Name the member, by a number or by a code.", argument="number")
    if kind is exchange.Burn and asked.available_in_days:
        raise BadInput("Only awards can wait.", argument="availableInDays")
    facts = (asked.program, asked.number, minor, brand_id, client_id, asked.idempotency_key, asked.reason, asked.code)
    return exchange.Award(*facts, asked.available_in_days) if kind is exchange.Award else exchange.Burn(*facts)


async def _reverse(context: Context, asked: ReversalInput) -> Movement | MovementRefused:
    movement_id, directory = key_of("Movement", asked.movement_id), await context.directory()
    async with context.database.connection() as connection:
        original = (await exchange.movements_by_id(connection, [movement_id])).get(movement_id)
    scale = directory.programs[original.program_id].scale if original else 0
    minor = None if asked.amount is None else minor_units(asked.amount, scale)
    brand = await context.acting_brand(asked.brand)
    if isinstance(minor, InvalidAmount):
        # Whoever may not know the movement must not learn from its decimals that it exists.
        own = original is not None and original.brand_id in directory.descendants(brand.id)
        return minor if own else movement_refused(exchange.UnknownMovement(), 0)
    order = exchange.MovementReversal(
        movement_id,
        minor,
        brand.id,
        context.viewer.client_id,
        asked.idempotency_key,
        asked.reason,
        asked.as_far_as_possible,
    )
    outcome = await context.services.movements(order)
    if isinstance(outcome, exchange.Movement):
        return Movement.of(outcome, directory)
    return movement_refused(outcome, scale)
