"""What a brand answered, as expressions over it find it. Raises Unreadable for what is not to be believed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn

from adapters.brand_systems.door import Received
from adapters.brand_systems.figures import Unreadable
from brands.adapter.templates import BadTemplate, found

_TEXT_LENGTH_MAX: Final = 500
_REFERENCE_LENGTH_MAX: Final = 200
_WAIT_SECONDS_MAX: Final = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer or a webhook, opened."""

    document: Mapping[str, Any]

    def value(self, expression: str | None) -> Any:
        """What the expression finds; None: nothing. Raises Unreadable."""
        if expression is None:
            return None
        try:
            return found(expression, self.document)
        except BadTemplate as error:
            raise Unreadable(str(error)) from None

    def holds(self, expression: str | None) -> bool:
        """Whether the expression is true, and not only something. Raises Unreadable."""
        return self.value(expression) is True

    def text(self, expression: str | None, length_max: int = _TEXT_LENGTH_MAX) -> str | None:
        """Text or a whole number, cut short; None: there is none, or something else. Raises Unreadable."""
        value = self.value(expression)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            return None
        return str(value)[:length_max]

    def name(self, expression: str | None) -> str | None:
        """The brand's name for something, whole. Raises Unreadable."""
        value = self.text(expression, _REFERENCE_LENGTH_MAX + 1)
        if value is not None and (len(value) > _REFERENCE_LENGTH_MAX or not value.isprintable()):
            raise Unreadable("a reference is too long or cannot be printed")
        return value

    def seconds(self, expression: str | None) -> float | None:
        """How long to wait; None: not told, or nonsense. Raises Unreadable."""
        value = self.value(expression)
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= _WAIT_SECONDS_MAX:
            return None
        return float(value)


def reading(received: Received, *, strict: bool) -> Reading:
    """The answer. A body that is not JSON is nothing, or, when `strict`, raises Unreadable."""
    try:
        body = parsed_json(received.body)
    except Unreadable:
        if strict:
            raise
        body = None
    return Reading({"status": received.status, "headers": received.headers, "body": body})


def parsed_json(body: bytes) -> Any:
    """JSON with exact numbers and no key twice; None: there is nothing. Raises Unreadable."""
    if not body:
        return None
    try:
        return json.loads(
            body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_object
        )
    except (ValueError, RecursionError, ArithmeticError):
        raise Unreadable("the answer is not JSON") from None


def retry_after_seconds(received: Received, now: datetime) -> float | None:
    """What the header `Retry-After` says, in seconds or as a date; None: nothing, or nonsense."""
    written = received.headers.get("retry-after", "").strip()
    if written.isascii() and written.isdigit():
        return min(float(written[:9]), _WAIT_SECONDS_MAX)
    try:
        until = parsedate_to_datetime(written)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), _WAIT_SECONDS_MAX)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key stands twice")
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
