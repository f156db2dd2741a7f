"""What the templates of each call can use; adapters build the like of it from what they are asked.

Instants are ISO 8601 in UTC (`2026-01-15T04:00:00Z`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from brands.adapter.kinds import INSTRUCTIONS, MEMBER_CALLS, OPENING_CALLS, AmountForm, Call

_INSTANT: Final = "2026-01-15T04:00:00Z"
_MEMBER: Final = {"number": "10001", "name": "Lin", "link": "token"}
_REFERENCE: Final = {
    "reference": "0190-source-debit",
    "exchange_id": "0190",
    "leg": "source",
    "operation": "debit",
    "sequence": 0,
}
_SAMPLES: Final[Mapping[AmountForm, Any]] = {
    AmountForm.DECIMAL: "12.50",
    AmountForm.NUMBER: 12.5,
    AmountForm.MINOR: 1250,
}

SIGNED: Final[Mapping[str, Any]] = {
    "method": "POST",
    "path": "/v1/debits?a=b",
    "timestamp": "1768449600",
    "nonce": "0190",
    "body": "{}",
}
"""What the text of a request's signature can use."""

SIGNED_WEBHOOK: Final[Mapping[str, Any]] = {"timestamp": "1768449600", "body": "{}"}
"""What the text of a webhook's signature can use."""

FILE_NAME: Final[Mapping[str, Any]] = {"day": "20260115", "program": "CODE", "number": 1}
"""What the name of an instruction file can use."""

CONTROL: Final[Mapping[str, Any]] = {
    "count": 2,
    "total": "25.00",
    "day": "2026-01-15",
    "program": "CODE",
    "name": "CODE-20260115.csv",
}
"""What the control row of an instruction file can use."""

ANSWER: Final[Mapping[str, Any]] = {"status": 200, "headers": {}, "body": {}}
"""What expressions over an answer can use."""

WEBHOOK: Final[Mapping[str, Any]] = {"headers": {}, "body": {}}
"""What expressions over a webhook can use."""


def sample(call: Call, amounts: AmountForm) -> dict[str, Any]:
    """Everything that the call's templates can use, with values to try them on."""
    return {"program": "CODE", "now": _INSTANT, **dict(_of(call, amounts))}


def file_row(amounts: AmountForm) -> dict[str, Any]:
    """Everything that the columns of an instruction file can use."""
    return {**sample(Call.REVERSE, amounts), "word": "D", "day": "2026-01-15"}


def _of(call: Call, amounts: AmountForm) -> Iterator[tuple[str, Any]]:
    if call in INSTRUCTIONS:
        yield from _REFERENCE.items()
        yield from {"member": _MEMBER, "amount": _SAMPLES[amounts], "occurred_at": _INSTANT}.items()
        if call not in OPENING_CALLS:
            yield "original", {"reference": "0190-source-debit", "brand_reference": "B-1", "operation": "debit"}
    elif call in MEMBER_CALLS:
        yield "member", _MEMBER
    elif call is Call.INQUIRE:
        yield from {**_REFERENCE, "brand_reference": "B-1", "sent_at": _INSTANT}.items()
    elif call is Call.TRANSACTIONS:
        yield from {"after": _INSTANT, "until": _INSTANT, "cursor": "2"}.items()
    elif call is Call.STATEMENT:
        yield from {"day": "2026-01-15", "compact_day": "20260115"}.items()
