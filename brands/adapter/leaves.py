"""The single values of an adapter's settings: expressions, templates, addresses, names of secrets."""

import re
from dataclasses import dataclass
from datetime import time
from typing import Final
from urllib.parse import urlsplit

from brands.adapter.templates import BadTemplate, compiled, parsed
from brands.config.leaves import refuse, shown

_EXPRESSION_LENGTH_MAX: Final = 500
_DOCUMENT_LENGTH_MAX: Final = 20_000
_URL_LENGTH_MAX: Final = 500
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}", re.ASCII)
_STATUS = re.compile(r"[1-5][0-9][0-9]", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class ExpressionLeaf:
    """A JMESPath expression over an answer."""

    blank: str = "@"

    def read(self, written: object) -> str:
        """The expression. Raises Unfit."""
        text = _long_text(written, _EXPRESSION_LENGTH_MAX)
        try:
            compiled(text)
        except BadTemplate as error:
            refuse(str(error))
        return text


@dataclass(frozen=True, slots=True)
class TemplateLeaf:
    """Text in which `${…}` holds JMESPath expressions over what is asked."""

    blank: str = ""

    def read(self, written: object) -> str:
        """The template. Raises Unfit."""
        text = _long_text(written, _EXPRESSION_LENGTH_MAX)
        if not text.isprintable():
            refuse("This holds characters that cannot be printed.")
        try:
            parsed(text)
        except BadTemplate as error:
            refuse(str(error))
        return text


@dataclass(frozen=True, slots=True)
class DocumentLeaf:
    """Text of several lines."""

    blank: str = ""

    def read(self, written: object) -> str:
        """The text. Raises Unfit."""
        return _long_text(written, _DOCUMENT_LENGTH_MAX)


@dataclass(frozen=True, slots=True)
class UrlLeaf:
    """Where a system is: scheme, host, perhaps a port and a path."""

    blank: str = "https://blank.invalid"

    def read(self, written: object) -> str:
        """The address without a slash at its end. Raises Unfit."""
        text = _long_text(written, _URL_LENGTH_MAX)
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            refuse(f"{shown(text)} is not an address.")
        if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
            refuse(f"{shown(text)} is not an address such as https://api.example.com/v1.")
        if parts.username or parts.password:
            refuse("An address holds no user and no password: write them under authentication.")
        if parts.query or parts.fragment or not text.isascii() or not text.isprintable() or " " in text:
            refuse("An address ends with its path; write what follows a question mark as a query.")
        return text.rstrip("/")


@dataclass(frozen=True, slots=True)
class HeaderLeaf:
    """The name of an HTTP header."""

    blank: str = "X-Blank"

    def read(self, written: object) -> str:
        """The name. Raises Unfit."""
        if not isinstance(written, str) or not _HEADER.fullmatch(written):
            refuse("This is not the name of an HTTP header.")
        return written


@dataclass(frozen=True, slots=True)
class StatusLeaf:
    """An HTTP status; as the key of a table it is text."""

    blank: int = 0

    def read(self, written: object) -> int:
        """The status. Raises Unfit."""
        if not isinstance(written, str) or not _STATUS.fullmatch(written):
            refuse("This is not an HTTP status such as 404.")
        return int(written)


@dataclass(frozen=True, slots=True)
class MethodLeaf:
    """An HTTP method."""

    blank: str = "GET"

    def read(self, written: object) -> str:
        """The method. Raises Unfit."""
        if written not in _METHODS:
            refuse(f"This must be one of: {', '.join(_METHODS)}.")
        return str(written)


@dataclass(frozen=True, slots=True)
class PositiveLeaf:
    """A number above zero, whole or not."""

    most: float
    blank: float = 1.0

    def read(self, written: object) -> float:
        """The number. Raises Unfit."""
        if isinstance(written, bool) or not isinstance(written, int | float):
            refuse("This must be a number without a unit.")
        if not 0 < written <= self.most:
            refuse(f"This must be more than 0 and at most {self.most:g}.")
        return float(written)


@dataclass(frozen=True, slots=True)
class TimeLeaf:
    """A time of day."""

    blank: time = time.min

    def read(self, written: object) -> time:
        """The time. Raises Unfit."""
        if isinstance(written, time):
            return written
        found = _TIME.fullmatch(written) if isinstance(written, str) else None
        if not found:
            refuse('This must be a time of day such as "22:30".')
        return time(int(found[1]), int(found[2]))


def _long_text(written: object, length_max: int) -> str:
    if not isinstance(written, str) or not written.strip():
        refuse("This must be text in quotes.")
    if len(written) > length_max:
        refuse(f"This has {len(written)} characters; at most {length_max} are allowed.")
    return written
