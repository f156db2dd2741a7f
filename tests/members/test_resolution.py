"""Who is who, as a pure function."""

import random
from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from members.identifiers import RULES, IdentifierType
from members.resolution import Doubt, Graph, Node, Pair, Question, Resolution, Verdict, pair, resolve

A, B, C, D = (UUID(int=number) for number in range(1, 5))
PHONE, EMAIL, UNION_1, UNION_2, OPEN_1, OPEN_2 = (UUID(int=number) for number in range(101, 107))
KINDS = {
    PHONE: IdentifierType.PHONE,
    EMAIL: IdentifierType.EMAIL,
    UNION_1: IdentifierType.UNIONID,
    UNION_2: IdentifierType.UNIONID,
    OPEN_1: IdentifierType.OPENID,
    OPEN_2: IdentifierType.OPENID,
}


def _graph(
    evidence: list[tuple[UUID, UUID]],
    verdicts: dict[Pair, Verdict] | None = None,
    blocked: frozenset[UUID] = frozenset(),
    records: frozenset[UUID] = frozenset(),
) -> Graph:
    counts = Counter(identifier for _, identifier in set(evidence))
    nodes = {each: Node(KINDS[each], "", each in blocked, count) for each, count in counts.items()}
    return Graph(records | {record for record, _ in evidence}, nodes, frozenset(evidence), verdicts or {})


def _groups(resolution: Resolution) -> set[frozenset[UUID]]:
    members = set(resolution.member_of.values())
    return {frozenset(r for r, member in resolution.member_of.items() if member == each) for each in members}


def test_sharing_makes_one() -> None:
    """Who shares an identifier, directly or through others, is one member, named by the smallest record."""
    found = resolve(_graph([(B, PHONE), (A, PHONE), (A, EMAIL), (C, EMAIL), (D, UNION_1)]))
    assert found.member_of == {A: A, B: A, C: A, D: D}
    assert found.questions == frozenset()


def test_limit() -> None:
    """Two unionids of one provider are not one person's: a question, no merge."""
    found = resolve(_graph([(A, UNION_1), (A, PHONE), (B, UNION_2), (B, PHONE)]))
    assert found.member_of == {A: A, B: B}
    assert found.questions == {Question(Doubt.LIMIT, PHONE, (A, B))}


def test_limit_is_about_the_whole_member() -> None:
    """What joins through a third record counts as well."""
    found = resolve(_graph([(A, UNION_1), (A, PHONE), (C, PHONE), (C, EMAIL), (B, EMAIL), (B, UNION_2)]))
    assert found.member_of == {A: A, B: B, C: A}
    assert found.questions == {Question(Doubt.LIMIT, EMAIL, (A, B))}


def test_stronger_evidence_first() -> None:
    """A unionid decides before a phone number does, whatever their ids."""
    found = resolve(_graph([(A, PHONE), (A, OPEN_1), (C, PHONE), (C, UNION_1), (B, UNION_1), (B, OPEN_2)]))
    assert found.member_of == {A: A, B: B, C: B}
    assert found.questions == {Question(Doubt.LIMIT, PHONE, (A, B))}


def test_shared() -> None:
    """A number that too many records carry joins nobody and asks one question."""
    crowd = [UUID(int=number) for number in range(1, RULES[IdentifierType.PHONE].records_max + 2)]
    found = resolve(_graph([(record, PHONE) for record in crowd]))
    assert found.member_of == {record: record for record in crowd}
    assert found.questions == {Question(Doubt.SHARED, PHONE, None)}


def test_not_yet_shared() -> None:
    """As many records as one person may have are one person's."""
    few = [UUID(int=number) for number in range(1, RULES[IdentifierType.PHONE].records_max + 1)]
    assert set(resolve(_graph([(record, PHONE) for record in few])).member_of.values()) == {few[0]}


def test_blocked() -> None:
    """A blocked identifier joins nobody, counts for no limit and asks nothing."""
    evidence = [(A, UNION_1), (B, UNION_1), (A, PHONE), (B, PHONE), (B, UNION_2)]
    found = resolve(_graph(evidence, blocked=frozenset({UNION_1})))
    assert found == Resolution({A: A, B: A}, frozenset())


def test_verdict_same() -> None:
    """A person may join what evidence and limits would not."""
    found = resolve(_graph([(A, UNION_1), (B, UNION_2), (B, PHONE), (C, PHONE)], {(A, B): Verdict.SAME}))
    assert found == Resolution({A: A, B: A, C: A}, frozenset())


def test_verdict_joins_whole_members() -> None:
    """A person who joins two records joins all that either member is, whatever the limits say."""
    evidence = [(A, PHONE), (B, PHONE), (B, UNION_1), (C, EMAIL), (C, UNION_2), (D, EMAIL)]
    assert resolve(_graph(evidence, {(A, D): Verdict.SAME})) == Resolution({A: A, B: A, C: A, D: A}, frozenset())


def test_verdicts_add_up() -> None:
    """Who is the same as one and different from another is not joined to the other by evidence."""
    verdicts = {(A, B): Verdict.SAME, (B, C): Verdict.DIFFERENT}
    found = resolve(_graph([(A, PHONE), (C, PHONE)], verdicts, records=frozenset({A, B, C})))
    assert found == Resolution({A: A, B: A, C: C}, frozenset())


def test_verdict_against_evidence() -> None:
    """A verdict that would join, by way of evidence, two whom another one parts is asked about."""
    verdicts = {(A, B): Verdict.SAME, (C, D): Verdict.DIFFERENT}
    found = resolve(_graph([(A, PHONE), (C, PHONE), (B, EMAIL), (D, EMAIL)], verdicts))
    assert found == Resolution({A: A, C: A, B: B, D: B}, frozenset({Question(Doubt.CONTRADICTION, None, (A, B))}))


def test_verdict_different() -> None:
    """A person may part what evidence would join; that asks nothing any more, and others still join."""
    found = resolve(_graph([(A, PHONE), (B, PHONE), (C, PHONE)], {(A, B): Verdict.DIFFERENT}))
    assert found == Resolution({A: A, B: B, C: A}, frozenset())


def test_verdict_withdrawn() -> None:
    """Without a verdict the evidence decides."""
    assert _groups(resolve(_graph([(A, PHONE), (B, PHONE)], {(A, B): Verdict.OPEN}))) == {frozenset({A, B})}


def test_contradiction() -> None:
    """Verdicts that cannot all be true ask for another one; to be different is the safer of the two."""
    verdicts = {(A, B): Verdict.SAME, (B, C): Verdict.SAME, (A, C): Verdict.DIFFERENT}
    found = resolve(_graph([], verdicts, records=frozenset({A, B, C})))
    assert found.member_of == {A: A, B: A, C: C}
    assert found.questions == {Question(Doubt.CONTRADICTION, None, (B, C))}


_RECORDS = [UUID(int=number) for number in range(1, 13)]
_EDGES = st.lists(st.tuples(st.sampled_from(_RECORDS), st.sampled_from(sorted(KINDS))), max_size=40)
_VERDICTS = st.dictionaries(
    st.tuples(st.sampled_from(_RECORDS), st.sampled_from(_RECORDS))
    .filter(lambda p: p[0] != p[1])
    .map(lambda p: pair(*p)),
    st.sampled_from(Verdict),
    max_size=4,
)
_BLOCKED = st.frozensets(st.sampled_from(sorted(KINDS)), max_size=2)


@given(_EDGES, _VERDICTS, _BLOCKED, st.randoms(use_true_random=False))
def test_order_does_not_matter(
    edges: list[tuple[UUID, UUID]], verdicts: dict[Pair, Verdict], blocked: frozenset[UUID], dice: random.Random
) -> None:
    """The same evidence in any order gives the same members under the same names, and the same questions."""
    everybody = frozenset(_RECORDS)
    before = resolve(_graph(edges, verdicts, blocked, everybody))
    shuffled, reordered = list(edges), list(verdicts.items())
    dice.shuffle(shuffled)
    dice.shuffle(reordered)
    assert resolve(_graph(shuffled, dict(reordered), blocked, everybody)) == before


@given(_EDGES, _VERDICTS, _BLOCKED)
def test_promises(edges: list[tuple[UUID, UUID]], verdicts: dict[Pair, Verdict], blocked: frozenset[UUID]) -> None:
    """Named by the smallest; no limit broken but by verdict; who is different stays apart; joins have a reason."""
    graph = _graph(edges, verdicts, blocked, frozenset(_RECORDS))
    groups = _groups(found := resolve(graph))
    assert all(found.member_of[record] == min(group) for group in groups for record in group)
    for records, verdict in verdicts.items():
        if verdict is Verdict.DIFFERENT:
            assert found.member_of[records[0]] != found.member_of[records[1]]
    if Verdict.SAME not in verdicts.values():
        for group in groups:
            _assert_within_limits(graph, group)
            _assert_connected(graph, group)


def _assert_within_limits(graph: Graph, group: frozenset[UUID]) -> None:
    for kind in IdentifierType:
        carried = [(record, each) for record, each in graph.evidence if graph.nodes[each].type is kind]
        held = Counter(record for record, each in carried if record in group and graph.nodes[each].connects)
        together = {each for record, each in carried if record in group and graph.nodes[each].connects}
        # What one source says about one person is never torn apart, even beyond the limit.
        assert len(together) <= max(RULES[kind].per_member_max, *held.values(), 0)


def _assert_connected(graph: Graph, group: frozenset[UUID]) -> None:
    reached, edges = {min(group)}, {edge for edge in graph.evidence if graph.nodes[edge[1]].connects}
    for _ in group:
        carried = {each for record, each in edges if record in reached}
        reached |= {record for record, each in edges if each in carried and record in group}
    assert reached == group
