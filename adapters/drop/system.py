"""A brand's system that is reached by files: the kind `file`."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from adapters.brand_systems import known
from adapters.brand_systems.figures import Figures
from adapters.drop.days import next_cut_off
from adapters.drop.folders import Folders
from adapters.drop.instructions import Kept, Order, accept, done_between, find, last_balance
from brands import Program
from brands.adapter.kinds import Call
from core.database import Database
from exchange.brand_system import (
    Answer,
    BrandBalance,
    BrandEvent,
    BrandTransaction,
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
    NotFound,
    Pending,
    Reference,
)

_ANSWERED_AFTER: Final = timedelta(hours=8)
"""Answers to a night's file are not looked for earlier than so long after its cut-off."""

_STATEMENT = """
SELECT content FROM adapters_drop_file WHERE program_id = $1 AND day = $2 AND state = 'accepted' ORDER BY number DESC
"""


class FileSystem:
    """Implements `exchange.brand_system.BrandSystem`."""

    def __init__(self, program: Program, database: Database, folders: Folders) -> None:
        self._program = program
        self._database = database
        self._folders = folders
        self._figures = Figures.of(program)
        self._capabilities = program.capabilities

    @property
    def capabilities(self) -> Capabilities:
        """What the network file says of it."""
        return self._capabilities

    async def health(self) -> Health:
        """Whether the folders are there."""
        try:
            self._folders.make()
        except OSError as error:
            return Health(up=False, message=f"the folders cannot be used: {error.strerror}")
        return Health(up=True)

    async def link(self, member: MemberReference) -> LinkedMember | Failed:
        """Nobody can be asked."""
        return await self.validate(member)

    async def validate(self, member: MemberReference) -> LinkedMember | Failed:
        """Nobody can be asked."""
        del member
        return _not_by_file("members cannot be checked")

    async def unlink(self, member: MemberReference) -> Done | Failed:
        """Nothing was tied."""
        del member
        return Done(None)

    async def balance(self, member: MemberReference) -> BrandBalance | Failed:
        """What the last answer about the member said."""
        async with self._database.connection() as connection:
            found = await last_balance(connection, self._program, member.number)
        return _not_by_file("balances come with answers only") if found is None else BrandBalance(*found)

    async def tier(self, member: MemberReference) -> str | Failed:
        """Nobody can be asked."""
        del member
        return _not_by_file("tiers cannot be asked for")

    async def debit(self, instruction: Instruction) -> Answer:
        """Goes into the next file."""
        return await self._ordered(Call.DEBIT, instruction)

    async def credit(self, instruction: Instruction) -> Answer:
        """Goes into the next file."""
        return await self._ordered(Call.CREDIT, instruction)

    async def hold(self, instruction: Instruction) -> Answer:
        """A file cannot."""
        del instruction
        return _not_by_file("points cannot be set aside")

    async def capture(self, follow_up: FollowUp) -> Answer:
        """A file cannot."""
        del follow_up
        return _not_by_file("points cannot be set aside")

    async def release(self, follow_up: FollowUp) -> Answer:
        """A file cannot."""
        del follow_up
        return _not_by_file("points cannot be set aside")

    async def reverse(self, follow_up: FollowUp) -> Answer:
        """Goes into the next file, behind what it undoes."""
        if not self._capabilities.reversal:
            return _not_by_file("reversals are not agreed")
        return await self._ordered(Call.REVERSE, follow_up)

    async def inquire(self, reference: Reference, brand_reference: str | None, sent_at: datetime) -> InquiryAnswer:
        """What the files say so far."""
        del brand_reference
        async with self._database.connection() as connection:
            found = (await find(connection, self._program, [reference.text])).get(reference.text)
        if found is None:
            age = self._database.clock.now() - sent_at
            return NotFound(age.total_seconds() >= self._capabilities.deadline_seconds)
        return self._told(found)

    async def transactions(self, after: datetime, until: datetime) -> AsyncIterator[BrandTransaction]:
        """What the brand says it did, by when its answers were read."""
        async with self._database.connection() as connection:
            movements = await done_between(connection, self._program, after, until)
        for movement in movements:
            yield movement

    async def fetch_statement(self, day: date) -> bytes | Failed:
        """The last answer file of the day."""
        async with self._database.connection() as connection:
            content: bytes | None = await connection.fetchval(_STATEMENT, self._program.id, day)
        return _not_by_file(f"{day} is not answered yet") if content is None else content

    async def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> BrandEvent | Failed:
        """Nobody sends any."""
        del headers, body
        return _not_by_file("there are no webhooks")

    async def _ordered(self, call: Call, asked: Instruction | FollowUp) -> Answer:
        if asked.amount <= 0:
            return Failed(Failure.INVALID, "the amount must be more than zero")
        order = Order(asked.reference.text, call.value, asked.member.number, asked.amount, self._content(asked))
        async with self._database.transaction() as connection:
            kept = await accept(connection, self._program, order, self._database.clock.now())
        if not kept.order.same_as(order):
            return Failed(Failure.DUPLICATE_CHANGED, "the reference was used for another instruction")
        return self._told(kept)

    def _content(self, asked: Instruction | FollowUp) -> dict[str, Any]:
        wanted = (
            known.instruction(asked, self._figures)
            if isinstance(asked, Instruction)
            else known.follow_up(asked, self._figures)
        )
        return {"program": self._program.code, **wanted}

    def _told(self, kept: Kept) -> Answer:
        if not isinstance(kept.answer, Pending):
            return kept.answer
        now = self._database.clock.now()
        cut_off = next_cut_off(self._capabilities, now)
        return Pending(kept.answer.brand_reference, (cut_off + _ANSWERED_AFTER - now).total_seconds() % 86_400)


def _not_by_file(reason: str) -> Failed:
    return Failed(Failure.UNSUPPORTED, f"by file, {reason}")
