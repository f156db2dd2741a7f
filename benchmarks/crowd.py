"""The accounts that the ledger benchmarks post between, and who pays whom."""

import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import accumulate
from typing import cast

from core.clock import SystemClock
from core.database import Connection, Database
from core.ids import new_id
from ledger import Account, Asset, AssetKind, Limit, LotTerms, Transfer, open_assets, post

ASSET = "BENCH"
FUNDS = 10**12
CODE = 2
_CHUNK = 5_000
_LOTS_PER_MEMBER = 4
_TODAY = SystemClock().now()
_EXPIRIES = [_TODAY + timedelta(days=days) for days in range(30, 400)]


class Spread(StrEnum):
    """How often each account takes part."""

    UNIFORM = "uniform"
    """All alike."""
    ZIPF = "zipf"
    """The n-th account with weight 1/n, on both sides."""
    HOT = "hot"
    """One account pays everybody."""


@dataclass(slots=True)
class Crowd:
    """Accounts with funds, limited to what they have."""

    size: int
    lots: bool = False
    seed: int = 1
    issued: Account = field(default_factory=lambda: Account(new_id(), ASSET, "issued"))
    members: list[Account] = field(init=False)
    _weights: list[float] = field(init=False)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        limit = Limit.DEBITS_MUST_NOT_EXCEED_CREDITS
        self.members = [Account(new_id(), ASSET, "member", limit, lots=self.lots) for _ in range(self.size)]
        self._weights = list(accumulate(1 / rank for rank in range(1, self.size + 1)))
        self._random = random.Random(self.seed)  # noqa: S311 - the same load every time

    async def open(self, database: Database) -> None:
        """Open the accounts and give everybody funds."""
        async with database.transaction() as connection:
            await open_assets(connection, [Asset(ASSET, 0, AssetKind.POINTS)])
        grants = [self._grant(member, place) for member in self.members for place in range(self._grants)]
        for start in range(0, len(grants), _CHUNK):
            async with database.transaction() as connection:
                await self._give(connection, database, grants[start : start + _CHUNK])

    @property
    def _grants(self) -> int:
        return _LOTS_PER_MEMBER if self.lots else 1

    def _grant(self, member: Account, place: int) -> Transfer:
        terms = LotTerms(expires_at=_TODAY + timedelta(days=100 + place)) if self.lots else None
        return Transfer(new_id(), self.issued.id, member.id, FUNDS, CODE, lot=terms)

    async def _give(self, connection: Connection, database: Database, grants: Sequence[Transfer]) -> None:
        outcomes = await post(connection, grants, accounts=[self.issued, *self.members], clock=database.clock)
        assert all(outcome.ok for outcome in outcomes)

    def transfers(self, spread: Spread, count: int) -> list[Transfer]:
        """Between members, of 1 to 100."""
        return [self._transfer(*self._pair(spread)) for _ in range(count)]

    def comings_and_goings(self, count: int) -> list[Transfer]:
        """By turns earned and spent, by members of Zipf's distribution."""
        pairs = ((self.issued, self._zipf()) if place % 2 else (self._zipf(), self.issued) for place in range(count))
        return [self._transfer(debit, credit) for debit, credit in pairs]

    def _transfer(self, debit: Account, credit: Account) -> Transfer:
        terms = None
        if self.lots and credit is not self.issued:
            terms = LotTerms(expires_at=_EXPIRIES[self._random.randrange(len(_EXPIRIES))])
        return Transfer(new_id(), debit.id, credit.id, self._random.randint(1, 100), CODE, lot=terms)

    def _pair(self, spread: Spread) -> tuple[Account, Account]:
        match spread:
            case Spread.UNIFORM:
                return cast("tuple[Account, Account]", tuple(self._random.sample(self.members, 2)))
            case Spread.ZIPF:
                debit, credit = self._zipf(), self._zipf()
                return (debit, credit) if debit is not credit else self._pair(spread)
            case Spread.HOT:
                return self.members[0], self.members[self._random.randrange(1, self.size)]

    def _zipf(self) -> Account:
        return self.members[bisect_left(self._weights, self._random.random() * self._weights[-1])]
