"""Expressions made into functions find exactly what the library finds."""

from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brands.adapter.searching import searching

EXPRESSIONS = [
    "a",
    "a.b",
    '"a"."b".c',
    "a || b",
    "(a || b).c == 'x'",
    "a.b == `1`",
    "a == b",
    "a != b",
    "a == `true`",
    "a == `0`",
    "!a",
    "!(a.b)",
    "a && b",
    "a.b == 'x' && !(b)",
    "a < b",  # from here on the library's own
    "a[0].b",
    "a[*].b",
    "length(a)",
    "{x: a, y: b.c}",
    "a.b | c",
    "@",
]

LEAVES: st.SearchStrategy[Any] = st.sampled_from([None, True, False, 0, 1, 2, 1.0, "", "x", "y", [], {}])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("expression", EXPRESSIONS)
@given(value=VALUES)
def test_finds_what_the_library_finds(expression: str, value: Any) -> None:
    """The same value of the same type, or the same complaint."""
    query = jmespath.compile(expression)
    assert outcome(searching(query), value) == outcome(query.search, value)


def outcome(search: Any, value: Any) -> Any:
    """What was found, written so that 1, 1.0 and true differ; or what was raised."""
    try:
        return repr(search(value))
    except Exception as error:  # noqa: BLE001 - whatever it is, both raise it
        return type(error)


def test_mappings_are_functions() -> None:
    """What mappings are mostly made of is not left to the library."""
    query = jmespath.compile("(body.original || body).status == 'success' && !(body.errors)")
    assert searching(query) != query.search
