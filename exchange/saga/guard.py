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
        self._room = asyncio.Event()
        self._in_flight = 0
        self._waiting = 0
        self._next_at = 0.0
        self._locked_out = False
        """Whether the brand's last answer refused our credentials."""
        self.freed: Callable[[], None] = lambda: None
        """Called when a call has ended, so that whoever waits for room looks again."""
        self.capabilities = capabilities

    @property
    def lines(self) -> int:
        """How many calls may run at once."""
        return max(self.capabilities.concurrency_max // self.share, 1)

    @property
    def room(self) -> int:
        """How many further calls would pass now, or soon."""
        if self.breaker.wait_seconds > 0 and self._locked_out:
            return 1  # nothing is called: what waits for credentials is told so, what can be given up is
        if self.breaker.wait_seconds > 0 or self._next_at - self._now() > 1.0:
            return 0
        busy = self._in_flight + self._waiting
        if self.breaker.state is not BreakerState.CLOSED:
            return int(busy == 0)
        return max(QUEUE_FACTOR * self.lines - busy, 0)

    def report(self) -> GuardReport:
        """How it stands."""
        wait = self.breaker.wait_seconds
        closed = self.breaker.state is BreakerState.CLOSED
        reason = "" if closed else _LOCKED_OUT if self._locked_out else _SILENT
        return GuardReport(self._program, self.breaker.state, self._in_flight, self._waiting, wait, reason)

    async def call(self, make: Callable[[], Awaitable[Answered]]) -> Answered | Failed:
        """Make the call if it may be made, within the deadline of the brand."""
        deadline = self.capabilities.deadline_seconds
        refused = await self._enter(deadline)
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
            self._leave()
        self._learn(answer)
        return answer

    async def _enter(self, deadline: float) -> Failed | None:
        if self._waiting >= QUEUE_FACTOR * self.lines:
            return Failed(Failure.NOT_SENT, "Too many calls wait already.", retry_after_seconds=1.0)
        if (self._in_flight >= self.lines or self.capabilities.requests_per_second) and not await self._waited(
            deadline
        ):
            return Failed(Failure.NOT_SENT, "All of the brand's lines are busy.", retry_after_seconds=deadline)
        if not self.breaker.enter():
            wait = self.breaker.wait_seconds
            if self._locked_out:
                return Failed(Failure.AUTH, _LOCKED_OUT, retry_after_seconds=wait)
            return Failed(Failure.NOT_SENT, _SILENT, retry_after_seconds=wait)
        self._in_flight += 1
        return None

    async def _waited(self, deadline: float) -> bool:
        """Wait for a line and for the time of the next call; whether both came before the deadline."""
        self._waiting += 1
        try:
            async with asyncio.timeout(deadline):
                await self._wait_for_room()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return True

    async def _wait_for_room(self) -> None:
        while self._in_flight >= self.lines:
            self._room.clear()
            await self._room.wait()
        rate = self.capabilities.requests_per_second
        if rate is not None:
            at = max(self._next_at, self._now())
            self._next_at = at + self.share / rate
            if at > self._now():
                await asyncio.sleep(at - self._now())

    def _leave(self) -> None:
        self._in_flight -= 1
        self._room.set()
        self.freed()

    def _learn(self, answer: object) -> None:
        if isinstance(answer, Failed) and answer.failure is Failure.RATE_LIMITED:
            # The brand answers; it only wants to be left alone for a while.
            self._next_at = max(self._next_at, self._now() + (answer.retry_after_seconds or 1.0))
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
        return await self._guard.call(lambda: self._system.debit(instruction))

    async def credit(self, instruction: Instruction) -> Answer:
        """See the port."""
        return await self._guard.call(lambda: self._system.credit(instruction))

    async def hold(self, instruction: Instruction) -> Answer:
        """See the port."""
        return await self._guard.call(lambda: self._system.hold(instruction))

    async def capture(self, follow_up: FollowUp) -> Answer:
        """See the port."""
        return await self._guard.call(lambda: self._system.capture(follow_up))

    async def release(self, follow_up: FollowUp) -> Answer:
        """See the port."""
        return await self._guard.call(lambda: self._system.release(follow_up))

    async def reverse(self, follow_up: FollowUp) -> Answer:
        """See the port."""
        return await self._guard.call(lambda: self._system.reverse(follow_up))

    async def inquire(self, reference: Reference, brand_reference: str | None, sent_at: datetime) -> InquiryAnswer:
        """See the port."""
        return await self._guard.call(lambda: self._system.inquire(reference, brand_reference, sent_at))

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
        self._share = 1
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

    def divide(self, share: int) -> None:
        """As many processes call the brands: each keeps to its share of their limits."""
        self._share = share
        for guard in self._guards.values():
            guard.share = share

    def reports(self) -> list[GuardReport]:
        """All guards that were ever needed, by program."""
        return sorted((guard.report() for guard in self._guards.values()), key=lambda report: report.program)

    def _guard(self, program: Program) -> Guard:
        guard = self._guards.get(program.id)
        if guard is None:
            guard = self._guards[program.id] = Guard(program.code, program.capabilities, self._now)
            guard.share = self._share
            guard.freed = self._tell
        return guard

    def _tell(self) -> None:
        self.freed()
