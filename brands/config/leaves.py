"""The single values a network file may hold: what fits, and the sentence for what does not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NoReturn, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.amounts import AMOUNT_MAX, AmountError, parse_amount

MONEY_SCALE = 6
_TEXT_LENGTH_MAX = 80


class Unfit(ValueError):
    """The value does not fit; the argument is the sentence that says why."""


class Leaf(Protocol):
    """Reads one value."""

    @property
    def blank(self) -> Any:
        """Stands in for a value that could not be read, so that the rest still can."""
        ...

    def read(self, written: object) -> Any:
        """The value. Raises Unfit."""
        ...


@dataclass(frozen=True, slots=True)
class TextLeaf:
    """A line of text for people to read."""

    blank: str = ""

    def read(self, written: object) -> str:
        """The text. Raises Unfit."""
        text = _string(written)
        if not text or text != text.strip():
            refuse("This must be some text without spaces around it.")
        if len(text) > _TEXT_LENGTH_MAX:
            refuse(f"This has {len(text)} characters; at most {_TEXT_LENGTH_MAX} are allowed.")
        if not text.isprintable():
            refuse("This holds characters that cannot be printed.")
        return text


@dataclass(frozen=True, slots=True)
class MarkLeaf:
    """One character."""

    blank: str = ""

    def read(self, written: object) -> str:
        """The character. Raises Unfit."""
        text = _string(written)
        if len(text) != 1:
            refuse(f"This must be one character, not {shown(text)}.")
        return text


@dataclass(frozen=True, slots=True)
class CodeLeaf:
    """A code: a short name that stays for ever."""

    pattern: re.Pattern[str]
    allowed: str
    reserved: frozenset[str] = frozenset()
    blank: str = ""

    def read(self, written: object) -> str:
        """The code. Raises Unfit."""
        text = _string(written)
        if not self.pattern.fullmatch(text):
            refuse(f"{shown(text)} is not a code: {self.allowed}.")
        if text in self.reserved:
            refuse(f"The code {text} is reserved.")
        return text


@dataclass(frozen=True, slots=True)
class WholeLeaf:
    """A whole number within bounds, both included."""

    least: int
    most: int
    blank: int = 0

    def read(self, written: object) -> int:
        """The number. Raises Unfit."""
        if isinstance(written, bool) or not isinstance(written, int):
            refuse(f"This must be a whole number, not {_kind_of(written)}.")
        if not self.least <= written <= self.most:
            refuse(f"This must lie between {self.least} and {self.most}.")
        return written


@dataclass(frozen=True, slots=True)
class AmountLeaf:
    """An exact amount, zero or more, as minor units of `scale` decimals."""

    scale: int
    blank: int = 0

    def read(self, written: object) -> int:
        """Minor units. Raises Unfit."""
        return exact(decimal_text(written), self.scale)


@dataclass(frozen=True, slots=True)
class DecimalLeaf:
    """An exact amount, zero or more, as text: how many decimals it may have depends on another value."""

    blank: str = "0"

    def read(self, written: object) -> str:
        """The digits as written. Raises Unfit."""
        text = decimal_text(written)
        exact(text, MONEY_SCALE)
        return text


@dataclass(frozen=True, slots=True)
class FlagLeaf:
    """True or false."""

    blank: bool = False

    def read(self, written: object) -> bool:
        """The flag. Raises Unfit."""
        if not isinstance(written, bool):
            refuse(f"This must be true or false, not {_kind_of(written)}.")
        return written


@dataclass(frozen=True, slots=True)
class ChoiceLeaf:
    """One word of a few."""

    choices: type[StrEnum]

    @property
    def blank(self) -> StrEnum:
        """The first choice."""
        return next(iter(self.choices))

    def read(self, written: object) -> StrEnum:
        """The member of the enumeration. Raises Unfit."""
        text = _string(written)
        words = [choice.value for choice in self.choices]
        if text not in words:
            refuse(f"{shown(text)} is not one of: {', '.join(words)}.")
        return self.choices(text)


@dataclass(frozen=True, slots=True)
class DayLeaf:
    """A calendar day, without a time."""

    blank: date = date.min

    def read(self, written: object) -> date:
        """The day. Raises Unfit."""
        if isinstance(written, datetime) or not isinstance(written, date):
            refuse(f"This must be a day such as 2026-12-31 (without quotes), not {_kind_of(written)}.")
        return written


@dataclass(frozen=True, slots=True)
class ZoneLeaf:
    """A time zone by its IANA name."""

    blank: str = "UTC"

    def read(self, written: object) -> str:
        """The name. Raises Unfit."""
        text = _string(written)
        try:
            ZoneInfo(text)
        except (OSError, ValueError, ZoneInfoNotFoundError):
            refuse(f"{shown(text)} is not a time zone; write a name such as Asia/Shanghai.")
        return text


def refuse(sentence: str) -> NoReturn:
    """Say why a value does not fit."""
    raise Unfit(sentence)


def decimal_text(written: object) -> str:
    """The digits of an amount written as text or as a whole number. Raises Unfit."""
    if isinstance(written, float):
        refuse('Write the amount in quotes, such as "0.05": a floating-point number is not exact.')
    if isinstance(written, bool) or not isinstance(written, str | int):
        refuse(f'This must be an amount such as "12.50", not {_kind_of(written)}.')
    if isinstance(written, int):
        return str(written) if abs(written) <= AMOUNT_MAX else refuse("This is too large.")
    return written


def exact(text: str, scale: int) -> int:
    """The minor units of an amount that is zero or more. Raises Unfit."""
    try:
        minor = parse_amount(text, scale)
    except AmountError as error:
        refuse(f"{error}.")
    if minor < 0:
        refuse(f"{text} is negative.")
    return minor


def shown(text: str) -> str:
    """A piece of what was written, short enough for a sentence."""
    return repr(text if len(text) <= _TEXT_LENGTH_MAX else f"{text[:_TEXT_LENGTH_MAX]}…")


def _string(written: object) -> str:
    if not isinstance(written, str):
        refuse(f"This must be text in quotes, not {_kind_of(written)}.")
    return written


_KINDS: Sequence[tuple[type, str]] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a floating-point number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a table"),
)


def _kind_of(written: object) -> str:
    return next((words for kind, words in _KINDS if isinstance(written, kind)), "a date or time")
