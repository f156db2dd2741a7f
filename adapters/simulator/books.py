"""The simulated brand's own books: members, entries and validations, each change one line of a journal.

A balance is what its entries add up to; a hold sets points aside without moving them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from heapq import heappop, heappush

from adapters.simulator.journal import Journal
from adapters.simulator.orders import Code, EntryKind


class EntryStatus(StrEnum):
    """Where an entry stands."""

    SUCCESS = "success"
    PENDING = "pending"
    FAILURE = "failure"
    SYSTEM_ERROR = "systemError"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with points."""

    number: str
    balance: int = 0
    """Minor units, what is set aside included."""
    held: int = 0
    tier: str | None = None
    last_name: str | None = None
    blocked: bool = False
    link: str | None = None

    @property
    def available(self) -> int:
        """What may be spent."""
        return self.balance - self.held


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the books; it is replaced by its next version and never removed."""

    id: str
    kind: EntryKind
    number: str
    amount: int
    created_at: datetime
    updated_at: datetime
    status: EntryStatus = EntryStatus.SUCCESS
    reference: str | None = None
    original_id: str | None = None
    code: Code | None = None
    booked_at: datetime | None = None
    balance: int | None = None
    """What the member had afterwards."""
    undone: int = 0
    """How much of it was reversed, captured or released."""
    due_at: datetime | None = None
    """When it is decided, while it is pending."""
    due_success: bool = True
    hidden: bool = False
    """Whether inquiries do not find it before it is decided."""
    reversed_kind: EntryKind | None = None
    """What a reversal takes back."""

    @property
    def left(self) -> int:
        """What may still be reversed, captured or released."""
        return self.amount - self.undone

    @property
    def signed(self) -> int:
        """What it does to the member's balance, once booked."""
        match self.kind:
            case EntryKind.OPENING | EntryKind.CREDIT:
                return self.amount
            case EntryKind.DEBIT | EntryKind.CAPTURE:
                return -self.amount
            case EntryKind.REVERSAL:
                return -self.amount if self.reversed_kind is EntryKind.CREDIT else self.amount
            case EntryKind.HOLD | EntryKind.RELEASE:
                return 0


@dataclass(frozen=True, slots=True)
class Validation:
    """A proof that a member was looked at; good for one instruction."""

    id: str
    number: str
    created_at: datetime
    used_by: str | None = None
    """The reference of that instruction."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is written in one go: all of it or nothing."""

    members: tuple[Member, ...] = ()
    entries: tuple[Entry, ...] = ()
    validations: tuple[Validation, ...] = ()


@dataclass(slots=True)
class Books:
    """Everything the brand knows; kept in memory, and in the journal if there is one."""

    journal: Journal[Change] | None = None
    members: dict[str, Member] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    validations: dict[str, Validation] = field(default_factory=dict)
    _by_reference: dict[str, str] = field(default_factory=dict)
    _pending: dict[str, Entry] = field(default_factory=dict)
    _dues: list[tuple[datetime, str]] = field(default_factory=list)
    """A heap of when pending entries are decided."""

    def __post_init__(self) -> None:
        if self.journal:
            for change in self.journal.read():
                self._apply(change)

    def write(self, change: Change) -> None:
        """Make a change, in the journal first."""
        if self.journal:
            self.journal.append(change)
        self._apply(change)

    def close(self) -> None:
        """Write no more."""
        if self.journal:
            self.journal.close()

    def next_id(self, program: str) -> str:
        """The name of the next entry."""
        return f"{program}{len(self.entries) + 1:08d}"

    def by_name(self, name: str) -> Entry | None:
        """The entry with this reference (the latest, should there be several) or id."""
        return self.entries.get(self._by_reference.get(name, name))

    def due(self, now: datetime) -> list[Entry]:
        """Pending entries whose time has come, in the order in which it came."""
        found = []
        while self._dues and self._dues[0][0] <= now:
            due_at, name = heappop(self._dues)
            entry = self._pending.get(name)
            if entry and entry.due_at == due_at:
                found.append(entry)
        return found

    def movements(self) -> list[Entry]:
        """What moved a balance, in the order in which it was booked."""
        booked = ((entry.booked_at, entry.id, entry) for entry in self.entries.values() if _moved(entry))
        return [entry for _, _, entry in sorted(booked, key=lambda row: row[:2])]

    @property
    def total(self) -> int:
        """All members' points, minor units."""
        return sum(member.balance for member in self.members.values())

    @property
    def moved(self) -> int:
        """What all movements add up to: the same, if the books are whole."""
        return sum(entry.signed for entry in self.entries.values() if _moved(entry))

    def _apply(self, change: Change) -> None:
        self.members |= {member.number: member for member in change.members}
        self.validations |= {validation.id: validation for validation in change.validations}
        for entry in change.entries:
            self.entries[entry.id] = entry
            if entry.reference is not None:
                self._by_reference[entry.reference] = entry.id
            self._pending.pop(entry.id, None)
            if entry.status is EntryStatus.PENDING and entry.due_at:
                self._pending[entry.id] = entry
                heappush(self._dues, (entry.due_at, entry.id))


def _moved(entry: Entry) -> bool:
    return entry.booked_at is not None and entry.signed != 0
