"""A brand's system behind HTTP, as its network file maps it: the kinds `rest`, `graphql` and `simulator`."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Final

from adapters.brand_systems import known
from adapters.brand_systems.caller import Caller
from adapters.brand_systems.door import Attempt, Received
from adapters.brand_systems.figures import Unreadable
from adapters.brand_systems.known import Known
from adapters.brand_systems.movements import Page, page
from adapters.brand_systems.reading import Reading
from adapters.brand_systems.webhooks import read_webhook
from brands.adapter.kinds import Call
from exchange.brand_system import (
    Answer,
    BrandBalance,
    BrandEvent,
    BrandTransaction,
    BrandUnavailable,
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

_PAGES_MAX: Final = 100_000


class MappedSystem:
    """Implements `exchange.brand_system.BrandSystem`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._capabilities = caller.program.capabilities

    @property
    def capabilities(self) -> Capabilities:
        """What the network file says of it."""
        return self._capabilities

    async def health(self) -> Health:
        """Whether it can be used now; up when nothing is mapped to ask."""
        if not self._caller.knows(Call.HEALTH):
            return Health(up=True)
        answer = await self._question(Call.HEALTH, {})
        if isinstance(answer, Failed):
            return Health(up=False, message=answer.message, retry_after_seconds=answer.retry_after_seconds)
        return Health(up=True)

    async def link(self, member: MemberReference) -> LinkedMember | Failed:
        """Tie the number to us; where nothing is mapped for that, checking it is all there is to do."""
        call = Call.LINK if self._caller.knows(Call.LINK) else Call.VALIDATE
        return await self._linked(call, member)

    async def validate(self, member: MemberReference) -> LinkedMember | Failed:
        """Ask whether the number is good."""
        return await self._linked(Call.VALIDATE, member)

    async def unlink(self, member: MemberReference) -> Done | Failed:
        """Untie it; where linking tied nothing, there is nothing to do."""
        if not self._caller.knows(Call.LINK) and not self._caller.knows(Call.UNLINK):
            return Done(None)
        answer = await self._question(Call.UNLINK, known.member(member))
        return answer if isinstance(answer, Failed) else Done(None)

    async def balance(self, member: MemberReference) -> BrandBalance | Failed:
        """What the member has there now."""
        read, rules = await self._question(Call.BALANCE, known.member(member)), self._caller.rules
        if isinstance(read, Failed):
            return read
        try:
            mapping, figures = rules(Call.BALANCE).answer, self._caller.figures
            as_of = read.value(mapping.as_of)
            instant = self._caller.clock.now() if as_of is None else figures.instant(as_of)
            return BrandBalance(figures.balance(read.value(mapping.balance)), instant)
        except Unreadable as error:
            return Failed(Failure.UNKNOWN, str(error))

    async def tier(self, member: MemberReference) -> str | Failed:
        """The brand's own code of the tier."""
        if not self._caller.knows(Call.TIER):
            found = await self._linked(Call.VALIDATE, member)
            return found if isinstance(found, Failed) else found.tier or _nothing_about("tier")
        read = await self._question(Call.TIER, known.member(member))
        if isinstance(read, Failed):
            return read
        try:
            return read.name(self._caller.rules(Call.TIER).answer.tier) or _nothing_about("tier")
        except Unreadable as error:
            return Failed(Failure.UNKNOWN, str(error))

    async def debit(self, instruction: Instruction) -> Answer:
        """Take points."""
        return await self._instruct(Call.DEBIT, instruction)

    async def credit(self, instruction: Instruction) -> Answer:
        """Give points."""
        return await self._instruct(Call.CREDIT, instruction)

    async def hold(self, instruction: Instruction) -> Answer:
        """Set points aside."""
        return await self._instruct(Call.HOLD, instruction)

    async def capture(self, follow_up: FollowUp) -> Answer:
        """Take what was set aside."""
        return await self._instruct(Call.CAPTURE, follow_up)

    async def release(self, follow_up: FollowUp) -> Answer:
        """Give back what was set aside."""
        return await self._instruct(Call.RELEASE, follow_up)

    async def reverse(self, follow_up: FollowUp) -> Answer:
        """Undo something."""
        return await self._instruct(Call.REVERSE, follow_up)

    async def inquire(self, reference: Reference, brand_reference: str | None, sent_at: datetime) -> InquiryAnswer:
        """What became of an instruction."""
        received = await self._asked(Call.INQUIRE, known.inquiry(reference, brand_reference, sent_at))
        if isinstance(received, Failed):
            return received
        rules = self._caller.rules(Call.INQUIRE)
        final = rules.now - sent_at >= self._capabilities.not_found_final_after
        answer = rules.judge_inquiry(received, reference.text, final=final)
        return self._caller.clean(answer) if isinstance(answer, Failed) else answer

    async def transactions(self, after: datetime, until: datetime) -> AsyncIterator[BrandTransaction]:
        """The movements in (after, until], page by page. Raises BrandUnavailable."""
        cursor, asked = None, set[str]()
        for _ in range(_PAGES_MAX):
            found = await self._page(after, until, cursor)
            for movement in found.movements:
                if after < movement.recorded_at <= until:
                    yield movement
            cursor = found.cursor
            if cursor is None:
                return
            if cursor in asked:
                break
            asked.add(cursor)
        raise BrandUnavailable(Failed(Failure.UNKNOWN, "the pages of transactions do not end"))

    async def fetch_statement(self, day: date) -> bytes | Failed:
        """The statement file of a day."""
        received = await self._asked(Call.STATEMENT, known.day(day))
        if isinstance(received, Failed):
            return received
        rules = self._caller.rules(Call.STATEMENT)
        return received.body if 200 <= received.status < 300 else self._caller.clean(rules.refused(received))  # noqa: PLR2004 - HTTP

    async def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> BrandEvent | Failed:
        """A webhook of the brand."""
        return await read_webhook(self._caller, headers, body)

    async def _page(self, after: datetime, until: datetime, cursor: str | None) -> Page:
        read = await self._question(Call.TRANSACTIONS, known.period(after, until, cursor))
        if isinstance(read, Failed):
            raise BrandUnavailable(read)
        try:
            return page(read, self._caller.rules(Call.TRANSACTIONS).answer, self._caller.figures)
        except Unreadable as error:
            raise BrandUnavailable(Failed(Failure.UNKNOWN, str(error))) from None

    async def _linked(self, call: Call, member: MemberReference) -> LinkedMember | Failed:
        received = await self._asked(call, known.member(member))
        found = received if isinstance(received, Failed) else self._link_of(received, call, member)
        return self._caller.clean(found, member) if isinstance(found, Failed) else found

    def _link_of(self, received: Received, call: Call, member: MemberReference) -> LinkedMember | Failed:
        rules = self._caller.rules(call)
        read, mapping = rules.judge_question(received), rules.answer
        if isinstance(read, Failed):
            return read
        try:
            number = read.name(mapping.number) or member.number
            return LinkedMember(number, read.name(mapping.link), read.name(mapping.tier))
        except Unreadable as error:
            return Failed(Failure.UNKNOWN, str(error))

    async def _instruct(self, call: Call, asked: Instruction | FollowUp) -> Answer:
        attempt = Attempt()
        try:
            async with asyncio.timeout(self._capabilities.deadline_seconds):
                received = await self._sent(call, asked, attempt)
        except TimeoutError:
            return attempt.failed("the deadline passed")
        if isinstance(received, Failed):
            return self._caller.clean(received, asked.member)
        answer = self._caller.rules(call).judge(received, asked.reference.text, asked.amount)
        return self._caller.clean(answer, asked.member) if isinstance(answer, Failed) else answer

    async def _sent(self, call: Call, asked: Instruction | FollowUp, attempt: Attempt) -> Received | Failed:
        if not self._caller.knows(call):
            return Failed(Failure.UNSUPPORTED, f"{call} is not mapped")
        figures = self._caller.figures
        wanted = (
            known.instruction(asked, figures) if isinstance(asked, Instruction) else known.follow_up(asked, figures)
        )
        if self._caller.adapter.calls[call].validate_first:
            found = await self._validated(asked.member)
            if isinstance(found, Failed):
                return found
            wanted = {**wanted, **known.member(found)}
        return await self._caller.ask(call, wanted, attempt)

    async def _validated(self, member: MemberReference) -> MemberReference | Failed:
        """The member with a fresh link. What goes wrong here happens before the instruction is sent."""
        answer = await self._caller.ask(Call.VALIDATE, known.member(member))
        found = self._link_of(answer, Call.VALIDATE, member) if isinstance(answer, Received) else answer
        if isinstance(found, Failed):
            unsent = found.failure is Failure.UNKNOWN
            return Failed(Failure.NOT_SENT, f"validate: {found.message}") if unsent else found
        return MemberReference(member.number, member.name, found.link or member.link)

    async def _question(self, call: Call, wanted: Known) -> Reading | Failed:
        received = await self._asked(call, wanted)
        read = received if isinstance(received, Failed) else self._caller.rules(call).judge_question(received)
        return self._caller.clean(read) if isinstance(read, Failed) else read

    async def _asked(self, call: Call, wanted: Known) -> Received | Failed:
        if not self._caller.knows(call):
            return Failed(Failure.UNSUPPORTED, f"{call} is not mapped")
        attempt = Attempt()
        try:
            async with asyncio.timeout(self._capabilities.deadline_seconds):
                return await self._caller.ask(call, wanted, attempt)
        except TimeoutError:
            return attempt.failed("the deadline passed")


def _nothing_about(what: str) -> Failed:
    return Failed(Failure.UNKNOWN, f"the answer tells no {what}")
