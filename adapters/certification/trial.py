"""One run against one system: whom it is tried with, what was done so far, and the words that checks are written in."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from adapters.certification.line import Line
from adapters.certification.verdict import fall_short, give_up, skip
from brands.adapter.kinds import Call
from core.amounts import format_amount
from core.clock import Clock
from core.ids import new_id
from exchange.brand_system import (
    Answer,
    BrandEvent,
    BrandSystem,
    Capabilities,
    Done,
    Failed,
    Failure,
    FollowUp,
    InquiryAnswer,
    Instruction,
    Leg,
    MemberReference,
    NotFound,
    Operation,
    Pending,
    Reference,
)

_ASK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Booked:
    """A movement that the brand has confirmed, and that its lists and statements must show."""

    reference: Reference
    brand_reference: str | None
    number: str
    signed: int
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Post:
    """A webhook as it arrived."""

    headers: dict[str, str]
    body: bytes


async def _sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)


@dataclass(slots=True)
class Trial:
    """A system on trial."""

    system: BrandSystem
    member: MemberReference
    """A member of the brand's own, made for tests."""
    clock: Clock
    scale: int
    """Decimals of the program's points."""
    stranger: str = "00000000"
    """A member number that does not exist."""
    tiers: frozenset[str] = frozenset()
    """The codes of tiers that the network knows."""
    unmapped: frozenset[Call] = frozenset()
    """What the system is never asked: nothing is found out about it."""
    line: Line | None = None
    """A line to the brand that can be disturbed."""
    posts: Callable[[], Awaitable[Post | None]] | None = None
    """The next webhook that arrived; None when none did in time."""
    patience_seconds: float = 60
    pause: Callable[[float], Awaitable[None]] = _sleep
    """Lets time pass between two inquiries."""
    booked: list[Booked] = field(default_factory=list)
    started_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()

    @property
    def capabilities(self) -> Capabilities:
        """What the system says it can do."""
        return self.system.capabilities

    @property
    def unit(self) -> int:
        """One whole point in minor units."""
        return int(10**self.scale)

    @property
    def grain(self) -> int:
        """The smallest amount that the brand can write."""
        coarser = max(0, self.scale - self.capabilities.decimals)
        return int(10**coarser)

    @property
    def amount(self) -> int:
        """What most checks move: ten points."""
        return 10 * self.unit

    def text(self, minor: int) -> str:
        """An amount for a person."""
        return format_amount(minor, self.scale)

    def instruction(self, operation: Operation, amount: int, number: str | None = None) -> Instruction:
        """A new instruction, never sent before."""
        reference = Reference(new_id(), Leg.CERTIFICATION, operation)
        member = self.member if number is None else replace(self.member, number=number)
        return Instruction(reference, member, amount, self.clock.now())

    def follow_up(self, operation: Operation, done: "Booked", amount: int, sequence: int = 0) -> FollowUp:
        """A new capture, release or reversal of what was done."""
        reference = Reference(done.reference.exchange_id, Leg.CERTIFICATION, operation, sequence)
        return FollowUp(reference, done.reference, done.brand_reference, self.member, amount, self.clock.now())

    async def send(self, asked: Instruction | FollowUp) -> Answer:
        """Send it; the answer as it comes."""
        answer = await self._sent(asked)
        if isinstance(answer, Failed) and answer.failure is Failure.UNSUPPORTED:
            skip(f"{asked.reference.operation} is not supported: {answer.message or 'not mapped'}")
        return answer

    async def answered(self, asked: Instruction | FollowUp) -> Done | Failed:
        """Send it, and wait for the end if it is pending. Raises Undecided."""
        return await self.settled(await self.send(asked), asked.reference)

    async def settled(self, answer: Answer | InquiryAnswer, reference: Reference) -> Done | Failed:
        """The end of what may be pending. Raises Undecided."""
        waited = 0.0
        brand_reference = answer.brand_reference if isinstance(answer, Pending) else None
        while isinstance(answer, Pending):
            if waited > self.patience_seconds:
                give_up(f"It was still pending after {waited:.0f} seconds.")
            pause = max(_ASK_SECONDS, min(answer.ask_after_seconds or 0.2, 1, self.patience_seconds))
            await self.pause(pause)
            waited += pause
            answer = await self.system.inquire(reference, brand_reference, self.clock.now())
        if isinstance(answer, NotFound):
            fall_short("It was accepted as pending, and later an inquiry did not find it.")
        return answer

    async def done(self, asked: Instruction | FollowUp, signed: int) -> Booked:
        """Send what has to succeed; what it did to the member's balance is `signed`."""
        answer = await self.answered(asked)
        if isinstance(answer, Failed):
            fall_short(f"A {asked.reference.operation} of {self.text(asked.amount)} ended in {told(answer)}.")
        return self.note(asked, answer, signed)

    def note(self, asked: Instruction | FollowUp, answer: Done, signed: int) -> Booked:
        """Remember what the brand has confirmed."""
        number, recorded_at = asked.member.number, answer.recorded_at
        found = Booked(asked.reference, answer.brand_reference, number, signed, recorded_at)
        self.booked.append(found)
        return found

    async def credited(self, amount: int | None = None) -> Booked:
        """A credit that was done."""
        wanted = self.amount if amount is None else amount
        return await self.done(self.instruction(Operation.CREDIT, wanted), wanted)

    async def debited(self, amount: int | None = None) -> Booked:
        """A debit that was done."""
        wanted = self.amount if amount is None else amount
        return await self.done(self.instruction(Operation.DEBIT, wanted), -wanted)

    async def refused(self, asked: Instruction | FollowUp, *expected: Failure) -> Failed:
        """Send what has to be refused with one of these failures."""
        answer = await self.answered(asked)
        if not isinstance(answer, Failed):
            fall_short(f"It was done: {told(answer)}.")
        if answer.failure not in expected:
            wanted = " or ".join(expected)
            fall_short(f"It ended in {told(answer)}, not in {wanted}.", _map(answer, expected))
        return answer

    async def balance(self) -> int | None:
        """What the member has; None where the brand does not tell."""
        found = await self.system.balance(self.member)
        if isinstance(found, Failed):
            if found.failure is Failure.UNSUPPORTED:
                return None
            fall_short(f"The balance could not be read: {told(found)}.")
        return found.amount

    async def moved_by(self, before: int | None, amount: int) -> None:
        """Expect the balance to have moved by exactly so much since `before`, where it can be read."""
        after = await self.balance()
        if before is not None and after is not None and after - before != amount:
            fall_short(f"The balance moved by {self.text(after - before)}, not by {self.text(amount)}.")

    async def inquired(self, reference: Reference, sent_at: datetime | None = None) -> InquiryAnswer:
        """What an inquiry by our reference alone says."""
        found = await self.system.inquire(reference, None, sent_at or self.clock.now())
        if isinstance(found, Failed) and found.failure is Failure.UNSUPPORTED:
            skip(f"inquiries are not supported: {found.message or 'not mapped'}")
        return found

    def long_ago(self) -> datetime:
        """So long ago that what is not found now never will be."""
        able = self.capabilities
        on_its_way = max(able.not_found_final_after, timedelta(seconds=able.deadline_seconds))
        return self.clock.now() - on_its_way - timedelta(seconds=1)

    async def event(self, post: Post) -> BrandEvent | Failed:
        """How the system understands a webhook."""
        return await self.system.parse_webhook(post.headers, post.body)

    async def _sent(self, asked: Instruction | FollowUp) -> Answer:
        system = self.system
        if isinstance(asked, Instruction):
            sends = {Operation.DEBIT: system.debit, Operation.CREDIT: system.credit, Operation.HOLD: system.hold}
            return await sends[asked.reference.operation](asked)
        follows = {Operation.CAPTURE: system.capture, Operation.RELEASE: system.release}
        return await follows.get(asked.reference.operation, system.reverse)(asked)


def told(answer: object) -> str:
    """An answer for a person."""
    match answer:
        case Done():
            return f"done ({answer.brand_reference or 'without a reference of the brand'})"
        case Pending():
            return "pending"
        case Failed():
            more = " ".join(part for part in (answer.brand_code, answer.message) if part)
            return f"{answer.failure.value} ({more})" if more else answer.failure.value
        case NotFound():
            return "not found, finally" if answer.final else "not found, not finally"
        case _:
            return str(answer)


def _map(answer: Failed, expected: tuple[Failure, ...]) -> str | None:
    """The usual reason: the brand refuses rightly, and the mapping does not know its code."""
    if answer.brand_code is None or answer.failure not in {Failure.UNKNOWN, Failure.INVALID}:
        return None
    line = f'"{answer.brand_code}" = "{expected[0]}"'
    return f"If your system means it so, map its code: under [programs.….adapter] failures write {line}."
