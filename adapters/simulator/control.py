"""The control endpoints: the clock, the faults, maintenance, members, and a look at the books and the calls.

They need no key: the simulator listens on the loopback address unless it is told otherwise.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from adapters.simulator.books import Books, Entry, Member
from adapters.simulator.delivery import Delivery
from adapters.simulator.desk import Desk
from adapters.simulator.faults import MAGIC, Fault
from adapters.simulator.ordering import instant_from
from adapters.simulator.terms import Terms
from adapters.simulator.webhooks import Webhooks
from adapters.simulator.wire import entry_body, instant
from core.amounts import AmountError, format_amount, parse_amount

Wanted = TypeVar("Wanted")


class MemberWanted(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A member to be opened or changed."""

    number: str
    balance: str | int = 0
    tier: str | None = None
    last_name: str | None = None
    blocked: bool = False


class ClockWanted(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """What the clock is to do."""

    now: str | None = None
    advance_seconds: float | None = None
    running: bool | None = None


class MaintenanceWanted(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """Whether the brand is to be closed."""

    on: bool
    retry_after: int = 30


class Resend(msgspec.Struct, forbid_unknown_fields=True):
    """An event that is to be sent again; none: the last one."""

    id: str | None = None


@dataclass(slots=True)
class Control:
    """The routes below /control."""

    terms: Terms
    books: Books
    desk: Desk
    delivery: Delivery
    webhooks: Webhooks

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Open them."""
        router.add_get("/control/clock", self._clock)
        router.add_put("/control/clock", self._set_clock)
        router.add_post("/control/members", self._open_members)
        router.add_get("/control/books", self._show_books)
        router.add_get("/control/outcomes", self._outcomes)
        router.add_get("/control/calls", self._calls)
        router.add_get("/control/faults", self._faults)
        router.add_put("/control/faults", self._set_faults)
        router.add_delete("/control/faults", self._clear_faults)
        router.add_put("/control/maintenance", self._set_maintenance)
        router.add_get("/control/webhooks", self._events)
        router.add_post("/control/webhooks/resend", self._resend)

    def summary(self) -> dict[str, Any]:
        """Where everything stands, in a few figures."""
        entries = self.books.entries.values()
        return {
            "program": self.terms.program,
            "decimals": self.terms.decimals,
            "now": instant(self.desk.now()),
            "running": self.desk.clock.running,
            "maintenance": self.delivery.maintenance.on,
            "members": len(self.books.members),
            "entries": len(entries),
            "pending": sum(entry.due_at is not None for entry in entries),
            "sum": self._amount(self.books.total),
            "moved": self._amount(self.books.moved),
            "whole": self.books.total == self.books.moved,
            "calls": self.delivery.calls.count,
        }

    async def _clock(self, _: web.Request) -> web.Response:
        return _json({"now": instant(self.desk.clock.now()), "running": self.desk.clock.running})

    async def _set_clock(self, request: web.Request) -> web.Response:
        wanted = await _read(request, ClockWanted)
        if wanted.now is not None:
            moment = instant_from(wanted.now)
            if moment is None:
                raise _wrong("now", "an instant with its zone")
            self.desk.clock.stop(moment)
        if wanted.advance_seconds is not None:
            self.desk.clock.advance(timedelta(seconds=wanted.advance_seconds))
        if wanted.running is not None:
            self.desk.clock.run() if wanted.running else self.desk.clock.stop()
        self.desk.settle()
        return await self._clock(request)

    async def _open_members(self, request: web.Request) -> web.Response:
        for wanted in await _read(request, list[MemberWanted]):
            before = self.books.members.get(wanted.number)
            self.desk.open_member(self._member(wanted))
            if before is not None and wanted.tier not in {None, before.tier}:
                told = {"memberId": wanted.number, "membershipLevel": wanted.tier}
                self.webhooks.tell("member.tier_changed", told)
        return _json({"members": len(self.books.members)})

    async def _show_books(self, request: web.Request) -> web.Response:
        limit = int(request.query.get("limit", "1000000"))
        every = list(self.books.entries.values())
        entries = [self._entry(entry) for entry in every[max(0, len(every) - limit) :]]
        members = [
            asdict(member) | {"balance": self._amount(member.balance), "held": self._amount(member.held)}
            for member in self.books.members.values()
        ]
        return _json(self.summary() | {"members": members[:limit], "transactions": entries})

    async def _outcomes(self, request: web.Request) -> web.Response:
        """Everything in the books under a reference: more than one entry is a fault of the brand."""
        name = request.query.get("reference", "")
        found = [self._entry(entry) for entry in self.books.entries.values() if entry.reference == name]
        return _json(found)

    async def _calls(self, request: web.Request) -> web.Response:
        after, limit = (int(request.query.get(name, usual)) for name, usual in (("after", "0"), ("limit", "500")))
        return _json(self.delivery.calls.after(after, limit))

    async def _faults(self, _: web.Request) -> web.Response:
        return _json(
            {"faults": self.delivery.faults.faults, "magic": {str(key): fault for key, fault in MAGIC.items()}}
        )

    async def _set_faults(self, request: web.Request) -> web.Response:
        self.delivery.faults.set(tuple(await _read(request, list[Fault])))
        return await self._faults(request)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self.delivery.faults.set(())
        return await self._faults(request)

    async def _set_maintenance(self, request: web.Request) -> web.Response:
        wanted = await _read(request, MaintenanceWanted)
        self.delivery.maintenance.on = wanted.on
        self.delivery.maintenance.retry_after_seconds = wanted.retry_after
        return _json({"on": wanted.on})

    async def _events(self, _: web.Request) -> web.Response:
        return _json(
            [{"id": event.id, "body": event.body.decode(), "statuses": event.statuses} for event in self.webhooks.kept]
        )

    async def _resend(self, request: web.Request) -> web.Response:
        wanted = await _read(request, Resend)
        found = [event for event in self.webhooks.kept if wanted.id in {None, event.id}]
        if not found:
            raise _wrong("id", "no such event")
        self.webhooks.send(found[-1])
        return _json({"id": found[-1].id})

    def _member(self, wanted: MemberWanted) -> Member:
        try:
            balance = parse_amount(str(wanted.balance), self.terms.decimals)
        except AmountError as error:
            raise _wrong("balance", error) from error
        return Member(wanted.number, balance, tier=wanted.tier, last_name=wanted.last_name, blocked=wanted.blocked)

    def _entry(self, entry: Entry) -> dict[str, Any]:
        signed = self._amount(entry.signed) if entry.booked_at else self._amount(0)
        return entry_body(entry, self.terms) | {"signed": signed, "hidden": entry.hidden}

    def _amount(self, minor: int) -> str:
        return format_amount(minor, self.terms.decimals)


async def _read(request: web.Request, kind: type[Wanted]) -> Wanted:
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except msgspec.MsgspecError as error:
        raise _wrong("body", error) from error


def _wrong(field: str, about: object) -> web.HTTPBadRequest:
    told = msgspec.json.encode({"error": f"{field}: {about}"})
    return web.HTTPBadRequest(text=told.decode(), content_type="application/json")


def _json(answer: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json")
