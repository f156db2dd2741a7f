"""Instructions as they come, made into orders; what is missing or wrong is said."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.simulator.orders import MOVES, Code, EntryKind, Order, Refused
from adapters.simulator.terms import Terms
from adapters.simulator.wire import amount_from

_REFERENCE = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def ordered(kind: EntryKind, given: Mapping[str, Any], terms: Terms) -> Order | Refused:
    """The order in these fields, named as in REST."""
    reference, number = text(given, "reference"), text(given, "memberId")
    original = text(given, "originalTransactionId") or text(given, "originalReference")
    if reference is None or not _REFERENCE.fullmatch(reference):
        return _invalid("reference: up to 64 letters, digits, dots, dashes, colons and underscores.")
    if kind in MOVES and number is None:
        return _invalid("memberId: the member's number.")
    if kind not in MOVES and original is None:
        return _invalid("originalReference or originalTransactionId: what it is about.")
    amount = amount_from(given.get("amount"), terms)
    if isinstance(amount, Refused):
        return amount
    occurred_at, name = instant_from(text(given, "occurredAt") or ""), text(given, "lastName")
    return Order(kind, reference, amount, number, original, name, text(given, "memberValidation"), occurred_at)


def text(given: Mapping[str, Any], name: str) -> str | None:
    """A field that is a text and not empty."""
    value = given.get(name)
    return value if isinstance(value, str) and value else None


def instant_from(written: str) -> datetime | None:
    """An instant with its zone."""
    try:
        found = datetime.fromisoformat(written.replace(" ", "+"))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _invalid(about: str) -> Refused:
    return Refused(Code.INVALID_REQUEST, about)
