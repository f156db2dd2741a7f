"""What the templates of each call are filled in from; the like of `brands.adapter.known`, which tries them."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from adapters.brand_systems.figures import Figures, iso
from exchange.brand_system import FollowUp, Instruction, MemberReference, Reference

Known = Mapping[str, Any]


def member(found: MemberReference) -> Known:
    """Of a call about a member."""
    return {"member": {"number": found.number, "name": found.name, "link": found.link}}


def instruction(found: Instruction, figures: Figures) -> Known:
    """Of a debit, a credit or a hold."""
    return {**_ordered(found, figures), **member(found.member)}


def follow_up(found: FollowUp, figures: Figures) -> Known:
    """Of a capture, a release or a reversal."""
    original = {
        "reference": found.original.text,
        "brand_reference": found.original_brand_reference,
        "operation": found.original.operation.value,
    }
    return {**_ordered(found, figures), **member(found.member), "original": original}


def inquiry(reference: Reference, brand_reference: str | None, sent_at: datetime) -> Known:
    """Of an inquiry."""
    return {**_named(reference), "brand_reference": brand_reference, "sent_at": iso(sent_at)}


def period(after: datetime, until: datetime, cursor: Any) -> Known:
    """Of a page of transactions."""
    return {"after": iso(after), "until": iso(until), "cursor": cursor}


def day(found: date) -> Known:
    """Of a statement."""
    return {"day": found.isoformat(), "compact_day": f"{found:%Y%m%d}"}


def quoted(known: Any) -> Any:
    """The same for a path: every text percent-encoded, slashes too."""
    if isinstance(known, str):
        return quote(known, safe="")
    if isinstance(known, dict | Mapping):
        return {key: quoted(item) for key, item in known.items()}
    return known


def confidential(known: Known) -> Iterator[str]:
    """The name and the token of the member that is spoken of, in every way in which messages write them."""
    told = known.get("member", {})
    if token := told.get("link"):
        yield from (token, quote(token, safe=""))
    if name := told.get("name"):
        # In quotes, because a short name may stand within any other word.
        yield from (f'"{name}"', json.dumps(name), quote(name, safe="")) if name.isascii() else (name, quote(name))


def _ordered(found: Instruction | FollowUp, figures: Figures) -> dict[str, Any]:
    return {
        **_named(found.reference),
        "amount": figures.written(found.amount),
        "occurred_at": iso(found.occurred_at),
    }


def _named(reference: Reference) -> dict[str, Any]:
    return {
        "reference": reference.text,
        "exchange_id": str(reference.exchange_id),
        "leg": reference.leg.value,
        "operation": reference.operation.value,
        "sequence": reference.sequence,
    }
