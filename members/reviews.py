"""The review queue: what only a person can decide. A verdict or a block that settles a question closes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from core.database import Connection
from members.resolution import Doubt


@dataclass(frozen=True, slots=True)
class Review:
    """One open question."""

    id: UUID
    doubt: Doubt
    identifier_id: UUID | None
    """What the records share."""
    left_id: UUID | None
    """The records in question; None when the question is whether the identifier belongs to one person at all."""
    right_id: UUID | None
    opened_at: datetime


_OPEN: Final = """
SELECT id, doubt, identifier_id, left_id, right_id, opened_at FROM members_review
WHERE closed_at IS NULL ORDER BY opened_at, id LIMIT $1
"""


async def open_reviews(connection: Connection, limit: int = 100) -> Sequence[Review]:
    """The oldest open questions."""
    return [
        Review(row["id"], Doubt(row["doubt"]), row["identifier_id"], row["left_id"], row["right_id"], row["opened_at"])
        for row in await connection.fetch(_OPEN, limit)
    ]
