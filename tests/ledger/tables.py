"""Little tables of transfers, and what must come of them.

    earn   issued > ann 100 lot=+24h            created
    spend  ann > issued 150                     exceeds_credits
    --
    again  ann > issued 40 group=g              created
    +1h
    rest   ann > issued 9 up_to=debit           created 9

Each line is a transfer: its name, debit > credit, amount, other content, status, amount moved where it differs.
`--` begins a new batch, `+1h` begins one later. The names of transfers stand for their ids: the same name is the
same id. Times are relative to the clock when the line is reached.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.clock import SettableClock
from core.database import Database
from core.ids import derive_part_id, name_id, new_id
from ledger import (
    Account,
    Asset,
    AssetKind,
    Balancing,
    Kind,
    Limit,
    LotTerms,
    Outcome,
    Transfer,
    balances,
    lots,
    open_assets,
    post,
)

_LIMITED, _REVERSE = Limit.DEBITS_MUST_NOT_EXCEED_CREDITS, Limit.CREDITS_MUST_NOT_EXCEED_DEBITS
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_REFERENCES = {
    "of": "pending_id",
    "reverses": "reverses_id",
    "lots_of": "lots_of",
    "ref": "reference",
    "group": "group_id",
}


def usual_accounts() -> dict[str, Account]:
    """Three with lots, three without limit, one limited, two with credit lines, one of another asset."""
    owner = new_id()
    accounts = {name: Account(owner, "P", name, _LIMITED, lots=True) for name in ("ann", "bob", "held")}
    accounts |= {name: Account(owner, "P", name) for name in ("issued", "spent", "other")}
    accounts["pot"] = Account(owner, "P", "pot", _LIMITED)
    accounts["shop"] = Account(owner, "P", "shop", _LIMITED, credit_line=50)
    accounts["stock"] = Account(owner, "P", "stock", _REVERSE, credit_line=10)
    accounts["bank"] = Account(owner, "M", "bank")
    return accounts


@dataclass
class Names(ABC):
    """A handful of accounts, and the names of what was done to them."""

    clock: SettableClock
    ids: dict[str, UUID] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=usual_accounts)

    @abstractmethod
    async def post(self, batch: Sequence[Transfer]) -> list[Outcome]:
        """Post a batch, opening the accounts it uses."""

    async def run(self, text: str) -> list[Outcome]:
        """Post the table's batches and compare every outcome; all outcomes."""
        batch: list[Transfer] = []
        expected: list[tuple[str, int | None]] = []
        found: list[Outcome] = []
        for line in [*text.strip().splitlines(), "--"]:
            words = line.split()
            if len(words) > 1:
                transfer, status, moved = self.parse(words)
                batch.append(transfer)
                expected.append((status, moved))
                continue
            found += await self.expect(batch, expected)
            batch, expected = [], []
            if words and words[0] != "--":
                self.clock.advance(_delta(words[0]))
        return found

    async def expect(self, batch: Sequence[Transfer], expected: Sequence[tuple[str, int | None]]) -> list[Outcome]:
        """Post a batch and compare each status and the amount moved, if one is given."""
        outcomes = await self.post(batch)
        assert [(o.id, o.status.value) for o in outcomes] == [
            (transfer.id, status) for transfer, (status, _) in zip(batch, expected, strict=True)
        ]
        for transfer, outcome, (_, moved) in zip(batch, outcomes, expected, strict=True):
            assert outcome.amount == (moved if moved is not None else transfer.amount if outcome.ok else 0)
        return outcomes

    def parse(self, words: Sequence[str]) -> tuple[Transfer, str, int | None]:
        """The transfer of a line, its status, and the amount moved if that is given."""
        name, debit, arrow, credit, amount, *rest = words
        assert arrow == ">", f"debit > credit, not {' '.join(words)}"
        content = dict(word.split("=") for word in rest if "=" in word)
        status, *moved = [word for word in rest if "=" not in word]
        transfer = Transfer(
            self.id(name), self.account(debit), self.account(credit), int(amount), int(content.pop("code", "1"))
        )
        values = {"kind": Kind.SINGLE} | dict(self.value(key, text) for key, text in content.items())
        changed = {key: getattr(transfer, key) for key in transfer.__struct_fields__} | values
        return Transfer(**changed), status, int(moved[0]) if moved else None

    def value(self, key: str, text: str) -> tuple[str, Any]:
        """One word of content."""
        if key in _REFERENCES:
            return _REFERENCES[key], self.id(text)
        if key == "up_to":
            return "balancing", {"debit": Balancing.DEBIT, "credit": Balancing.CREDIT, "both": Balancing(3)}[text]
        if key == "event":
            return "event_time", self.clock.now() + _delta(text)
        if key == "timeout":
            return "timeout_seconds", int(text)
        return (key, self.terms(text)) if key == "lot" else (key, Kind[text.upper()])

    def terms(self, text: str) -> LotTerms:
        """Lot terms: expiry, availability, unit cost, separated by commas; `-` where there is none."""
        parts = text.split(",")
        expires, available, cost = (*parts, *("-", "0")[len(parts) - 1 :])
        return LotTerms(self.instant(expires), self.instant(available), unit_cost=int(cost))

    def instant(self, text: str) -> datetime | None:
        """A time relative to the clock's."""
        return None if text == "-" else self.clock.now() + _delta(text)

    def id(self, name: str) -> UUID:
        """The id of that name; `ahead` was made too early, `timeless` is not time-ordered."""
        if name not in self.ids:
            ahead = UUID(int=new_id().int + (600_000 << 80))
            self.ids[name] = {"ahead": ahead, "timeless": name_id(name)}.get(name, new_id())
        return self.ids[name]

    def account(self, name: str) -> UUID:
        """The id of an account; of `ghost`, there is none."""
        return self.accounts[name].id if name in self.accounts else name_id(name)

    def name_of(self, lot_id: UUID) -> str:
        """The transfer that opened a lot, and which of its lots it is."""
        names = {identifier: key for key, identifier in self.ids.items()}
        for identifier, key in list(names.items()):
            if identifier.version == 7:
                names |= {derive_part_id(identifier, f"lot {place}"): f"{key}.{place}" for place in range(1, 4)}
        return names[lot_id]


@dataclass
class Table(Names):
    """Tables of transfers, played on the real ledger."""

    database: Database = field(kw_only=True)

    async def open(self) -> "Table":
        """Open the assets; the accounts open as they are used."""
        async with self.database.transaction() as connection:
            await open_assets(connection, [Asset("P", 0, AssetKind.POINTS), Asset("M", 2, AssetKind.MONEY)])
        return self

    async def post(self, batch: Sequence[Transfer]) -> list[Outcome]:
        """Post a batch in a transaction of its own."""
        async with self.database.transaction() as connection:
            return await post(connection, batch, accounts=list(self.accounts.values()), clock=self.clock)

    async def counters(self) -> dict[str, tuple[int, int, int, int]]:
        """Pending and posted debits, pending and posted credits, of accounts that are not at zero."""
        async with self.database.connection() as connection:
            found = await balances(connection, [account.id for account in self.accounts.values()])
        rows = {name: found[account.id] for name, account in self.accounts.items()}
        counters = {
            name: (row.debits_pending, row.debits_posted, row.credits_pending, row.credits_posted)
            for name, row in rows.items()
        }
        return {name: row for name, row in counters.items() if any(row)}

    async def lots(self, name: str) -> list[tuple[str, int]]:
        """The account's lots that have not expired, first expiring first: the transfer's name and what is left."""
        async with self.database.connection() as connection:
            found = await lots(connection, [self.accounts[name].id], clock=self.clock)
        return [(self.name_of(lot.id), lot.remaining) for lot in found[self.accounts[name].id]]


def _delta(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(seconds=int(text.strip("+-")[:-1]) * _UNITS[text[-1]])
