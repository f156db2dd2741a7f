"""What stands between us and one brand's system: a breaker, so many calls at once, so many a second, and a deadline.

A call that the guard does not let pass is `NOT_SENT`, with the seconds after which it may. Where several workers run,
each has its share of what the brand allows (`Guards.divide`).
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar
from uuid import UUID

from brands import Program
from exchange.brand_system import (
    Answer,
    BrandBalance,
    BrandEvent,
    BrandSystem,
    BrandSystems,
    BrandTransaction,
    CallRecord,
    Capabilities,
    Done,
    Failed,
    Failure,
    FollowUp,
    Health,
    InquiryAnswer,
    Instruction,
    LinkedMember,
    MemberReference,
    Reference,
)
from exchange.saga.breaker import Breaker, BreakerState

Answered = TypeVar("Answered")

log = logging.getLogger("agio.guard")

QUEUE_FACTOR: Final = 2
"""How many calls may wait or run, in multiples of those that may run: so that the next one is at hand."""
AHEAD_SECONDS: Final = 1.0
"""How long before its time a call may begin to wait for it: so that the next one is at hand."""

_BROKEN: Final = frozenset({Failure.UNKNOWN, Failure.NOT_SENT, Failure.AUTH})
_SILENT: Final = "The brand does not answer at present."
_LOCKED_OUT: Final = "The brand refuses our credentials."


@dataclass(frozen=True, slots=True)
class GuardReport:
    """One brand's guard, for metrics and health."""

    program: str
    state: BreakerState
    in_flight: int
    waiting: int
    retry_after_seconds: float
    reason: str = ""
    """Why calls do not pass, while they do not."""


class Guard:
    """The guard of one program's system in this process."""

    def __init__(self, program: str, capabilities: Capabilities, now: Callable[[], float]) -> None:
        self.breaker = Breaker(now)
        self._program = program
        self._now = now
        self.share = 1
        """Among how many processes the brand's limits are divided."""
        self.place = 0
        """Which of them this is, from 0: the first ones take what cannot be divided evenly."""
        self._room = asyncio.Event()
        self._taken = 0
        """Lines that are not free: of calls that run, and of those that only wait for their time."""
        self._in_flight = 0
        self._waiting = 0
        self._next_at = 0.0
        """From when on the brand may be sent the next request, by what it takes a second."""
        self._rest_until = 0.0
        """From when on it may be called again, by its own word."""
        self._locked_out = False
        """Whether the brand's last answer refused our credentials."""
        self.freed: Callable[[], None] = lambda: None
        """Called when a call has ended, so that whoever waits for room looks again."""
        self.capabilities = capabilities

    @property
    def lines(self) -> int:
        """How many calls may run at once. None, where others are already as many as the brand allows."""
        each, left = divmod(self.capabilities.concurrency_max, self.share)
        return each + (self.place < left)

    @property
    def _seconds_each(self) -> float | None:
        """How far apart this process's requests are, by what the brand takes a second; None: it does not say."""
        rate = self.capabilities.requests_per_second
        return None if rate is None else min(self.share, self.capabilities.concurrency_max) / rate

    @property
    def room(self) -> int:
        """How many further calls would pass now, or soon."""
        if not self.lines:
            return 0
        if self.breaker.wait_seconds > 0 and self._locked_out:
            return 1  # nothing is called: what waits for credentials is told so, what can be given up is
        if self.breaker.wait_seconds > 0 or self._rest_until > self._now():
            return 0
        busy = self._in_flight + self._waiting
        if self.breaker.state is not BreakerState.CLOSED:
            return int(busy == 0)
        return max(min(QUEUE_FACTOR * self.lines - busy, self._in_time()), 0)

    def _in_time(self) -> int:
        """How many calls have their time soon, and before they would give up, by what the brand takes a second."""
        each = self._seconds_each
        if each is None:
            return QUEUE_FACTOR * self.lines
        now = self._now()
        until = now + min(AHEAD_SECONDS, self.capabilities.deadline_seconds)
        at = max(self._next_at, now)
        timeless = self._in_flight + self._waiting - self._taken
        each *= self.capabilities.requests_per_instruction
        return 0 if at > until else 1 + int((until - at) / each) - timeless

    def report(self) -> GuardReport:
        """How it stands."""
        wait = self.breaker.wait_seconds
        closed = self.breaker.state is BreakerState.CLOSED
        reason = "" if closed else _LOCKED_OUT if self._locked_out else _SILENT
        return GuardReport(self._program, self.breaker.state, self._in_flight, self._waiting, wait, reason)

    async def call(self, make: Callable[[], Awaitable[Answered]], *, requests: int = 1) -> Answered | Failed:
        """Make the call, of so many requests, if it may be made, within the deadline of the brand."""
        deadline = self.capabilities.deadline_seconds
        refused = await self._enter(deadline, requests)
        if refused is not None:
            return refused
        try:
            async with asyncio.timeout(deadline):
                answer = await make()
        except TimeoutError:
            self.breaker.failed()
            return Failed(Failure.UNKNOWN, f"No answer within {deadline:g} s.")
        except BaseException:
            self.breaker.failed()
            raise
        finally:
            self._in_flight -= 1
            self._free_line()
        self._learn(answer)
        return answer

    async def _enter(self, deadline: float, requests: int) -> Failed | None:
        if self._waiting >= QUEUE_FACTOR * self.lines:  # also where there is no line: others have them all
            return Failed(Failure.NOT_SENT, "Too many calls wait already.", retry_after_seconds=1.0)
        self._waiting += 1
        try:
            refused = await self._line_and_time(deadline, requests)
        finally:
            self._waiting -= 1
        if refused is None and not self.breaker.enter():
            self._free_line()
            refused = self._broken()
        self._in_flight += refused is None
        return refused

    async def _line_and_time(self, deadline: float, requests: int) -> Failed | None:
        """Wait for a line, and then on it for the time of the next call; no longer than the deadline."""
        until = self._now() + deadline
        try:
            async with asyncio.timeout(deadline):
                while self._taken >= self.lines:
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            return Failed(Failure.NOT_SENT, "All of the brand's lines are busy.", retry_after_seconds=deadline)
        self._taken += 1
        try:
            refused = await self._time(until, requests)
        except BaseException:
            self._free_line()
            raise
        if refused is not None:
            self._free_line()
        return refused

    async def _time(self, until: float, requests: int) -> Failed | None:
        each = self._seconds_each
        if each is not None:
            now = self._now()
            at = max(self._next_at, now)
            if at > until:
                # Its time is left to others: whoever comes later may wait for it.
                return Failed(Failure.NOT_SENT, "The brand takes no more at present.", retry_after_seconds=at - now)
            self._next_at = at + requests * each
            if at > now:
                await asyncio.sleep(at - now)
        rest = self._rest_until - self._now()
        return Failed(Failure.NOT_SENT, "The brand asked for rest.", retry_after_seconds=rest) if rest > 0 else None

    def _broken(self) -> Failed:
        wait = self.breaker.wait_seconds
        if self._locked_out:
            return Failed(Failure.AUTH, _LOCKED_OUT, retry_after_seconds=wait)
        return Failed(Failure.NOT_SENT, _SILENT, retry_after_seconds=wait)

    def _free_line(self) -> None:
        self._taken -= 1
        self._room.set()
        self.freed()

    def _learn(self, answer: object) -> None:
        if isinstance(answer, Failed) and answer.failure is Failure.RATE_LIMITED:
            # The brand answers; it only wants to be left alone for a while.
            self._rest_until = max(self._rest_until, self._now() + (answer.retry_after_seconds or 1.0))
        was_closed = self.breaker.state is BreakerState.CLOSED
        self._locked_out = isinstance(answer, Failed) and answer.failure is Failure.AUTH
        if isinstance(answer, Failed) and answer.failure in _BROKEN:
            self.breaker.failed()
        else:
            self.breaker.succeeded()
        if self._locked_out and was_closed and self.breaker.state is BreakerState.OPEN:
            log.error("%s refuses our credentials: nothing is sent until new ones are set", self._program)


class GuardedSystem:
    """A brand's system behind its guard."""

    def __init__(self, system: BrandSystem, guard: Guard) -> None:
        self._system = system
        self._guard = guard

    @property
    def capabilities(self) -> Capabilities:
        """Of the system."""
        return self._system.capabilities

    async def health(self) -> Health:
        """Of the system; an open breaker is not asked."""
        answer = await self._guard.call(self._system.health)
        if isinstance(answer, Failed):
            return Health(up=False, message=answer.message, retry_after_seconds=answer.retry_after_seconds)
        return answer

    async def link(self, member: MemberReference) -> LinkedMember | Failed:
        """See the port."""
        return await self._guard.call(lambda: self._system.link(member))

    async def validate(self, member: MemberReference) -> LinkedMember | Failed:
        """See the port."""
        return await self._guard.call(lambda: self._system.validate(member))

    async def unlink(self, member: MemberReference) -> Done | Failed:
        """See the port."""
        return await self._guard.call(lambda: self._system.unlink(member))

    async def balance(self, member: MemberReference) -> BrandBalance | Failed:
        """See the port."""
        return await self._guard.call(lambda: self._system.balance(member))

    async def tier(self, member: MemberReference) -> str | Failed:
        """See the port."""
        return await self._guard.call(lambda: self._system.tier(member))

    async def debit(self, instruction: Instruction) -> Answer:
        """See the port."""
        return await self._instruct(lambda: self._system.debit(instruction))

    async def credit(self, instruction: Instruction) -> Answer:
        """See the port."""
        return await self._instruct(lambda: self._system.credit(instruction))

    async def hold(self, instruction: Instruction) -> Answer:
        """See the port."""
        return await self._instruct(lambda: self._system.hold(instruction))

    async def capture(self, follow_up: FollowUp) -> Answer:
        """See the port."""
        return await self._instruct(lambda: self._system.capture(follow_up))

    async def release(self, follow_up: FollowUp) -> Answer:
        """See the port."""
        return await self._instruct(lambda: self._system.release(follow_up))

    async def reverse(self, follow_up: FollowUp) -> Answer:
        """See the port."""
        return await self._instruct(lambda: self._system.reverse(follow_up))

    async def inquire(self, reference: Reference, brand_reference: str | None, sent_at: datetime) -> InquiryAnswer:
        """See the port."""
        return await self._guard.call(lambda: self._system.inquire(reference, brand_reference, sent_at))

    async def _instruct(self, make: Callable[[], Awaitable[Answered]]) -> Answered | Failed:
        return await self._guard.call(make, requests=self.capabilities.requests_per_instruction)

    def transactions(self, after: datetime, until: datetime) -> AsyncIterator[BrandTransaction]:
        """Straight from the system: a list of any length has no deadline."""
        return self._system.transactions(after, until)

    async def fetch_statement(self, day: date) -> bytes | Failed:
        """See the port."""
        return await self._guard.call(lambda: self._system.fetch_statement(day))

    async def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> BrandEvent | Failed:
        """Nothing is called."""
        return await self._system.parse_webhook(headers, body)


class Guards:
    """Every program's system behind a guard of its own: what one brand does not answer, the others do not feel."""

    def __init__(self, systems: BrandSystems, *, now: Callable[[], float] = time.monotonic) -> None:
        self._systems = systems
        self._now = now
        self._share, self._place = 1, 0
        self._guards: dict[UUID, Guard] = {}
        self._guarded: dict[UUID, tuple[BrandSystem, GuardedSystem]] = {}
        self.freed: Callable[[], None] = lambda: None
        """Called when any call has ended."""

    def of(self, program: Program) -> BrandSystem:
        """The program's system, guarded. The same object as long as the configuration is the same."""
        system = self._systems.of(program)
        found = self._guarded.get(program.id)
        if found is None or found[0] is not system:
            guard = self._guard(program)
            guard.capabilities = system.capabilities
            found = self._guarded[program.id] = (system, GuardedSystem(system, guard))
        return found[1]

    def recording(self) -> AbstractContextManager[list[CallRecord]]:
        """Collects the calls that the current task makes within the block."""
        return self._systems.recording()

    def room(self, program: Program) -> int:
        """How many further calls of the program's system may begin now."""
        return self._guard(program).room

    def divide(self, share: int, place: int = 0) -> None:
        """As many processes call the brands, and this is number `place`: each keeps to its share of their limits."""
        self._share, self._place = share, place
        for guard in self._guards.values():
            guard.share, guard.place = share, place

    def reports(self) -> list[GuardReport]:
        """All guards that were ever needed, by program."""
        return sorted((guard.report() for guard in self._guards.values()), key=lambda report: report.program)

    def _guard(self, program: Program) -> Guard:
        guard = self._guards.get(program.id)
        if guard is None:
            guard = self._guards[program.id] = Guard(program.code, program.capabilities, self._now)
            guard.share, guard.place = self._share, self._place
            guard.freed = self._tell
        return guard

    def _tell(self) -> None:
        self.freed()
