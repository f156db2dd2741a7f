"""The reference that a payment carries through the banks: an ISO 11649 creditor reference.

`RF` + two check digits + `AGIO` + window (six digits) + place among the window's payments (four digits); what pays a
deposit back has `AGIOD` + its number (nine digits). The check digits find every single wrong digit and nearly every
other slip of the pen.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from settlement.netting import Payment

_REFERENCE: Final = re.compile(r"RF(\d\d)(AGIO(?:(\d{6})(\d{4})|D(\d{9})))", re.ASCII)
_PAYS_BACK: Final = 0
"""The window of what pays a deposit back: no window has this number."""
_SEPARATORS: Final = re.compile(r"[\s\-./_]+")
_MODULUS: Final = 97


@dataclass(frozen=True, slots=True)
class Referred:
    """What a reference names."""

    window: int
    """The window's number; 0: what pays a deposit back."""
    place: int
    """The payment's place among those of the window, from 1; the number of what pays a deposit back."""


def reference(window: int, place: int) -> str:
    """The reference of a payment, eighteen characters."""
    body = f"AGIO{window:06}{place:04}"
    return f"RF{_check_digits(body)}{body}"


def paying_back(number: int) -> str:
    """The reference of what pays a deposit back, eighteen characters."""
    body = f"AGIOD{number:09}"
    return f"RF{_check_digits(body)}{body}"


def places(payments: Sequence[Payment]) -> dict[Payment, int]:
    """The place of each of a window's payments: by payer, payee and whom it is for, from 1."""
    ordered = sorted(payments, key=lambda it: (it.payer_id, it.payee_id, it.for_id))
    return {payment: place for place, payment in enumerate(ordered, start=1)}


def find_references(text: str) -> frozenset[Referred]:
    """Every reference in free text, however it is spaced or typed; those with wrong check digits are none."""
    squeezed = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text).upper())
    return frozenset(
        Referred(int(window or _PAYS_BACK), int(place or number))
        for check, body, window, place, number in _REFERENCE.findall(squeezed)
        if check == _check_digits(body)
    )


def _check_digits(body: str) -> str:
    number = int("".join(str(int(character, 36)) for character in f"{body}RF00"))
    return f"{98 - number % _MODULUS:02}"
