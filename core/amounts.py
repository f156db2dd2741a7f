"""Exact amounts: integers of minor units inside, decimal strings outside. No floats anywhere."""

import re

AMOUNT_MAX = 2**63 - 1
"""The largest amount: a signed 64-bit integer of minor units."""

_WHOLE_DIGITS_MAX = 19
_TEXT_SHOWN_MAX = 40

_DECIMAL = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]+))?", re.ASCII)


class AmountError(ValueError):
    """The text is not an exact amount of the asset."""


def parse_amount(text: str, scale: int) -> int:
    """Minor units of a decimal string, exactly: `parse_amount("12.50", 2) == 1250`.

    Raises AmountError for anything but ASCII digits with at most `scale` decimals, or beyond 64 bits.
    """
    found = _DECIMAL.fullmatch(text)
    if found is None:
        message = f"{text[:_TEXT_SHOWN_MAX]!r} is not a decimal number"
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


def _too_large(text: str) -> str:
    return f"{_shown(text)} is too large"


def _shown(text: str) -> str:
    return text if len(text) <= _TEXT_SHOWN_MAX else f"{text[:_TEXT_SHOWN_MAX]}…"
