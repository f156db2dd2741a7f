"""What a member has in a brand's own books: asked for now, told with its age, or why it cannot be told."""

import asyncio
import math
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

import strawberry

import brands
import members
from core.database import Database
from exchange.brand_system import BrandBalance as Told
from exchange.brand_system import BrandSystem, BrandSystems, Failed, Failure, MemberReference
from exchange.references import member_references
from schema.refusals import amount
from schema.scalars import Amount

WAIT_SECONDS: Final = 3.0
"""A wallet waits no longer for a brand."""

FRESH_SECONDS: Final = 10.0
"""So long an answer is given again without asking."""

KEPT_MAX: Final = 20_000
"""Cards whose last balance a process remembers."""


@strawberry.enum
class BalanceTrouble(StrEnum):
    """Why a brand did not tell a balance."""

    NO_ANSWER = "no_answer"
    """The brand cannot be reached, or does not answer in time; try again."""
    CARD_REFUSED = "card_refused"
    """The brand does not know the card, or does not serve it."""
    NOT_TOLD = "not_told"
    """The brand's system does not tell balances."""


@strawberry.type
class BrandBalance:
    """Points in the brand's own books."""

    amount: Amount
    as_of: datetime
    """When the brand's books showed it."""
    asked_at: datetime
    """When the brand told it."""


@strawberry.type
class BalanceUnavailable:
    """The brand did not tell; everything else of the answer stands."""

    message: str
    trouble: BalanceTrouble
    retry_after_seconds: int | None
    last_known: BrandBalance | None
    """What it told last, if this server remembers."""


BrandBalanceResult = Annotated[BrandBalance | BalanceUnavailable, strawberry.union("BrandBalanceResult")]


@dataclass(slots=True)
class BrandBalances:
    """Asks brands for balances, each card once at a time and not again while the answer is fresh."""

    systems: BrandSystems
    database: Database
    keys: members.MemberKeys
    _told: OrderedDict[UUID, BrandBalance] = field(default_factory=OrderedDict)
    _asking: dict[UUID, asyncio.Task[BrandBalance | BalanceUnavailable]] = field(default_factory=dict)

    async def of(self, card: members.Membership, program: brands.Program) -> BrandBalance | BalanceUnavailable:
        """The balance of a card of a program that its brand books."""
        known = self._told.get(card.id)
        if known and 0 <= (self._now() - known.asked_at).total_seconds() < FRESH_SECONDS:
            return known
        task = self._asking.get(card.id)
        if task is None:
            task = self._asking[card.id] = asyncio.create_task(self._ask(card, program))
            task.add_done_callback(lambda _: self._asking.pop(card.id, None))
        return await asyncio.shield(task)

    async def _ask(self, card: members.Membership, program: brands.Program) -> BrandBalance | BalanceUnavailable:
        async with self.database.connection() as connection:
            member = (await member_references(connection, self.keys, [(card, program)]))[card.id]
        told = await _told(self.systems.of(program), member)
        if isinstance(told, Failed):
            return self._unavailable(card, told)
        found = BrandBalance(amount=amount(told.amount, program.scale), as_of=told.as_of, asked_at=self._now())
        self._told[card.id] = found
        self._told.move_to_end(card.id)
        while len(self._told) > KEPT_MAX:
            self._told.popitem(last=False)
        return found

    def _now(self) -> datetime:
        return self.database.clock.now()

    def _unavailable(self, card: members.Membership, failed: Failed) -> BalanceUnavailable:
        trouble = _trouble(failed.failure)
        return BalanceUnavailable(
            message=_SENTENCES[trouble],
            trouble=trouble,
            retry_after_seconds=whole_seconds(failed.retry_after_seconds),
            last_known=self._told.get(card.id),
        )


async def _told(system: BrandSystem, member: MemberReference) -> Told | Failed:
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            return await system.balance(member)
    except TimeoutError:
        return Failed(Failure.UNKNOWN, "no answer in time")


def whole_seconds(seconds: float | None) -> int | None:
    """Rounded up: earlier makes no sense."""
    return None if seconds is None else math.ceil(seconds)


def _trouble(failure: Failure) -> BalanceTrouble:
    if failure is Failure.UNSUPPORTED:
        return BalanceTrouble.NOT_TOLD
    return BalanceTrouble.CARD_REFUSED if failure in _OF_THE_CARD else BalanceTrouble.NO_ANSWER


_OF_THE_CARD: Final = frozenset(
    {
        Failure.MEMBER_NOT_FOUND,
        Failure.NAME_MISMATCH,
        Failure.NOT_LINKED,
        Failure.INELIGIBLE,
        Failure.LIMIT,
        Failure.FRAUD,
    }
)

_SENTENCES: Final = {
    BalanceTrouble.NO_ANSWER: "The brand does not answer now.",
    BalanceTrouble.CARD_REFUSED: "The brand does not serve this card.",
    BalanceTrouble.NOT_TOLD: "The brand's system does not tell balances.",
}
