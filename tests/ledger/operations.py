"""Random operations on twenty hot accounts, as one of several processes sends them."""

from datetime import datetime, timedelta
from itertools import chain
from random import Random
from uuid import UUID

from core.ids import name_id, new_id
from ledger import Account, Asset, AssetKind, Balancing, Kind, Limit, LotTerms, Transfer

ASSET = Asset("HOT", 0, AssetKind.POINTS)
_DEBITS = Limit.DEBITS_MUST_NOT_EXCEED_CREDITS
_RECENT = 40


def _account(
    number: int, purpose: str, limit: Limit = Limit.NONE, credit_line: int = 0, *, lots: bool = False
) -> Account:
    return Account(name_id("hot", str(number)), ASSET.code, purpose, limit, credit_line, lots)


ISSUERS = [_account(number, "issued") for number in range(3)]
HOLDERS = [_account(number, "member", _DEBITS, lots=True) for number in range(5)]
WALLETS = [_account(number, "wallet", _DEBITS, 300 * (number % 2)) for number in range(10)]
DUES = [_account(number, "due", Limit.CREDITS_MUST_NOT_EXCEED_DEBITS, 200) for number in range(2)]
HOT = [*ISSUERS, *HOLDERS, *WALLETS, *DUES]
"""The twenty accounts."""


class Operations:
    """One sender: it remembers what it has sent, to post, void, reverse and repeat it."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - the same operations every time
        self._pending: list[Transfer] = []
        self._single: list[Transfer] = []

    def batch(self, size: int, now: datetime) -> list[Transfer]:
        """About `size` transfers; linked ones stay together."""
        return list(chain.from_iterable(self.next(now) for _ in range(size)))

    def next(self, now: datetime) -> list[Transfer]:
        """One operation: a transfer, or a linked group."""
        makes = [self._earn, self._issue, self._spend, self._move, self._reserve, self._end, self._reverse, self._link]
        make = self._random.choices(
            [*makes, self._repeat, self._empty, self._expire], [14, 14, 18, 12, 12, 14, 4, 5, 4, 3, 2]
        )[0]
        made = make(now)
        for transfer in made:
            (self._pending if transfer.kind is Kind.PENDING else self._single).append(transfer)
        return made

    def _transfer(self, debit: Account, credit: Account, **content: object) -> Transfer:
        return Transfer(new_id(), debit.id, credit.id, self._random.randint(1, 60), 2, **content)  # type: ignore[arg-type]

    def _any(self, *groups: list[Account]) -> Account:
        return self._random.choice(list(chain(*groups)))

    def _pair(self) -> tuple[Account, Account]:
        debit, credit = self._random.sample(HOT, 2)
        return debit, credit

    def _earn(self, now: datetime) -> list[Transfer]:
        expires_at = self._random.choice([None, *(now + timedelta(seconds=seconds) for seconds in (1, 9, 3_600))])
        available_at = self._random.choice([None, None, now + timedelta(seconds=0.5)])
        terms = LotTerms(expires_at, available_at, None, self._random.randint(0, 9))
        return [self._transfer(self._any(ISSUERS), self._any(HOLDERS), lot=terms)]

    def _issue(self, now: datetime) -> list[Transfer]:
        del now
        return [self._transfer(self._any(ISSUERS, DUES), self._any(WALLETS))]

    def _spend(self, now: datetime) -> list[Transfer]:
        del now
        return [self._transfer(self._any(HOLDERS, WALLETS), self._any(ISSUERS, DUES))]

    def _move(self, now: datetime) -> list[Transfer]:
        del now
        return [self._transfer(*self._pair())]

    def _reserve(self, now: datetime) -> list[Transfer]:
        del now
        return [self._transfer(*self._pair(), kind=Kind.PENDING, timeout_seconds=self._random.choice([None, 1, 60]))]

    def _end(self, now: datetime) -> list[Transfer]:
        if not self._pending:
            return self._reserve(now)
        pending = self._random.choice(self._pending[-_RECENT:])
        kind = self._random.choices([Kind.POST, Kind.VOID, Kind.EXPIRE], [5, 2, 1])[0]
        amount = self._random.choice([0, 0, pending.amount, 1, 61]) if kind is Kind.POST else 0
        sides = (pending.debit_account_id, pending.credit_account_id)
        return [Transfer(new_id(), *sides, amount, 3, kind, pending_id=pending.id)]

    def _reverse(self, now: datetime) -> list[Transfer]:
        if not self._single:
            return self._move(now)
        first = self._random.choice(self._single[-_RECENT:])
        amount = self._random.choice([max(first.amount, 1), max(first.amount // 2, 1)])
        sides = (first.credit_account_id, first.debit_account_id)
        return [Transfer(new_id(), *sides, amount, 4, reverses_id=first.id)]

    def _link(self, now: datetime) -> list[Transfer]:
        del now
        group = new_id()
        return [self._transfer(*self._pair(), group_id=group) for _ in range(self._random.randint(2, 4))]

    def _repeat(self, now: datetime) -> list[Transfer]:
        alone = [transfer for transfer in self._single[-_RECENT:] if transfer.group_id is None]
        if not alone:
            return self._move(now)
        first = self._random.choice(alone)
        if self._random.random() < 0.7:
            return [first]
        return [Transfer(first.id, first.debit_account_id, first.credit_account_id, first.amount + 1, first.code)]

    def _empty(self, now: datetime) -> list[Transfer]:
        del now
        sides = (self._any(HOLDERS, WALLETS).id, self._any(ISSUERS).id)
        return [Transfer(new_id(), *sides, self._random.randint(50, 900), 5, balancing=Balancing.DEBIT)]

    def _expire(self, now: datetime) -> list[Transfer]:
        sides = (self._any(HOLDERS).id, ISSUERS[0].id)
        return [Transfer(new_id(), *sides, 0, 6, Kind.LOT_EXPIRY, event_time=now - timedelta(seconds=1))]


def account_ids() -> list[UUID]:
    """The ids of the twenty."""
    return [account.id for account in HOT]
