"""What each field of the GraphQL door does, and the books' objects as its types show them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.simulator.books import Entry, EntryStatus, Member
from adapters.simulator.counter import Counter
from adapters.simulator.desk import Desk
from adapters.simulator.ordering import instant_from, ordered
from adapters.simulator.orders import Code, Effect, EntryKind, Refused, Stumble
from adapters.simulator.terms import Terms
from adapters.simulator.wire import entry_body, instant, member_body, movement_body

_FIELDS = {
    "number": "memberId",
    "validation": "memberValidation",
    "originalId": "originalTransactionId",
}
"""Inputs that REST calls by another name."""

_STATUS = {EntryStatus.SYSTEM_ERROR: "SYSTEM_ERROR"}


@dataclass(slots=True)
class Resolvers:
    """The fields of Query and Mutation."""

    terms: Terms
    desk: Desk
    counter: Counter

    def root(self, effect: Effect) -> dict[str, Callable[..., Any]]:
        """The root of one execution, under the effect of a fault."""
        asked: dict[str, Callable[..., Any]] = {
            "health": lambda _: {"status": "up"},
            "member": self._member,
            "transaction": self._transaction,
            "transactions": self._transactions,
            "statement": lambda _, day: self.counter.statement(date.fromisoformat(day)),
            "validateMember": self._validate,
            "linkMember": self._link,
            "unlinkMember": self._unlink,
            "retry": lambda _, id: self._told(self.desk.retry(id)),  # noqa: A006 - the argument's name in the graph
        }
        kinds = {kind.value: kind for kind in (EntryKind.DEBIT, EntryKind.CREDIT, EntryKind.HOLD)}
        kinds |= {"capture": EntryKind.CAPTURE, "release": EntryKind.RELEASE, "reverse": EntryKind.REVERSAL}
        moved = {name: self._mover(kind, effect) for name, kind in kinds.items()}
        return {name: _spoilt(name, resolver, effect) for name, resolver in asked.items()} | moved

    def _mover(self, kind: EntryKind, effect: Effect) -> Callable[..., Any]:
        def resolve(_: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - the argument's name in the graph
            order = ordered(kind, {_FIELDS.get(name, name): value for name, value in input.items()}, self.terms)
            return self._told(order if isinstance(order, Refused) else self.desk.move(order, effect))

        return resolve

    def _told(self, outcome: Entry | Refused) -> dict[str, Any]:
        if isinstance(outcome, Entry):
            shown = self._entry(outcome)
            return {"status": shown["status"], "errors": shown["errors"], "transaction": shown}
        original = self.desk.books.entries.get(outcome.original_id or "")
        is_duplicate = outcome.code in {Code.DUPLICATE_SAME, Code.DUPLICATE_CHANGED}
        return refusal(outcome) | {"original": self._entry(original) if original and is_duplicate else None}

    def _entry(self, entry: Entry) -> dict[str, Any]:
        body = entry_body(entry, self.terms)
        return body | {
            "id": entry.id,
            "number": entry.number,
            "status": _STATUS.get(entry.status, entry.status.value.upper()),
            "originalId": entry.original_id,
            "askAfterSeconds": body.get("askAfter"),
            "errors": body.get("errors", []),
        }

    def _member(self, _: Any, number: str) -> dict[str, Any]:
        return self._known(self.counter.member(number))

    def _link(self, _: Any, number: str, lastName: str | None = None) -> dict[str, Any]:  # noqa: N803
        return self._known(self.counter.link(number, lastName))

    def _unlink(self, _: Any, number: str) -> dict[str, Any]:
        return self._known(self.counter.unlink(number))

    def _validate(self, _: Any, number: str, lastName: str | None = None) -> dict[str, Any]:  # noqa: N803
        found = self.counter.validate(number, lastName)
        if isinstance(found, Refused):
            return refusal(found)
        validation, member = found
        shown = {"id": validation.id, "expiresAt": instant(self.counter.expiry(validation))}
        return self._known(member) | {"validation": shown}

    def _known(self, member: Member | Refused) -> dict[str, Any]:
        if isinstance(member, Refused):
            return refusal(member)
        shown = member_body(member, self.terms, self.desk.now())
        shown |= {"number": member.number, "tier": member.tier, "link": member.link}
        return {"status": "SUCCESS", "errors": [], "member": shown}

    def _transaction(self, _: Any, reference: str | None = None, id: str | None = None) -> dict[str, Any] | None:  # noqa: A002
        entry = self.desk.inquire(id or reference or "")
        return self._entry(entry) if entry else None

    def _transactions(self, _: Any, after: str, until: str, first: int, cursor: str | None = None) -> dict[str, Any]:
        begin, end = instant_from(after), instant_from(until)
        if begin is None or end is None:
            raise ValueError("after and until are instants with their zone")
        page = self.counter.movements(begin, end, first, cursor)
        bodies = [movement_body(entry, self.terms) for entry in page.entries]
        items = [body | {"id": body["transactionId"], "number": body["memberId"]} for body in bodies]
        return {"items": items, "next": page.next}


def refusal(refused: Refused) -> dict[str, Any]:
    """A refusal as both kinds of answers show it."""
    errors = [{"code": refused.code.value, "description": refused.words}]
    return {"status": "FAILURE", "errors": errors}


def _spoilt(name: str, resolver: Callable[..., Any], effect: Effect) -> Callable[..., Any]:
    """The resolver; or what a fault answers in its place."""
    if not isinstance(effect, Refused | Stumble):
        return resolver

    def refuse(*_: Any, **__: Any) -> dict[str, Any]:
        refused = effect if isinstance(effect, Refused) else Refused(Code.INTERNAL)
        if name in {"health", "transaction", "transactions", "statement"}:
            raise ValueError(refused.code.value)
        return refusal(refused)

    return refuse
