"""The evidence around some records, read from the tables until nothing more is connected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from core.database import Connection
from members.identifiers import RULES, IdentifierType
from members.resolution import Graph, Node, Pair, Verdict

_IDENTIFIERS: Final = (
    "SELECT id, type, scope, blocked_reason IS NOT NULL AS blocked FROM members_identifier WHERE id = ANY($1)"
)

_CARRIERS: Final = (
    "SELECT identifier_id, record_id FROM members_evidence WHERE identifier_id = ANY($1) AND revoked_at IS NULL"
)

_CARRIED: Final = (
    "SELECT record_id, identifier_id FROM members_evidence WHERE record_id = ANY($1) AND revoked_at IS NULL"
)

_VERDICTS: Final = """
SELECT DISTINCT ON (left_id, right_id) left_id, right_id, verdict FROM members_verdict
WHERE left_id = ANY($1) OR right_id = ANY($1)
ORDER BY left_id, right_id, id DESC
"""


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    nodes: dict[UUID, Node] = field(default_factory=dict)
    carriers: dict[UUID, list[UUID]] = field(default_factory=dict)
    evidence: set[tuple[UUID, UUID]] = field(default_factory=set)
    verdicts: dict[Pair, Verdict] = field(default_factory=dict)
    records: set[UUID] = field(default_factory=set)

    def graph(self) -> Graph:
        verdicts = {records: said for records, said in self.verdicts.items() if self.records.issuperset(records)}
        return Graph(frozenset(self.records), self.nodes, frozenset(self.evidence), verdicts)


async def read_graph(connection: Connection, records: Iterable[UUID], changed: Mapping[UUID, int]) -> Graph:
    """Everything connected to `records` or, before or after the change, by way of the identifiers in `changed`.

    `changed` says to how many records each identifier was just added: it may have become shared only now, and then
    those it used to connect have to be looked at again.
    """
    reading = _Reading()
    await _read_identifiers(connection, reading, changed.keys())
    frontier = set(records)
    for identifier_id, added in changed.items():
        if _connected(reading.nodes[identifier_id], added):
            frontier.update(reading.carriers[identifier_id])
    while frontier:
        frontier = await _read_around(connection, reading, frontier)
    return reading.graph()


def _connected(node: Node, added: int) -> bool:
    return not node.blocked and node.record_count - added <= RULES[node.type].records_max


async def _read_identifiers(connection: Connection, reading: _Reading, ids: Iterable[UUID]) -> None:
    known = await connection.fetch(_IDENTIFIERS, list(ids))
    carriers: dict[UUID, list[UUID]] = {row["id"]: [] for row in known}
    # A blocked one connects nobody, and may be carried by any number of records.
    for row in await connection.fetch(_CARRIERS, [row["id"] for row in known if not row["blocked"]]):
        carriers[row["identifier_id"]].append(row["record_id"])
    for row in known:
        count = len(carriers[row["id"]])
        reading.nodes[row["id"]] = Node(IdentifierType(row["type"]), row["scope"], row["blocked"], count)
    reading.carriers.update(carriers)


async def _read_around(connection: Connection, reading: _Reading, frontier: set[UUID]) -> set[UUID]:
    """Read what the frontier's records carry; returns the records that are connected and not read yet."""
    reading.records |= frontier
    found = await connection.fetch(_CARRIED, list(frontier))
    reading.evidence.update((row["record_id"], row["identifier_id"]) for row in found)
    carried = {row["identifier_id"] for row in found}
    await _read_identifiers(connection, reading, carried - reading.nodes.keys())
    connected = {record for each in carried if reading.nodes[each].connects for record in reading.carriers[each]}
    return (connected | await _read_verdicts(connection, reading, frontier)) - reading.records


async def _read_verdicts(connection: Connection, reading: _Reading, frontier: set[UUID]) -> set[UUID]:
    """Returns the records that a person declared the same as one of the frontier's."""
    same: set[UUID] = set()
    for row in await connection.fetch(_VERDICTS, list(frontier)):
        records, verdict = (row["left_id"], row["right_id"]), Verdict(row["verdict"])
        reading.verdicts[records] = verdict
        if verdict is Verdict.SAME:
            same.update(records)
    return same
