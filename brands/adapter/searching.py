"""JMESPath expressions as plain functions.

The library walks the tree of an expression anew for each value, through an interpreter that it makes for each search.
Mappings are mostly fields, alternatives and comparisons, and every answer of a brand searched ten times: what is made
of nothing else becomes functions once. Whatever else there is in an expression is left to the library, all of it.
"""

from collections.abc import Callable
from numbers import Number
from typing import Any, Final, TypeAlias

from jmespath.parser import ParsedResult

Search: TypeAlias = Callable[[Any], Any]
"""From a value to what is found in it; None: nothing."""


class _Left(Exception):  # to the library
    pass


def searching(query: ParsedResult) -> Search:
    """What finds exactly what `query.search` finds."""
    try:
        return _made(dict(query.parsed))
    except _Left:
        return query.search


def _made(node: dict[str, Any]) -> Search:
    make = _MAKERS.get(node["type"])
    if make is None:
        raise _Left
    return make(node)


def _field(node: dict[str, Any]) -> Search:
    name = node["value"]

    def search(value: Any) -> Any:
        try:
            return value.get(name)
        except AttributeError:
            return None

    return search


def _subexpression(node: dict[str, Any]) -> Search:
    steps = tuple(_made(child) for child in node["children"])

    def search(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return search


def _either(node: dict[str, Any]) -> Search:
    first, second = map(_made, node["children"])

    def search(value: Any) -> Any:
        found = first(value)
        return second(value) if _is_false(found) else found

    return search


def _both(node: dict[str, Any]) -> Search:
    first, second = map(_made, node["children"])

    def search(value: Any) -> Any:
        found = first(value)
        return found if _is_false(found) else second(value)

    return search


def _negation(node: dict[str, Any]) -> Search:
    (negated,) = map(_made, node["children"])

    def search(value: Any) -> Any:
        found = negated(value)
        # Every number is true in JMESPath, 0 as well.
        return False if _is_number(found) else not found

    return search


def _comparison(node: dict[str, Any]) -> Search:
    wanted = _COMPARED.get(node["value"])
    if wanted is None:
        raise _Left
    left, right = map(_made, node["children"])
    return lambda value: _equal(left(value), right(value)) is wanted


def _literal(node: dict[str, Any]) -> Search:
    literal = node["value"]
    return lambda _: literal


_COMPARED: Final = {"eq": True, "ne": False}

_MAKERS: Final[dict[str, Callable[[dict[str, Any]], Search]]] = {
    "field": _field,
    "subexpression": _subexpression,
    "or_expression": _either,
    "and_expression": _both,
    "not_expression": _negation,
    "comparator": _comparison,
    "literal": _literal,
}


def _equal(left: Any, right: Any) -> bool:
    # Python takes 0 and 1 for false and true; JMESPath does not.
    if isinstance(left, bool) is not isinstance(right, bool) and isinstance(left, Number) and isinstance(right, Number):
        return False
    return bool(left == right)


def _is_false(found: Any) -> bool:
    return found is None or found is False or found in ("", [], {})


def _is_number(found: Any) -> bool:
    return isinstance(found, Number) and not isinstance(found, bool)
