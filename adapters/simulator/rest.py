"""The simulated brand's REST door, in the shape of Points' Loyalty Commerce Platform."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from aiohttp import web

from adapters.simulator.books import Entry, EntryStatus
from adapters.simulator.counter import Counter
from adapters.simulator.delivery import Delivery, Incoming
from adapters.simulator.desk import Desk
from adapters.simulator.ordering import instant_from, ordered, text
from adapters.simulator.orders import Code, Effect, EntryKind, Operation, Refused, Stumble
from adapters.simulator.terms import Terms
from adapters.simulator.wire import (
    Reply,
    entry_body,
    member_body,
    movement_body,
    refusal_reply,
    validation_body,
)

_INSTRUCTIONS = {
    "debits": (Operation.DEBIT, EntryKind.DEBIT),
    "credits": (Operation.CREDIT, EntryKind.CREDIT),
    "holds": (Operation.HOLD, EntryKind.HOLD),
    "captures": (Operation.CAPTURE, EntryKind.CAPTURE),
    "releases": (Operation.RELEASE, EntryKind.RELEASE),
    "reversals": (Operation.REVERSE, EntryKind.REVERSAL),
}
_PAGE_MAX = 1000
_NO_OBJECT = Refused(Code.INVALID_REQUEST, "The body is a JSON object.")

Handler = Callable[[web.Request, dict[str, Any]], Reply]


@dataclass(slots=True)
class RestDoor:
    """The routes below /v1."""

    terms: Terms
    desk: Desk
    counter: Counter
    delivery: Delivery

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Open the door."""
        place = f"/v1/lps/{self.terms.program}"
        router.add_get("/v1/health", self._asked(Operation.HEALTH, self._health))
        router.add_post(f"{place}/mvs", self._asked(Operation.VALIDATE, self._validate))
        router.add_get(f"{place}/members/{{number}}", self._asked(Operation.MEMBER, self._member))
        router.add_put(f"{place}/members/{{number}}/link", self._asked(Operation.LINK, self._link))
        router.add_delete(f"{place}/members/{{number}}/link", self._asked(Operation.UNLINK, self._unlink))
        for name, (operation, kind) in _INSTRUCTIONS.items():
            router.add_post(f"{place}/{name}", self._instructed(operation, kind))
        router.add_get(f"{place}/transactions", self._asked(Operation.TRANSACTIONS, self._transactions))
        router.add_get(f"{place}/transactions/{{name}}", self._asked(Operation.INQUIRE, self._inquire))
        router.add_post(f"{place}/transactions/{{name}}/retry", self._asked(Operation.RETRY, self._retry))
        router.add_get(f"{place}/statements/{{day}}", self._asked(Operation.STATEMENT, self._statement))

    def _asked(self, operation: Operation, handler: Handler) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            written, body = await _read(request)
            name = request.match_info.get("name")
            number = request.match_info.get("number") or text(body or {}, "memberId")
            incoming = Incoming("rest", operation, written or request.path_qs, name, number)

            def act(effect: Effect) -> Reply:
                if isinstance(effect, Refused):
                    return self._refusal(effect)
                if isinstance(effect, Stumble):
                    return self._refusal(Refused(Code.INTERNAL))
                return self._refusal(_NO_OBJECT) if body is None else handler(request, body)

            return await self.delivery.deliver(request, incoming, act)

        return answer

    def _instructed(self, operation: Operation, kind: EntryKind) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            written, body = await _read(request)
            given = body or {}
            reference, member = text(given, "reference"), text(given, "memberId")
            incoming = Incoming("rest", operation, written, reference, member, given.get("amount"))
            return await self.delivery.deliver(request, incoming, lambda effect: self._moved(kind, body, effect))

        return answer

    def _moved(self, kind: EntryKind, body: dict[str, Any] | None, effect: Effect) -> Reply:
        order = _NO_OBJECT if body is None else ordered(kind, body, self.terms)
        return self._refusal(order) if isinstance(order, Refused) else self._told(self.desk.move(order, effect), 201)

    def _told(self, outcome: Entry | Refused, status: int) -> Reply:
        if isinstance(outcome, Refused):
            return self._refusal(outcome)
        return Reply(status, entry_body(outcome, self.terms), outcome.status.value)

    def _refusal(self, refused: Refused) -> Reply:
        original = self.desk.books.entries.get(refused.original_id or "")
        return refusal_reply(refused, original, self.terms)

    def _health(self, _: web.Request, __: dict[str, Any]) -> Reply:
        return Reply(200, {"status": "up"}, "up")

    def _validate(self, _: web.Request, body: dict[str, Any]) -> Reply:
        found = self.counter.validate(text(body, "memberId") or "", text(body, "lastName"))
        if isinstance(found, Refused):
            return self._refusal(found)
        validation, member = found
        expires_at = self.counter.expiry(validation)
        return Reply(201, validation_body(validation, member, self.terms, expires_at), "success")

    def _member(self, request: web.Request, _: dict[str, Any]) -> Reply:
        member = self.counter.member(request.match_info["number"])
        if isinstance(member, Refused):
            return self._refusal(member)
        return Reply(200, member_body(member, self.terms, self.desk.now()), "success")

    def _link(self, request: web.Request, body: dict[str, Any]) -> Reply:
        member = self.counter.link(request.match_info["number"], text(body, "lastName"))
        if isinstance(member, Refused):
            return self._refusal(member)
        return Reply(200, member_body(member, self.terms, self.desk.now()) | {"link": member.link}, "success")

    def _unlink(self, request: web.Request, _: dict[str, Any]) -> Reply:
        member = self.counter.unlink(request.match_info["number"])
        if isinstance(member, Refused):
            return self._refusal(member)
        return Reply(200, member_body(member, self.terms, self.desk.now()), "success")

    def _inquire(self, request: web.Request, _: dict[str, Any]) -> Reply:
        entry = self.desk.inquire(request.match_info["name"])
        if entry is None:
            return self._refusal(Refused(Code.TRANSACTION_NOT_FOUND))
        outcome = entry.code.value if entry.status is EntryStatus.FAILURE and entry.code else entry.status.value
        return Reply(200, entry_body(entry, self.terms), outcome)

    def _retry(self, request: web.Request, _: dict[str, Any]) -> Reply:
        return self._told(self.desk.retry(request.match_info["name"]), 201)

    def _transactions(self, request: web.Request, _: dict[str, Any]) -> Reply:
        after, until = (instant_from(request.query.get(name, "")) for name in ("after", "until"))
        limit = request.query.get("limit", "100")
        if after is None or until is None or not limit.isdigit() or not 0 < int(limit) <= _PAGE_MAX:
            return self._refusal(Refused(Code.INVALID_REQUEST, f"after, until, limit up to {_PAGE_MAX}."))
        page = self.counter.movements(after, until, int(limit), request.query.get("cursor"))
        listed = [movement_body(entry, self.terms) for entry in page.entries]
        return Reply(200, {"transactions": listed, "next": page.next}, f"{len(listed)} listed")

    def _statement(self, request: web.Request, _: dict[str, Any]) -> Reply:
        try:
            day = date.fromisoformat(request.match_info["day"])
        except ValueError:
            return self._refusal(Refused(Code.INVALID_REQUEST, "A day is written 2026-01-31."))
        return Reply(200, self.counter.statement(day), "statement", "text/csv")


async def _read(request: web.Request) -> tuple[str, dict[str, Any] | None]:
    """The body as text and as an object; no object when it is none."""
    raw = await request.read()
    try:
        body = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError:
        body = None
    return raw.decode(errors="replace"), body if isinstance(body, dict) else None
