"""All mutations."""

import strawberry

from schema.ping import PingMutation


@strawberry.type
class Mutation(PingMutation):
    """What can be done. Each mutation takes a key or an id made by the client, and happens once however often it is sent."""
