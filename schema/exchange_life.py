"""What happens to an exchange, as members see it."""

from datetime import datetime

import strawberry

import exchange
from exchange.saga.errand_rows import errands_of
from exchange.saga.histories import LifeStep, lives
from exchange.saga.reversal_rows import reversals_of
from exchange.saga.telling import Points, Told, tell
from schema.context import Context

strawberry.enum(Points, name="ExchangePoints", description="Where the points that were given up are now.")


@strawberry.type
class ExchangeStep:
    """One step of an exchange's life."""

    state: exchange.State
    recorded_at: datetime

    @classmethod
    def of(cls, value: LifeStep) -> "ExchangeStep":
        """As the graph shows it."""
        return cls(state=value.state, recorded_at=value.recorded_at)


@strawberry.type
class WhatHappens:
    """What is true of an exchange at this moment."""

    points: Points
    message: str
    """One sentence for the member."""
    message_zh: str
    """The same in Chinese."""
    next_look_at: datetime | None
    """When a brand is asked next; null: nobody is waited for."""

    @classmethod
    def of(cls, value: Told) -> "WhatHappens":
        """As the graph shows it."""
        return cls(
            points=value.points, message=value.message, message_zh=value.message_zh, next_look_at=value.next_look_at
        )


async def history_of(context: Context, value: exchange.Exchange) -> list[ExchangeStep]:
    """The exchange's life so far."""
    async with context.database.connection() as connection:
        found = await lives(connection, [value.id])
    return [ExchangeStep.of(step) for step in found.get(value.id, [])]


async def what_happens_to(context: Context, value: exchange.Exchange) -> WhatHappens:
    """The truth at this moment."""
    async with context.database.connection() as connection:
        errands = (await errands_of(connection, [value.id])).get(value.id, [])
        reversals = (await reversals_of(connection, [value.id])).get(value.id, [])
    return WhatHappens.of(tell(value, errands, reversals, context.database.clock.now()))
