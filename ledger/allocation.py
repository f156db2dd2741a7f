"""Which lots a debit takes, and to which lots a credit gives back. Pure: no database, no clock."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

FOREVER = datetime.max.replace(tzinfo=UTC)
"""When a lot expires that never expires."""

AT_ONCE = datetime.fromtimestamp(0, UTC)
"""Since when a lot is available that was never to be waited for: before any instant at which it could be asked for."""


class LotState(Struct, gc=False):
    """A lot and what is left of it."""

    id: UUID
    account_id: UUID
    transfer_id: UUID
    opened: int
    remaining: int
    expires_at: datetime
    available_at: datetime
    unit_cost: int
    funder: UUID | None = None
    origin: UUID | None = None


LotUse = tuple[LotState, int]
"""A lot and what is taken from it; negative: what is given back."""


def first_expiring(lot: LotState) -> tuple[datetime, int]:
    """The order in which lots are consumed."""
    return lot.expires_at, lot.id.int


class Shelf:
    """An account's lots, first expiring first."""

    __slots__ = ("_first", "lots")

    def __init__(self) -> None:
        self.lots: list[LotState] = []
        self._first = 0
        """All lots before this place are used up: thousands of debits in one batch must not walk past them again."""

    def fill(self, lots: list[LotState]) -> None:
        """Take over the first lots, which are in order, and the list that they are in."""
        self.lots = lots

    def put(self, lot: LotState) -> None:
        """Add a lot in its place; most often that is at the end."""
        lots = self.lots
        if not lots or lots[-1].expires_at < lot.expires_at:
            lots.append(lot)
        else:
            insort(lots, lot, key=first_expiring)
            self._first = 0

    def remove(self, lot: LotState) -> None:
        """Take out a lot that was put here."""
        del self.lots[bisect_left(self.lots, first_expiring(lot), key=first_expiring)]
        self._first = 0

    def refresh(self) -> None:
        """Look at all lots again: something may have been given back to some that were used up."""
        self._first = 0

    def spendable(self, instant: datetime) -> Iterator[LotState]:
        """The lots that can be spent at `instant`."""
        lots = self.lots
        for place in range(self._first_left(), len(lots)):
            lot = lots[place]
            if lot.remaining and lot.available_at <= instant < lot.expires_at:
                yield lot

    def expired(self, instant: datetime) -> Iterator[LotState]:
        """The lots with something left that expired at or before `instant`."""
        return (lot for lot in self.remaining() if lot.expires_at <= instant)

    def remaining(self) -> Iterator[LotState]:
        """All lots with something left."""
        return (lot for lot in self.lots if lot.remaining)

    def _first_left(self) -> int:
        lots = self.lots
        while self._first < len(lots) and not lots[self._first].remaining:
            self._first += 1
        return self._first


def take(lots: Iterable[LotState], amount: int) -> tuple[LotUse, ...] | None:
    """Take `amount` from the lots in the order given; None when they have less."""
    uses: list[LotUse] = []
    for lot in lots:
        part = min(lot.remaining, amount)
        if part:
            uses.append((lot, part))
            amount -= part
        if not amount:
            return tuple(uses)
    return None


def take_all(lots: Iterable[LotState]) -> tuple[LotUse, ...]:
    """Take everything that the lots have left."""
    return tuple((lot, lot.remaining) for lot in lots)


def give_back(uses: Iterable[LotUse], amount: int) -> tuple[LotUse, ...] | None:
    """Undo `amount` of earlier uses, latest expiring first, as if the debit had been smaller; None if they are less."""
    returned: list[LotUse] = []
    for lot, used in sorted(uses, key=lambda use: first_expiring(use[0]), reverse=True):
        part = min(used, amount)
        if part:
            returned.append((lot, -part))
            amount -= part
        if not amount:
            return tuple(returned)
    return None


def own_use(uses: Iterable[LotUse]) -> dict[UUID, LotUse]:
    """What was taken, by lot; a lot that was given back to and emptied into a grace lot was not."""
    changes = tuple(uses)
    returned = {lot.id for lot, _ in given_back(changes)}
    return {lot.id: (lot, amount) for lot, amount in changes if lot.id not in returned}


def given_back(uses: Iterable[LotUse]) -> list[LotUse]:
    """What was given back, as negative amounts."""
    return [(lot, amount) for lot, amount in uses if amount < 0]


def total(uses: Iterable[LotUse]) -> int:
    """The sum of what is taken."""
    return sum(amount for _, amount in uses)
