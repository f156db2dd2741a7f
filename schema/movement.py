"""Points that a brand gives or takes by itself."""

from datetime import datetime
from typing import Annotated

import strawberry

import brands
import exchange
from schema.context import Context, Info
from schema.exchange_refusals import MovementRefused, UnknownProgram, movement_refused
from schema.fields import needs
from schema.ids import global_id
from schema.program import Program
from schema.refusals import InvalidAmount, amount, minor_units
from schema.scalars import Amount

strawberry.enum(exchange.MovementKind)


@strawberry.type
class Movement:
    """An award or a burn that was recorded."""

    id: strawberry.ID
    kind: exchange.MovementKind
    program: Program
    amount: Amount
    reason: str
    expires_at: datetime | None
    """For an award, the first instant at which the points can no longer be used; null: never, or a burn."""
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
            recorded_at=value.recorded_at,
        )


MovementResult = Annotated[Movement | MovementRefused, strawberry.union("MovementResult")]


@strawberry.input
class MovementInput:
    """What to give to, or take from, whom."""

    program: str
    """The program's code."""
    number: str
    """The member's number in the program."""
    amount: Amount
    idempotency_key: str
    """Chosen by the brand's system, once per movement; sent again, it brings the same movement."""
    reason: str = ""
    """For the member's statement: at most 200 printable characters."""
    brand: str | None = None
    """The code of the place that acts, below the token's brand; the token's brand itself when left out."""


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
    order = kind(
        asked.program,
        asked.number,
        minor,
        brand.id,
        context.viewer.client_id,
        asked.idempotency_key,
        asked.reason,
    )
    outcome = await context.services.movements(order)
    if isinstance(outcome, exchange.Movement):
        return Movement.of(outcome, directory)
    return movement_refused(outcome, program.scale)
