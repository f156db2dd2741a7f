"""Members looked at before points move: whether they exist, fit their name, are linked, and were validated for it."""

from dataclasses import replace
from datetime import datetime

from adapters.simulator.books import Books, Change, Member, Validation
from adapters.simulator.orders import Code, EntryKind, Order, Refused
from adapters.simulator.terms import Terms


def member_refused(member: Member | None, last_name: str | None) -> Refused | None:
    """Why this member may not be dealt with."""
    if member is None:
        return Refused(Code.MEMBER_NOT_FOUND)
    if last_name and member.last_name and _folded(last_name) != _folded(member.last_name):
        return Refused(Code.NAME_MISMATCH)
    return Refused(Code.MEMBER_INELIGIBLE) if member.blocked else None


def validation_refused(terms: Terms, books: Books, order: Order, member: Member, now: datetime) -> Refused | None:
    """Why this debit, credit or hold may not be done for this member."""
    if refused := member_refused(member, order.last_name):
        return refused
    if order.kind is EntryKind.HOLD and not terms.holds:
        return Refused(Code.UNSUPPORTED)
    if terms.links_required and member.link is None:
        return Refused(Code.NOT_LINKED)
    if order.validation is None:
        return Refused(Code.VALIDATION_REQUIRED) if terms.validation_required else None
    return _token_refused(terms, books.validations.get(_last(order.validation)), order, now)


def used(books: Books, order: Order) -> Change:
    """What accepting the order does to its validation."""
    validation = books.validations.get(_last(order.validation or ""))
    return Change() if validation is None else Change(validations=(replace(validation, used_by=order.reference),))


def _token_refused(terms: Terms, validation: Validation | None, order: Order, now: datetime) -> Refused | None:
    if validation is None or validation.number != order.number:
        return Refused(Code.VALIDATION_EXPIRED)
    if validation.used_by not in {None, order.reference}:
        return Refused(Code.VALIDATION_USED)
    too_old = (now - validation.created_at).total_seconds() > terms.validation_seconds
    return Refused(Code.VALIDATION_EXPIRED) if too_old else None


def _last(href: str) -> str:
    """The id at the end of a link, or the id itself."""
    return href.rstrip("/").rpartition("/")[2]


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
