"""Things with an id."""

import strawberry


@strawberry.interface
class Node:
    """Something that can be asked for again by its id."""

    id: strawberry.ID
    """Opaque; good for ever."""
