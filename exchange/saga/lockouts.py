"""Brands that refuse our credentials: the first refusal is told, and the first call that passes again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from core.database import Connection
from core.ids import new_id
from exchange.brand_system import Answer, Failed, Failure, InquiryAnswer
from exchange.ports import Lockout, Outbox

AGAIN_AFTER: Final = timedelta(minutes=5)
"""How long after credentials were taken a refusal is no news: processes read new ones one after the other."""

_SAYS_NOTHING: Final = frozenset(
    {Failure.NOT_SENT, Failure.UNKNOWN, Failure.RATE_LIMITED, Failure.INVALID, Failure.UNSUPPORTED}
)
"""Failures that a system may have found before it looked at our credentials."""

_BEGIN: Final = """
INSERT INTO exchange_lockout (id, program_id, refused_at)
SELECT item.id, item.program_id, $3 FROM unnest($1::uuid[], $2::uuid[]) AS item (id, program_id)
WHERE NOT EXISTS (SELECT FROM exchange_lockout AS former
    WHERE former.program_id = item.program_id AND former.accepted_at > $3::timestamptz - $4::interval)
ORDER BY item.program_id
ON CONFLICT (program_id) WHERE accepted_at IS NULL DO NOTHING
RETURNING program_id, refused_at, accepted_at
"""

_END: Final = """
UPDATE exchange_lockout SET accepted_at = greatest(refused_at, $2)
WHERE id IN (SELECT id FROM exchange_lockout
    WHERE program_id = ANY($1::uuid[]) AND accepted_at IS NULL ORDER BY program_id FOR UPDATE)
RETURNING program_id, refused_at, accepted_at
"""


async def watch_credentials(
    connection: Connection, answers: Iterable[tuple[UUID, Answer | InquiryAnswer]], now: datetime, outbox: Outbox
) -> None:
    """Take in what systems answered, each with its program: what begins or is over now is told, once."""
    refused: dict[UUID, Failed] = {}
    taken: set[UUID] = set()
    for program_id, answer in answers:
        failed = answer if isinstance(answer, Failed) else None
        if failed is not None and failed.failure is Failure.AUTH:
            refused.setdefault(program_id, failed)
        elif failed is None or failed.failure not in _SAYS_NOTHING:
            taken.add(program_id)
    found = []
    if refused:
        ids = sorted(refused)
        rows = await connection.fetch(_BEGIN, [new_id() for _ in ids], ids, now, AGAIN_AFTER)
        found += [Lockout(**row, words=refused[row["program_id"]].message) for row in rows]
    if taken := taken.difference(refused):
        found += [Lockout(**row) for row in await connection.fetch(_END, sorted(taken), now)]
    if found:
        await outbox.locked_out(connection, found)
