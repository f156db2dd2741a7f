"""All queries."""

import strawberry

from schema.guards import OPEN


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field(metadata=OPEN)
    def version(self) -> str:
        return "0"
