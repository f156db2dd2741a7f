"""The simulated brand's objects as JSON, and its refusals as HTTP."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adapters.simulator.books import Entry, EntryStatus, Member, Validation
from adapters.simulator.orders import Code, Refused
from adapters.simulator.terms import Terms
from core.amounts import AmountError, format_amount, parse_amount

HTTP_STATUS = {
    Code.INVALID_REQUEST: 400,
    Code.UNAUTHORIZED: 401,
    Code.DUPLICATE_SAME: 409,
    Code.DUPLICATE_CHANGED: 409,
    Code.ALREADY_REVERSED: 409,
    Code.ORIGINAL_PENDING: 409,
    Code.TRANSACTION_NOT_FOUND: 404,
    Code.RATE_LIMITED: 429,
    Code.MAINTENANCE: 503,
    Code.UNSUPPORTED: 501,
    Code.INTERNAL: 500,
}
"""Of the codes that are not answered with 422."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before faults: its status, its body and what the call log says of it."""

    status: int
    body: Any
    outcome: str
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def instant(moment: datetime) -> str:
    """An instant in UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def amount_from(given: Any, terms: Terms) -> int | Refused:
    """The minor units of an amount: a decimal string, or an integer of whole points; greater than zero."""
    if isinstance(given, bool) or not isinstance(given, str | int):
        return Refused(Code.INVALID_REQUEST, "amount: a decimal string or a whole number.")
    try:
        amount = parse_amount(str(given), terms.decimals)
    except AmountError as error:
        return Refused(Code.INVALID_REQUEST, f"amount: {error}.")
    return amount if amount > 0 else Refused(Code.INVALID_REQUEST, "amount: greater than zero.")


def member_body(member: Member, terms: Terms, now: datetime) -> dict[str, Any]:
    """A member as they stand now."""
    return {
        "status": "success",
        "memberId": member.number,
        "balance": format_amount(member.available, terms.decimals),
        "membershipLevel": member.tier,
        "linked": member.link is not None,
        "asOf": instant(now),
    }


def validation_body(validation: Validation, member: Member, terms: Terms, expires_at: datetime) -> dict[str, Any]:
    """A member validation."""
    return {
        "type": "memberValidation",
        "status": "success",
        "id": validation.id,
        "memberId": member.number,
        "balance": format_amount(member.available, terms.decimals),
        "membershipLevel": member.tier,
        "createdAt": instant(validation.created_at),
        "expiresAt": instant(expires_at),
        "links": {"self": {"href": f"/v1/lps/{terms.program}/mvs/{validation.id}"}},
    }


def entry_body(entry: Entry, terms: Terms) -> dict[str, Any]:
    """An entry of the books, as answered to an instruction and to an inquiry."""
    body = {
        "type": entry.kind.value,
        "status": entry.status.value,
        "transactionId": entry.id,
        "reference": entry.reference,
        "memberId": entry.number,
        "amount": format_amount(entry.amount, terms.decimals),
        "reversedAmount": format_amount(entry.undone, terms.decimals),
        "createdAt": instant(entry.created_at),
        "updatedAt": instant(entry.updated_at),
        "links": {"self": {"href": f"/v1/lps/{terms.program}/transactions/{entry.id}"}},
    }
    return body | _perhaps(entry, terms)


def movement_body(entry: Entry, terms: Terms) -> dict[str, Any]:
    """A movement in the list of transactions; its amount is signed."""
    return {
        "transactionId": entry.id,
        "reference": entry.reference,
        "memberId": entry.number,
        "type": entry.kind.value,
        "amount": format_amount(entry.signed, terms.decimals),
        "recordedAt": instant(entry.booked_at or entry.created_at),
    }


def refusal_body(refused: Refused) -> dict[str, Any]:
    """A refusal."""
    return {"status": "failure", "errors": [{"code": refused.code.value, "description": refused.words}]}


def refusal_reply(refused: Refused, original: Entry | None, terms: Terms) -> Reply:
    """A refusal as HTTP; to a duplicate belongs what stands."""
    body = refusal_body(refused)
    if original is not None and refused.code in {Code.DUPLICATE_SAME, Code.DUPLICATE_CHANGED}:
        body["original"] = entry_body(original, terms)
    return Reply(HTTP_STATUS.get(refused.code, 422), body, refused.code.value)


def _perhaps(entry: Entry, terms: Terms) -> dict[str, Any]:
    """What is there only sometimes."""
    body: dict[str, Any] = {}
    if entry.booked_at is not None:
        body["recordedAt"] = instant(entry.booked_at)
    if entry.balance is not None:
        body["balance"] = format_amount(entry.balance, terms.decimals)
    if entry.original_id is not None:
        body["originalTransactionId"] = entry.original_id
    if entry.status is EntryStatus.PENDING and entry.due_at is not None:
        body["askAfter"] = max(1, round((entry.due_at - entry.updated_at).total_seconds()))
    if entry.status is EntryStatus.FAILURE and entry.code is not None:
        body["errors"] = refusal_body(Refused(entry.code))["errors"]
    return body
