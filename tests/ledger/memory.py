"""The ledger's decision without a database: books kept in memory from batch to batch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from core.clock import SettableClock
from core.ids import new_id
from ledger import Account, Outcome, Status, Transfer
from ledger.allocation import LotState
from ledger.books import AccountState, Books, Known, Original, Posting
from ledger.decision import decide
from ledger.reading import account_ids, recording_instant
from ledger.timeout import times_out_at
from tests.ledger.tables import Names

EPOCH = datetime.fromtimestamp(0, UTC)


class MemoryLedger:
    """Posts like the ledger; what the database would keep is kept here."""

    def __init__(self, assets: set[str]) -> None:
        self.assets = assets
        self.accounts: dict[UUID, AccountState] = {}
        self.known: dict[UUID, Known] = {}
        self.originals: dict[UUID, Original] = {}
        self.closed_until: dict[str, datetime | None] = {}
        self.id_milliseconds_max = 2**63

    def post(self, batch: Sequence[Transfer], accounts: Sequence[Account], now: datetime) -> list[Outcome]:
        """Decide about a batch and keep what it comes to."""
        ids = account_ids(batch)
        for account in accounts:
            if account.id in ids and account.asset in self.assets:
                self.accounts.setdefault(account.id, state_of(account))
        touched = {key: self.accounts[key] for key in ids if key in self.accounts}
        at = recording_instant(now, touched.values())
        books = Books(at, self.id_milliseconds_max, touched, dict(self.known), self.originals, self.closed_until)
        decision = decide(batch, books)
        for posting in decision.postings:
            self.keep(posting, at)
        for entry in decision.refusals:
            self.known[entry.transfer.id] = Known(entry.transfer, entry.status, 0, at)
            for key in (entry.transfer.debit_account_id, entry.transfer.credit_account_id):
                if key in touched:
                    touched[key].last_recorded_at = at
        return decision.outcomes

    def keep(self, posting: Posting, at: datetime) -> None:
        """Keep what a recorded transfer leaves behind."""
        transfer = posting.transfer
        posting.debit.last_recorded_at = posting.credit.last_recorded_at = at
        self.known[transfer.id] = Known(transfer, Status.CREATED, posting.amount, at)
        if transfer.id in self.originals:
            return
        returned = {lot.id for lot, amount in posting.uses if amount < 0}
        own = {lot.id: (lot, amount) for lot, amount in posting.uses if lot.id not in returned}
        self.originals[transfer.id] = Original(
            transfer,
            posting.amount,
            times_out_at(transfer, at),
            uses_of=transfer.pending_id or transfer.id,
            uses=posting.original.uses if transfer.pending_id and posting.original else own,
            opened=posting.opened,
        )

    def counters(self, account_id: UUID) -> tuple[int, int, int, int]:
        """Pending and posted debits, pending and posted credits."""
        found = self.accounts.get(account_id)
        if found is None:
            return 0, 0, 0, 0
        return found.debits_pending, found.debits_posted, found.credits_pending, found.credits_posted

    @property
    def lots(self) -> list[LotState]:
        """All lots, by id."""
        found = [lot for account in self.accounts.values() for lot in account.shelf.lots]
        return sorted(found, key=lambda lot: lot.id.bytes)


def state_of(account: Account) -> AccountState:
    """An account that has just been opened."""
    return AccountState(
        account.id,
        account.asset,
        int(account.limit),
        account.credit_line,
        account.lots,
        closed=False,
        debits_pending=0,
        debits_posted=0,
        credits_pending=0,
        credits_posted=0,
        last_recorded_at=EPOCH,
    )


@dataclass
class MemoryTable(Names):
    """Tables of transfers, played in memory."""

    ledger: MemoryLedger = field(default_factory=lambda: MemoryLedger({"P", "M"}))

    async def post(self, batch: Sequence[Transfer]) -> list[Outcome]:
        """Post a batch."""
        self.ledger.id_milliseconds_max = (new_id().int >> 80) + 300_000
        return self.ledger.post(batch, list(self.accounts.values()), self.clock.now())


def memory_table() -> MemoryTable:
    """An empty ledger at noon in Shanghai on 15 January 2026."""
    return MemoryTable(SettableClock(datetime(2026, 1, 15, 4, tzinfo=UTC)))
