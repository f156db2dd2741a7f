"""Tries templates and expressions on what they will be given."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from brands.adapter.templates import BadTemplate, filled, found, parsed
from brands.config.leaves import shown
from brands.config.problems import Path, Problems

_DEPTH_MAX: Final = 12


class _Watched(dict[str, Any]):
    """Remembers which of its keys were asked for."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        super().__init__(known)
        self.asked: set[str] = set()

    def get(self, key: Any, default: Any = None) -> Any:
        """As JMESPath looks up a field."""
        self.asked.add(key)
        return super().get(key, default)


def check_template(path: Path, template: str, known: Mapping[str, Any], problems: Problems) -> set[str]:
    """Note an expression that finds nothing among what is known; which of it the template uses."""
    watched = _Watched(known)
    try:
        pieces = [piece for piece in parsed(template) if not isinstance(piece, str)]
        empty = [piece.expression for piece in pieces if found(piece, watched) is None]
        filled(template, watched)
    except BadTemplate as error:
        problems.add(path, str(error))
        return watched.asked
    for expression in empty:
        _note_nothing(path, expression, watched, problems)
    return watched.asked & set(known)


def check_body(path: Path, body: Any, known: Mapping[str, Any], problems: Problems, depth: int = 0) -> set[str]:
    """The same for every text of a body, which holds nothing but what JSON has."""
    if isinstance(body, str):
        return check_template(path, body, known, problems)
    if depth > _DEPTH_MAX:
        problems.add(path, "This is nested too deeply.")
        return set()
    if isinstance(body, Mapping | list | tuple):
        return set[str]().union(*(check_body(p, item, known, problems, depth + 1) for p, item in _items(path, body)))
    if not isinstance(body, bool | int | float) or body != body or body in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        problems.add(path, "A body holds text, numbers, true and false, lists and tables.")
    return set()


def check_expression(path: Path, expression: str, known: Mapping[str, Any], problems: Problems) -> None:
    """Note an expression that begins with something that is not there."""
    watched = _Watched(known)
    try:
        found(expression, watched)
    except BadTemplate:
        return  # it asks for more than a sample holds
    for name in sorted(watched.asked - set(known)):
        known_names = ", ".join(known)
        problems.add(path, f"{name} is not there: begin with one of {known_names}.")


def _items(path: Path, body: Mapping[str, Any] | Sequence[Any]) -> Iterator[tuple[Path, Any]]:
    if isinstance(body, Mapping):
        return ((((*path, key)), item) for key, item in body.items())
    return ((path, item) for item in body)


def _note_nothing(path: Path, expression: str, known: Mapping[str, Any], problems: Problems) -> None:
    names = ", ".join(known)
    problems.add(path, f"{shown(expression)} finds nothing: there is {names}.")
