"""Keeping who is who up to date: after every change of evidence, what it touches is decided anew as a whole."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from core.database import Connection
from core.ids import name_id
from core.locks import lock_keys
from members.graph import read_graph
from members.resolution import Graph, Question, resolve

_MOVE: Final = """
UPDATE members_record AS kept SET member_id = decided.member_id, identity_changed_at = $3
FROM unnest($1::uuid[], $2::uuid[]) AS decided (id, member_id)
WHERE kept.id = decided.id AND kept.member_id <> decided.member_id
"""

_OPEN: Final = """
INSERT INTO members_review AS kept (id, doubt, identifier_id, left_id, right_id, opened_at)
SELECT id, doubt, identifier_id, left_id, right_id, $6
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[])
    AS asked (id, doubt, identifier_id, left_id, right_id)
ON CONFLICT (id) DO UPDATE SET opened_at = excluded.opened_at, closed_at = NULL WHERE kept.closed_at IS NOT NULL
"""

_CLOSE: Final = """
UPDATE members_review SET closed_at = $4
WHERE closed_at IS NULL AND (identifier_id = ANY($1) OR left_id = ANY($2)) AND NOT id = ANY($3)
"""


async def lock_identities(connection: Connection) -> None:
    """Be the only one to change who is who until the transaction ends: a change may reach anybody."""
    await lock_keys(connection, "members", ["identities"])


async def decide_anew(
    connection: Connection, now: datetime, *, records: Iterable[UUID] = (), changed: Mapping[UUID, int] | None = None
) -> None:
    """Decide who is who among all that `records` and the identifiers in `changed` are connected to.

    `changed` says to how many records each identifier was just added. The caller holds `lock_identities`.
    """
    graph = await read_graph(connection, records, changed or {})
    resolution = resolve(graph)
    decided = sorted(resolution.member_of.items())
    await connection.execute(_MOVE, [record for record, _ in decided], [member for _, member in decided], now)
    await _ask(connection, graph, resolution.questions, now)


async def _ask(connection: Connection, graph: Graph, questions: Iterable[Question], now: datetime) -> None:
    asked = sorted((_review_id(question), question) for question in questions)
    ids = [review_id for review_id, _ in asked]
    await connection.execute(
        _OPEN,
        ids,
        [question.doubt.value for _, question in asked],
        [question.identifier_id for _, question in asked],
        [question.records and question.records[0] for _, question in asked],
        [question.records and question.records[1] for _, question in asked],
        now,
    )
    await connection.execute(_CLOSE, list(graph.nodes), list(graph.records), ids, now)


def _review_id(question: Question) -> UUID:
    return name_id("review", question.doubt, str(question.identifier_id), *map(str, question.records or ()))
