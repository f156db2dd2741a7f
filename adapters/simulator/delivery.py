"""How a call reaches the simulated brand and its answer comes back: noted, and met by the faults in force."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson
from aiohttp import web

from adapters.simulator.calls import Call, Calls
from adapters.simulator.desk import Desk
from adapters.simulator.faults import BEFORE, Fault, FaultKind, Faults
from adapters.simulator.orders import Code, Effect, Operation, Refused, Unlooked
from adapters.simulator.pace import Pace
from adapters.simulator.terms import Flaw, Terms
from adapters.simulator.wire import Reply, refusal_body

Act: TypeAlias = Callable[[Effect], Reply]
"""Does what a call asks for, under the effect of a fault."""

_RACE_SECONDS = 0.02
_TEXT_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call before anything is done about it."""

    door: str
    operation: Operation
    text: str
    reference: str | None = None
    member: str | None = None
    amount: Any = None


@dataclass(slots=True)
class Maintenance:
    """Whether the brand is closed."""

    on: bool = False
    retry_after_seconds: int = 30


@dataclass(slots=True)
class Delivery:
    """The way in and out."""

    terms: Terms
    desk: Desk
    faults: Faults
    calls: Calls
    maintenance: Maintenance = field(default_factory=Maintenance)
    pace: Pace = field(default_factory=Pace)

    async def deliver(self, request: web.Request, incoming: Incoming, act: Act) -> web.StreamResponse:
        """Let the call through, as far as the faults do."""
        self.desk.settle()
        call = self._noted(incoming)
        if refused := self._closed(request):
            return _answer(call, refused)
        fault = self.faults.choose(incoming.operation, incoming.reference, _points(incoming.amount))
        call.fault = fault.kind if fault else None
        if fault is None:
            return _answer(call, await self._acted(incoming, act, None))
        return await self._through(request, call, fault, lambda: self._acted(incoming, act, fault))

    async def _through(self, request: web.Request, call: Call, fault: Fault, acting: Any) -> web.StreamResponse:
        if fault.kind in BEFORE:
            return await _before(request, call, fault)
        if fault.kind is FaultKind.LATENCY:
            await asyncio.sleep(fault.seconds_or(1))
        if fault.kind is FaultKind.DUPLICATE:
            await acting()
        reply = await acting()
        return await _after(request, call, fault, reply)

    async def _acted(self, incoming: Incoming, act: Act, fault: Fault | None) -> Reply:
        effect = fault.effect() if fault else None
        if effect is None and Flaw.RACES in self.terms.flaws and incoming.reference:
            known = self.desk.books.by_name(incoming.reference)
            await asyncio.sleep(_RACE_SECONDS)
            effect = None if known else Unlooked()
        return act(effect)

    def _closed(self, request: web.Request) -> Reply | None:
        """The answer when the caller is not let in at all."""
        if self.maintenance.on:
            return _come_back(Code.MAINTENANCE, self.maintenance.retry_after_seconds)
        if request.headers.get("Authorization") != f"Bearer {self.terms.key}":
            return Reply(401, refusal_body(Refused(Code.UNAUTHORIZED)), Code.UNAUTHORIZED.value)
        limit = self.terms.requests_per_second
        if limit is not None and not self.pace.admits(limit):
            return _come_back(Code.RATE_LIMITED, 1)
        return None

    def _noted(self, incoming: Incoming) -> Call:
        call = Call(
            number=self.calls.count + 1,
            at=self.desk.clock.now(),
            door=incoming.door,
            operation=incoming.operation,
            reference=incoming.reference,
            member=incoming.member,
            amount=None if incoming.amount is None else str(incoming.amount),
            request=incoming.text[:_TEXT_KEPT],
        )
        self.calls.add(call)
        return call


async def _before(request: web.Request, call: Call, fault: Fault) -> web.StreamResponse:
    match fault.kind:
        case FaultKind.TOO_MANY:
            return _answer(call, _come_back(Code.RATE_LIMITED, fault.seconds_or(1)))
        case FaultKind.MAINTENANCE:
            return _answer(call, _come_back(Code.MAINTENANCE, fault.seconds_or(30)))
        case FaultKind.ERROR_BEFORE:
            return _answer(call, _internal())
        case FaultKind.BLACK_HOLE:
            return await _given_up(request)
        case _:
            return _hung_up(request)


async def _after(request: web.Request, call: Call, fault: Fault, reply: Reply) -> web.StreamResponse:
    call.outcome = reply.outcome
    match fault.kind:
        case FaultKind.LOST_ANSWER | FaultKind.LATE_SUCCESS:
            return _hung_up(request)
        case FaultKind.HALF:
            return await _half(request, call, reply)
        case FaultKind.MALFORMED:
            return _answer(call, Reply(200, "<html><body>Bad gateway", reply.outcome, "text/html"))
        case FaultKind.ERROR_AFTER:
            return _answer(call, _internal())
        case FaultKind.SLOW_ANSWER:
            await asyncio.sleep(fault.seconds_or(1))
            return _answer(call, reply)
        case _:
            return _answer(call, reply)


def _answer(call: Call, reply: Reply) -> web.Response:
    body = reply.body.encode() if isinstance(reply.body, str) else orjson.dumps(reply.body)
    call.status, call.outcome = reply.status, call.outcome or reply.outcome
    call.answer = body[:_TEXT_KEPT].decode(errors="replace")
    response = web.Response(status=reply.status, body=body, headers=reply.headers)
    response.content_type = reply.content_type
    response.charset = "utf-8"
    return response


async def _half(request: web.Request, call: Call, reply: Reply) -> web.StreamResponse:
    whole = _answer(call, reply)
    body = bytes(whole.body) if isinstance(whole.body, bytes) else b""
    half = body[: len(body) // 2]
    call.answer = half.decode(errors="replace")
    response = web.StreamResponse(status=whole.status, headers={"Content-Length": str(len(body))})
    response.content_type = reply.content_type
    await response.prepare(request)
    await response.write(half)
    if request.transport is not None:
        request.transport.close()
    return response


def _hung_up(request: web.Request) -> web.StreamResponse:
    """Close the connection; the response that is returned goes nowhere."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


async def _given_up(request: web.Request) -> web.StreamResponse:
    """Wait until the caller leaves, which cancels this."""
    await asyncio.Event().wait()
    return _hung_up(request)


def _come_back(code: Code, seconds: float) -> Reply:
    headers = {"Retry-After": str(max(1, round(seconds)))}
    status = 429 if code is Code.RATE_LIMITED else 503
    return Reply(status, refusal_body(Refused(code)), code.value, headers=headers)


def _internal() -> Reply:
    return Reply(500, refusal_body(Refused(Code.INTERNAL)), Code.INTERNAL.value)


def _points(amount: Any) -> int | None:
    """The whole points of an amount, should it be one."""
    whole = str(amount).partition(".")[0]
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) < 10 else None  # noqa: PLR2004 - enough
