"""A program whose points live in our own ledger: there is no system outside, so nothing is called."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime

from exchange.brand_system import (
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
    Instruction,
    LinkedMember,
    MemberReference,
    Reference,
)

_NOTHING = Failed(Failure.UNSUPPORTED, "the points are in our own ledger: post there")


class PlatformSystem:
    """Implements `exchange.brand_system.BrandSystem` by having nothing to say."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._capabilities = capabilities

    @property
    def capabilities(self) -> Capabilities:
        """Of our own ledger."""
        return self._capabilities

    async def health(self) -> Health:
        """Our own books are always there."""
        return Health(up=True)

    async def link(self, member: MemberReference) -> LinkedMember | Failed:
        """Members are linked by OneID."""
        del member
        return _NOTHING

    async def validate(self, member: MemberReference) -> LinkedMember | Failed:
        """The same."""
        del member
        return _NOTHING

    async def unlink(self, member: MemberReference) -> Done | Failed:
        """The same."""
        del member
        return _NOTHING

    async def balance(self, member: MemberReference) -> BrandBalance | Failed:
        """The ledger says it."""
        del member
        return _NOTHING

    async def tier(self, member: MemberReference) -> str | Failed:
        """The membership says it."""
        del member
        return _NOTHING

    async def debit(self, instruction: Instruction) -> Failed:
        """Postings do it."""
        del instruction
        return _NOTHING

    async def credit(self, instruction: Instruction) -> Failed:
        """Postings do it."""
        del instruction
        return _NOTHING

    async def hold(self, instruction: Instruction) -> Failed:
        """Postings do it."""
        del instruction
        return _NOTHING

    async def capture(self, follow_up: FollowUp) -> Failed:
        """Postings do it."""
        del follow_up
        return _NOTHING

    async def release(self, follow_up: FollowUp) -> Failed:
        """Postings do it."""
        del follow_up
        return _NOTHING

    async def reverse(self, follow_up: FollowUp) -> Failed:
        """Postings do it."""
        del follow_up
        return _NOTHING

    async def inquire(self, reference: Reference, brand_reference: str | None, sent_at: datetime) -> Failed:
        """Nothing was sent."""
        del reference, brand_reference, sent_at
        return _NOTHING

    async def transactions(self, after: datetime, until: datetime) -> AsyncIterator[BrandTransaction]:
        """The ledger's statement says them. Raises BrandUnavailable."""
        del after, until
        raise BrandUnavailable(_NOTHING)
        yield  # makes this a generator

    async def fetch_statement(self, day: date) -> bytes | Failed:
        """We are the brand's books."""
        del day
        return _NOTHING

    async def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> BrandEvent | Failed:
        """Nobody sends any."""
        del headers, body
        return _NOTHING
