"""Exact amounts: integers of minor units inside, decimal strings outside. No floats anywhere."""

import re
import unicodedata

AMOUNT_MAX = 2**63 - 1
"""The largest amount: a signed 64-bit integer of minor units."""

_WHOLE_DIGITS_MAX = 19
_TEXT_SHOWN_MAX = 40

_DECIMAL = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]+))?", re.ASCII)


_GROUPED = re.compile(r"-?[0-9]{1,3}(?:[,' \u2019_][0-9]{3})+(?:\.[0-9]+)?", re.ASCII)
_COMMA = re.compile(r"-?[0-9]+,[0-9]+", re.ASCII)


class AmountError(ValueError):
    """The text is not an exact amount of the asset."""


def parse_amount(text: str, scale: int) -> int:
    """Minor units of a decimal string, exactly: `parse_amount("12.50", 2) == 1250`.

    Raises AmountError for anything but ASCII digits with at most `scale` decimals, or beyond 64 bits.
    """
    found = _DECIMAL.fullmatch(text)
    if found is None:
        message = f"{text[:_TEXT_SHOWN_MAX]!r} {_fault(text)}"
        raise AmountError(message)
    whole, fraction = found["whole"].lstrip("0"), (found["fraction"] or "").rstrip("0")
    if len(whole) > _WHOLE_DIGITS_MAX:
        raise AmountError(_too_large(text))
    if len(fraction) > scale:
        message = f"{_shown(text)} has more than {scale} decimals"
        raise AmountError(message)
    minor = int(whole + fraction.ljust(scale, "0") or "0")
    if minor > AMOUNT_MAX:
        raise AmountError(_too_large(text))
    return -minor if found["sign"] else minor


def format_amount(minor: int, scale: int) -> str:
    """The decimal string of `minor` units with exactly `scale` decimals: `format_amount(1250, 2) == "12.50"`."""
    sign = "-" if minor < 0 else ""
    digits = str(abs(minor)).rjust(scale + 1, "0")
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else sign + digits


def has_separators(text: str) -> bool:
    """Whether the text is a number whose thousands are set apart: `1,200`."""
    return _GROUPED.fullmatch(unicodedata.normalize("NFKC", text)) is not None


def _fault(text: str) -> str:
    if any(unicodedata.category(letter) == "Nd" and not letter.isascii() for letter in text):
        return "has other digits than 0 to 9, such as full-width ones"
    if has_separators(text):
        return "has a thousands separator: write it without"
    return "has a decimal comma: write a point" if _COMMA.fullmatch(text) else "is not a decimal number"


def _too_large(text: str) -> str:
    return f"{_shown(text)} is too large"


def _shown(text: str) -> str:
    return text if len(text) <= _TEXT_SHOWN_MAX else f"{text[:_TEXT_SHOWN_MAX]}…"
