"""Text and bodies with JMESPath expressions in `${…}`, filled in from what is asked.

A text that is one expression takes its value as it is (a number stays a number); within other text it becomes text.
What an expression does not find leaves its key or item out. `$${` is a plain `${`.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

_OPEN: Final = "${"
_QUOTES: Final = "'\"`"
_KEPT_MAX: Final = 8_192


class BadTemplate(ValueError):
    """The text is not what it should be; the argument is the sentence that says why."""


@lru_cache(_KEPT_MAX)
def compiled(expression: str) -> ParsedResult:
    """A JMESPath expression. Raises BadTemplate."""
    try:
        return jmespath.compile(expression)
    except JMESPathError as error:
        reason = " ".join(str(error).split("\n")[0].split())
        message = f"This is not a JMESPath expression: {reason.rstrip('.')}."
        raise BadTemplate(message) from None


@lru_cache(_KEPT_MAX)
def parsed(text: str) -> tuple[str | ParsedResult, ...]:
    """The pieces of a template: text and expressions. Raises BadTemplate."""
    pieces: list[str | ParsedResult] = []
    place, plain = 0, ""
    while (start := text.find(_OPEN, place)) >= 0:
        if text[start - 1 : start] == "$":
            plain, place = plain + text[place : start - 1] + _OPEN, start + len(_OPEN)
            continue
        end = _end(text, start + len(_OPEN))
        pieces += [plain + text[place:start], compiled(text[start + len(_OPEN) : end])]
        place, plain = end + 1, ""
    return tuple(piece for piece in (*pieces, plain + text[place:]) if piece != "")


def filled(template: str, known: Mapping[str, Any]) -> Any:
    """The template's value. Raises BadTemplate where an expression cannot be worked out."""
    pieces = parsed(template)
    if len(pieces) == 1 and not isinstance(pieces[0], str):
        return found(pieces[0], known)
    return "".join(piece if isinstance(piece, str) else _text(found(piece, known)) for piece in pieces)


def filled_body(body: Any, known: Mapping[str, Any]) -> Any:
    """A whole body: tables and lists, keys in place, without what was not found. Raises BadTemplate."""
    if isinstance(body, str):
        return filled(body, known)
    if isinstance(body, dict | Mapping):  # `dict` first: it is one, and is told at once
        items = ((key, filled_body(item, known)) for key, item in body.items())
        return {key: item for key, item in items if item is not None}
    if isinstance(body, list | tuple):
        return [item for item in (filled_body(item, known) for item in body) if item is not None]
    return body


def found(expression: str | ParsedResult, known: Any) -> Any:
    """What an expression finds; None: nothing. Raises BadTemplate where it cannot be worked out."""
    query = compiled(expression) if isinstance(expression, str) else expression
    try:
        return query.search(known)
    except (JMESPathError, TypeError, ValueError, ArithmeticError) as error:
        message = f"The expression cannot be worked out: {type(error).__name__}."
        raise BadTemplate(message) from None


def _end(text: str, place: int) -> int:
    """Where the brace that opened before `place` is closed."""
    depth, quote = 0, ""
    while place < len(text):
        mark = text[place]
        if quote:
            place += mark == "\\"
            quote = "" if mark == quote else quote
        elif mark in _QUOTES:
            quote = mark
        elif mark == "}" and not depth:
            return place
        else:
            depth += (mark == "{") - (mark == "}")
        place += 1
    raise BadTemplate("A ${ is not closed.")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
