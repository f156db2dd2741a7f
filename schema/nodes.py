"""Things with an id."""

from uuid import UUID

import strawberry

from schema.ids import global_id


@strawberry.interface
class Node:
    """Something that can be asked for again by its id."""

    key: strawberry.Private[UUID]

    @strawberry.field
    def id(self) -> strawberry.ID:
        """Opaque; good for ever."""
        return global_id(type(self).__name__, self.key)
