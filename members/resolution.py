"""Who is who: a pure function from evidence and persons' verdicts to members, the same for any order of arrival.

A record is what one source says about one person: a row of a brand's file, an account of a sign-in provider.
Evidence says that a record carries an identifier. Records that share an identifier are one member, unless that
breaks a rule: then a person has to decide, and until then they stay apart. Everything is taken in an order that
follows from what the evidence says (strength, then id), never from when it came.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from members.identifiers import RULES, STRENGTH, IdentifierType

Pair: TypeAlias = tuple[UUID, UUID]
"""Two records, the smaller id first."""


class Verdict(StrEnum):
    """What a person decided about two records."""

    SAME = "same"
    """They are one person, whatever the rules say."""
    DIFFERENT = "different"
    """They are two persons, whatever the evidence says."""
    OPEN = "open"
    """An earlier verdict is withdrawn: the evidence decides."""


class Doubt(StrEnum):
    """Why records that share something were left apart."""

    LIMIT = "limit"
    """Together they would have more identifiers of one type than one person may have."""
    SHARED = "shared"
    """More records share the identifier than one person would have."""
    CONTRADICTION = "contradiction"
    """Persons' verdicts cannot all be true."""


@dataclass(frozen=True, slots=True)
class Node:
    """An identifier as the graph knows it."""

    type: IdentifierType
    scope: str
    blocked: bool
    """It belongs to no one person: a shop's device, a test number."""
    record_count: int
    """How many records carry it, in the graph or outside; 0 where it is blocked and nobody counts."""

    @property
    def shared(self) -> bool:
        """Whether too many records carry it for it to be one person's."""
        return self.record_count > RULES[self.type].records_max

    @property
    def connects(self) -> bool:
        """Whether sharing it says anything."""
        return not (self.blocked or self.shared)


@dataclass(frozen=True, slots=True)
class Graph:
    """Records, what they carry and what persons decided: closed, so that nothing outside is connected to it."""

    records: frozenset[UUID]
    nodes: Mapping[UUID, Node]
    evidence: frozenset[tuple[UUID, UUID]]
    """(record, identifier)"""
    verdicts: Mapping[Pair, Verdict]


@dataclass(frozen=True, slots=True)
class Question:
    """What a person has to decide."""

    doubt: Doubt
    identifier_id: UUID | None
    records: Pair | None
    """The records in question; None when it is the identifier itself."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who."""

    member_of: Mapping[UUID, UUID]
    """Of each record, the member: named by the smallest record id among the member's."""
    questions: frozenset[Question]


def pair(left: UUID, right: UUID) -> Pair:
    """The two records in their order."""
    return (left, right) if left <= right else (right, left)


def resolve(graph: Graph) -> Resolution:
    """Decide who is who."""
    bonds, questions = _bonds(graph.verdicts)
    clusters = _Clusters(graph, _opponents(graph.verdicts, bonds))
    carriers = _carriers(graph)
    for identifier_id in sorted(graph.nodes, key=lambda each: (STRENGTH[graph.nodes[each].type], each)):
        node = graph.nodes[identifier_id]
        if node.connects:
            questions |= _join_carriers(clusters, identifier_id, carriers[identifier_id])
        elif node.shared and not node.blocked:
            questions.add(Question(Doubt.SHARED, identifier_id, None))
    questions |= _join_bonds(clusters, bonds)
    member_of = clusters.members()
    return Resolution(member_of, frozenset(each for each in questions if not _settled(each, member_of)))


def _settled(question: Question, member_of: Mapping[UUID, UUID]) -> bool:
    return question.records is not None and len({member_of[record] for record in question.records}) == 1


_Bonds: TypeAlias = Mapping[UUID, frozenset[UUID]]
"""Of each record a person judged, all records that persons declared to be the same."""


def _bonds(verdicts: Mapping[Pair, Verdict]) -> tuple[_Bonds, set[Question]]:
    bonds = {record: frozenset({record}) for records in verdicts for record in records}
    parted = _pairs(verdicts, Verdict.DIFFERENT)
    questions = set()
    for left, right in _pairs(verdicts, Verdict.SAME):
        together = bonds[left] | bonds[right]
        if any(together.issuperset(records) for records in parted):
            questions.add(Question(Doubt.CONTRADICTION, None, (left, right)))
        else:
            bonds.update(dict.fromkeys(together, together))
    return bonds, questions


def _pairs(verdicts: Mapping[Pair, Verdict], wanted: Verdict) -> list[Pair]:
    return sorted(records for records, verdict in verdicts.items() if verdict is wanted)


def _opponents(verdicts: Mapping[Pair, Verdict], bonds: _Bonds) -> Mapping[UUID, set[UUID]]:
    opponents: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for left, right in _pairs(verdicts, Verdict.DIFFERENT):
        for record in bonds[left]:
            opponents[record] |= bonds[right]
        for record in bonds[right]:
            opponents[record] |= bonds[left]
    return opponents


def _join_bonds(clusters: "_Clusters", bonds: _Bonds) -> set[Question]:
    questions = set()
    for bond in sorted({min(found): found for found in bonds.values()}.values(), key=min):
        for record in sorted(bond):
            first, other = clusters.of[min(bond)], clusters.of[record]
            if first.opponents & other.records:
                questions.add(Question(Doubt.CONTRADICTION, None, pair(first.first, other.first)))
            elif first is not other:
                clusters.join(first, other)
    return questions


@dataclass(slots=True)
class _Cluster:
    """Records that are one member so far."""

    first: UUID
    records: set[UUID]
    held: dict[tuple[IdentifierType, str], set[UUID]] = field(default_factory=dict)
    opponents: set[UUID] = field(default_factory=set)

    def breaks_limit_with(self, other: "_Cluster") -> bool:
        return any(
            len(mine | other.held[kind]) > max(RULES[kind[0]].per_member_max, len(mine), len(other.held[kind]))
            for kind, mine in self.held.items()
            if kind in other.held
        )

    def absorb(self, other: "_Cluster") -> None:
        self.first = min(self.first, other.first)
        self.records |= other.records
        self.opponents |= other.opponents
        for kind, identifiers in other.held.items():
            self.held.setdefault(kind, set()).update(identifiers)


class _Clusters:
    def __init__(self, graph: Graph, opponents: Mapping[UUID, set[UUID]]) -> None:
        self.of = {each: _Cluster(each, {each}, opponents=set(opponents.get(each, ()))) for each in graph.records}
        for record, identifier_id in graph.evidence:
            node = graph.nodes[identifier_id]
            if node.connects:
                self.of[record].held.setdefault((node.type, node.scope), set()).add(identifier_id)

    def join(self, cluster: _Cluster, other: _Cluster) -> None:
        cluster.absorb(other)
        self.of.update(dict.fromkeys(other.records, cluster))

    def members(self) -> dict[UUID, UUID]:
        return {record: cluster.first for record, cluster in self.of.items()}


def _carriers(graph: Graph) -> Mapping[UUID, list[UUID]]:
    carriers: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for record, identifier_id in graph.evidence:
        carriers[identifier_id].append(record)
    return carriers


def _join_carriers(clusters: _Clusters, identifier_id: UUID, carriers: Iterable[UUID]) -> set[Question]:
    distinct = {id(cluster): cluster for cluster in map(clusters.of.__getitem__, carriers)}
    apart: list[_Cluster] = []
    questions = set()
    for cluster in sorted(distinct.values(), key=lambda each: each.first):
        allowed = [other for other in apart if not other.opponents & cluster.records]
        fitting = next((other for other in allowed if not other.breaks_limit_with(cluster)), None)
        if fitting is not None:
            clusters.join(fitting, cluster)
            continue
        if allowed:
            questions.add(Question(Doubt.LIMIT, identifier_id, pair(allowed[0].first, cluster.first)))
        apart.append(cluster)
    return questions
