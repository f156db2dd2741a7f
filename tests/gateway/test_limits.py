"""How much one document may ask for."""

import pytest
from graphql import parse

from gateway.limits import Weight, breaches

LOOSE = Weight(depth=100, fields=100_000, aliases=100_000, directives=100_000)


def weigh(query: str, **limits: int) -> list[str]:
    allowed = {name: limits.get(name, getattr(LOOSE, name)) for name in ("depth", "fields", "aliases", "directives")}
    return [error.message for error in breaches(parse(query), Weight(**allowed))]


@pytest.mark.parametrize(
    ("query", "depth"),
    [
        ("{ a }", 1),
        ("{ a { b { c } } }", 3),
        ("{ a { ... { b } } }", 2),
        ("{ a { ... on T { b { c } } } d }", 3),
        ("{ a { ...F } } fragment F on T { b { c } }", 3),
        ("{ a { ...F } } fragment F on T { ...G } fragment G on T { b { c { d } } }", 4),
        ("{ __schema { types { fields { type { ofType { name } } } } } }", 0),
        ("{ a { __typename } }", 1),
        ("query { a } mutation { b { c } }", 2),
    ],
)
def test_depth_counts_fields_below_each_other(query: str, depth: int) -> None:
    """Introspection is not counted: its own query is deep."""
    assert weigh(query, depth=depth) == []
    assert not depth or weigh(query, depth=depth - 1) == [
        f"The operation asks for too much: depth {depth}, at most {depth - 1}."
    ]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("{ a b c }", 3),
        ("{ a { b } }", 2),
        ("{ ...F ...F ...F } fragment F on T { a b }", 6),
        ("{ x: a { ...F } } fragment F on T { b { ...G } c { ...G } } fragment G on T { d e }", 7),
    ],
)
def test_the_fields_of_a_fragment_count_once_for_each_use(query: str, fields: int) -> None:
    assert weigh(query, fields=fields) == []
    assert len(weigh(query, fields=fields - 1)) == 1


def test_a_bomb_of_fragments_is_weighed_without_being_unfolded() -> None:
    """Forty fragments that each use the next one twice stand for a million million fields."""
    bomb = " ".join(f"fragment F{n} on T {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    assert weigh(f"{{ ...F0 }} {bomb} fragment F40 on T {{ a }}", fields=10**6) == [
        f"The operation asks for too much: fields {2**40}, at most {10**6}."
    ]


def test_a_circle_of_fragments_ends() -> None:
    assert weigh("{ ...F } fragment F on T { a { ...G } } fragment G on T { b { ...F } }") == []


def test_a_fragment_that_is_not_there_weighs_nothing() -> None:
    assert weigh("{ ...Nowhere }", fields=1) == []


def test_aliases_are_counted() -> None:
    assert weigh("{ x: a y: a { z: b } c }", aliases=2) == ["The operation asks for too much: aliases 3, at most 2."]


def test_directives_are_counted_wherever_they_stand() -> None:
    query = "query @a { b @c ... @d { e } ...F @g } fragment F on T { h @i }"
    assert weigh(query, directives=5) == []
    assert len(weigh(query, directives=4)) == 1
