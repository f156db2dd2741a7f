"""Our own ledger seen as a brand's system: what the port asks of others, the platform keeps too.

Exchanges do not come this way: theirs is one commit. It serves whoever treats all programs alike, such as the
conformance suite: a debit is a burn of the program's own brand, a credit an award, both under the reference as key.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Final

import ledger
from brands import Program
from brands.accounts import points_account
from core.database import Connection, Database
from core.refusals import IdempotencyConflict, InsufficientPoints
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
    Reference,
)
from exchange.errors import (
    AlreadyReversed,
    AmountAboveMaximum,
    MovementRefusal,
    PointsSpent,
    ReversalExceeds,
    UnknownMemberNumber,
)
from exchange.movement_rows import movements_by_key
from exchange.movements import Award, Burn, Movement, MovementReversal, Order
from exchange.moving import move_many
from exchange.platform_lines import day_statement, movements
from members import Membership, MembershipStatus, membership_by_number

CLIENT: Final = "platform-system"
"""Whose idempotency keys the references are."""

_FAILURES: Final = (
    (IdempotencyConflict, Failure.DUPLICATE_CHANGED),
    (InsufficientPoints, Failure.INSUFFICIENT),
    (PointsSpent, Failure.INSUFFICIENT),
    (AmountAboveMaximum, Failure.LIMIT),
    (UnknownMemberNumber, Failure.MEMBER_NOT_FOUND),
    (AlreadyReversed, Failure.ALREADY_REVERSED),
    (ReversalExceeds, Failure.REVERSAL_EXCEEDS),
)


class PlatformSystem:
    """Implements `exchange.brand_system.BrandSystem`."""

    def __init__(self, program: Program, database: Database) -> None:
        self._program = program
        self._database = database
        self._capabilities = program.capabilities

    @property
    def capabilities(self) -> Capabilities:
        """Of our own ledger."""
        return self._capabilities

    async def health(self) -> Health:
        """Our own books are always there."""
        return Health(up=True)

    async def link(self, member: MemberReference) -> LinkedMember | Failed:
        """Cards are tied to their members by OneID already."""
        return await self.validate(member)

    async def validate(self, member: MemberReference) -> LinkedMember | Failed:
        """Whether there is such a card, and it works."""
        async with self._database.connection() as connection:
            card = await self._card(connection, member)
        return card if isinstance(card, Failed) else LinkedMember(card.number, None, card.tier)

    async def unlink(self, member: MemberReference) -> Done | Failed:
        """Nothing was tied."""
        del member
        return Done(None)

    async def balance(self, member: MemberReference) -> BrandBalance | Failed:
        """What can be used now."""
        async with self._database.connection() as connection:
            card = await self._card(connection, member)
            if isinstance(card, Failed):
                return card
            account = points_account(card.id, self._program).id
            found = await ledger.spendable(connection, [account], clock=self._database.clock)
        return BrandBalance(found[account], self._database.clock.now())

    async def tier(self, member: MemberReference) -> str | Failed:
        """The tier's code."""
        found = await self.validate(member)
        return found if isinstance(found, Failed) else found.tier or self._program.entry_tier.code

    async def debit(self, instruction: Instruction) -> Answer:
        """A burn."""
        return await self._move(self._order(Burn, instruction))

    async def credit(self, instruction: Instruction) -> Answer:
        """An award."""
        return await self._move(self._order(Award, instruction))

    async def hold(self, instruction: Instruction) -> Answer:
        """Not by this way."""
        del instruction
        return _unsupported("holds")

    async def capture(self, follow_up: FollowUp) -> Answer:
        """Not by this way."""
        del follow_up
        return _unsupported("holds")

    async def release(self, follow_up: FollowUp) -> Answer:
        """Not by this way."""
        del follow_up
        return _unsupported("holds")

    async def reverse(self, follow_up: FollowUp) -> Answer:
        """Taken back from what it gave, or given back to where it came from."""
        original = await self._movement(follow_up.original)
        if original is None:
            return Failed(Failure.INVALID, "there is no such original")
        order = MovementReversal(
            original.id, follow_up.amount, self._program.brand_id, CLIENT, follow_up.reference.text
        )
        return await self._move(order)

    async def inquire(self, reference: Reference, brand_reference: str | None, sent_at: datetime) -> InquiryAnswer:
        """Commits are seen at once: what is not there will not come, unless it is being sent just now."""
        del brand_reference
        found = await self._movement(reference)
        if found is not None:
            return _done(found)
        age = self._database.clock.now() - sent_at
        return NotFound(age.total_seconds() >= self._capabilities.deadline_seconds)

    async def transactions(self, after: datetime, until: datetime) -> AsyncIterator[BrandTransaction]:
        """What our ledger has posted on the program's cards, exchanges and expiry included."""
        async for line in movements(self._database, self._program, after, until, CLIENT):
            yield line

    async def fetch_statement(self, day: date) -> bytes | Failed:
        """The same of one day, as CSV."""
        return await day_statement(self._database, self._program, day, CLIENT)

    async def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> BrandEvent | Failed:
        """Nobody sends any."""
        del headers, body
        return _unsupported("webhooks")

    def _order(self, kind: type[Award | Burn], asked: Instruction) -> Award | Burn:
        program = self._program
        return kind(program.code, asked.member.number, asked.amount, program.brand_id, CLIENT, asked.reference.text)

    async def _move(self, order: Order) -> Answer:
        (outcome,) = await move_many(self._database, [order])
        return _done(outcome) if isinstance(outcome, Movement) else _failed(outcome)

    async def _movement(self, reference: Reference) -> Movement | None:
        key = (CLIENT, reference.text)
        async with self._database.connection() as connection:
            return (await movements_by_key(connection, [key])).get(key)

    async def _card(self, connection: Connection, member: MemberReference) -> Membership | Failed:
        card = await membership_by_number(connection, self._program.id, member.number)
        if card is None or card.status is MembershipStatus.ERASED:
            return Failed(Failure.MEMBER_NOT_FOUND, "there is no such card")
        return card if card.status is MembershipStatus.ACTIVE else Failed(Failure.INELIGIBLE, "the card is closed")


def _done(movement: Movement) -> Done:
    return Done(str(movement.id), movement.recorded_at)


def _failed(refusal: MovementRefusal) -> Failed:
    failure = next((failure for kind, failure in _FAILURES if isinstance(refusal, kind)), Failure.INVALID)
    return Failed(failure, refusal.message, type(refusal).__name__)


def _unsupported(what: str) -> Failed:
    return Failed(Failure.UNSUPPORTED, f"{what} are not asked of the platform")
