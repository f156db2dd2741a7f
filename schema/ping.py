"""A mutation that does nothing: what a benchmark compares others with, and what a client tries first."""

import strawberry

from schema.fields import open_to_all


@strawberry.type
class Pong:
    """The answer to a ping."""

    idempotency_key: str


@strawberry.type
class PingMutation:
    """The ping."""

    @open_to_all
    async def ping(self, idempotency_key: str) -> Pong:
        """Do nothing, and say so."""
        return Pong(idempotency_key=idempotency_key)
