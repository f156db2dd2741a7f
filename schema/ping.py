"""A mutation that does nothing: what a benchmark compares others with, and what a client tries first."""

import strawberry

from schema.guards import OPEN


@strawberry.type
class Pong:
    """The answer to a ping."""

    idempotency_key: str


@strawberry.type
class PingMutation:
    """The ping."""

    @strawberry.mutation(metadata=OPEN)
    async def ping(self, idempotency_key: str) -> Pong:
        """Do nothing, and say so."""
        return Pong(idempotency_key=idempotency_key)
