"""What a decision looks at and changes in memory, while the database holds the locks: the open books."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.allocation import LotState, LotUse, Shelf
from ledger.status import Status
from ledger.transfer import Kind, Transfer


class AccountState(Struct, gc=False):
    """An account, its balance and as many of its lots as the batch may touch."""

    id: UUID
    asset: str
    limits: int
    credit_line: int
    keeps_lots: bool
    closed: bool
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int
    last_recorded_at: datetime
    filled_shelf: Shelf | None = None
    transfer_ids: list[UUID] | None = None
    """The recorded transfers of the batch that touched it, in order; collected when the batch is written."""

    @property
    def shelf(self) -> Shelf:
        """Its lots; most accounts keep none, and batches have thousands of accounts."""
        if self.filled_shelf is None:
            self.filled_shelf = Shelf()
        return self.filled_shelf


class Original(Struct, gc=False):
    """A recorded transfer that another one posts, voids, reverses or takes the lots of."""

    transfer: Transfer
    amount: int
    times_out_at: datetime | None = None
    resolution: Kind | None = None
    """For a pending transfer: how it ended."""
    reversed: bool = False
    uses_of: UUID | None = None
    """The transfer under which its use of lots is recorded: itself, or for a POST the pending transfer."""
    uses: dict[UUID, LotUse] = {}
    """What it took from lots and has not given back, by lot."""
    opened: tuple[LotState, ...] = ()
    """The lots that it opened."""

    def claim(self, posting: "Posting", sign: int) -> None:
        """Note (1) or forget (-1) that `posting` resolves, reverses or restores it."""
        if posting.transfer.pending_id is not None:
            self.resolution = posting.transfer.kind if sign > 0 else None
        elif posting.transfer.reverses_id is not None:
            self.reversed = sign > 0
        for lot, amount in posting.uses:
            if amount < 0:
                self.uses[lot.id] = (lot, self.uses[lot.id][1] + sign * amount)


class Known(Struct, frozen=True, gc=False):
    """A transfer that was answered before."""

    transfer: Transfer
    status: Status
    """CREATED, or the refusal."""
    amount: int
    recorded_at: datetime


class Books(Struct, gc=False):
    """Everything a batch refers to, read under its locks."""

    recorded_at: datetime
    """When the batch is recorded: later than every earlier recording on its accounts."""
    id_milliseconds_max: int
    """The latest time an id may carry, in milliseconds since 1970."""
    accounts: dict[UUID, AccountState]
    known: dict[UUID, Known] = {}
    originals: dict[UUID, Original] = {}
    closed_until: dict[str, datetime | None] = {}
    plain: bool = False
    """Whether every transfer of the batch is plain (`is_plain`); False does no harm."""


class Posting(Struct, gc=False):
    """A transfer that is to be recorded, and all that it changes."""

    transfer: Transfer
    sequence: int
    debit: AccountState
    credit: AccountState
    amount: int
    pending: int = 0
    """Change of the debit account's pending debits and the credit account's pending credits."""
    posted: int = 0
    """The same of their posted debits and credits."""
    original: Original | None = None
    """What it posts, voids, reverses or takes the lots of."""
    uses: tuple[LotUse, ...] = ()
    opened: tuple[LotState, ...] = ()
    closes: bool = False
    """Whether the debit account is closed by it."""
    group_size: int = 1

    @property
    def requested(self) -> int | None:
        """The amount asked for, where another one is moved."""
        return None if self.amount == self.transfer.amount else self.transfer.amount

    def apply(self) -> None:
        """Make the change in memory."""
        self._add(1)
        if self.uses:
            self._use(1)
        for lot in self.opened:
            self.credit.shelf.put(lot)
        if self.original is not None:
            self.original.claim(self, 1)
        if self.closes:
            self.debit.closed = True

    def undo(self) -> None:
        """Take the change back in memory."""
        self._add(-1)
        self._use(-1)
        for lot in self.opened:
            self.credit.shelf.remove(lot)
        if self.original is not None:
            self.original.claim(self, -1)
        if self.closes:
            self.debit.closed = False

    def _add(self, sign: int) -> None:
        debit, credit = self.debit, self.credit
        debit.debits_pending += sign * self.pending
        debit.debits_posted += sign * self.posted
        credit.credits_pending += sign * self.pending
        credit.credits_posted += sign * self.posted

    def _use(self, sign: int) -> None:
        given_back = False
        for lot, amount in self.uses:
            lot.remaining -= sign * amount
            given_back |= sign * amount < 0
        if given_back:
            self.debit.shelf.refresh()
            self.credit.shelf.refresh()
