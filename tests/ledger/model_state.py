"""What the model of the ledger remembers."""

from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from ledger import Account, Kind, Outcome, Status, Transfer

MAX = 2**63 - 1
NEVER = datetime.max.replace(tzinfo=UTC)
ALWAYS = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass
class ModelAccount:
    """An account's terms and counters."""

    terms: Account
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0
    last: datetime = ALWAYS
    closed: bool = False
    credit_line: int = 0

    @property
    def counters(self) -> tuple[int, int, int, int]:
        """All four."""
        return self.debits_pending, self.debits_posted, self.credits_pending, self.credits_posted


@dataclass
class ModelLot:
    """A lot."""

    id: UUID
    account_id: UUID
    transfer_id: UUID
    remaining: int
    expires_at: datetime
    available_at: datetime
    unit_cost: int
    funder: UUID | None
    origin: UUID | None

    @property
    def expiry(self) -> datetime | None:
        """When it expires; None: never."""
        return None if self.expires_at == NEVER else self.expires_at

    @property
    def order(self) -> tuple[datetime, bytes]:
        """First expiring first."""
        return self.expires_at, self.id.bytes


@dataclass
class Answer:
    """What was said about a transfer id."""

    transfer: Transfer
    outcome: Outcome
    resolution: Kind | None = None
    reversed: bool = False
    times_out_at: datetime | None = None


@dataclass
class State:
    """Everything the ledger remembers."""

    accounts: dict[UUID, ModelAccount] = field(default_factory=dict)
    closed_until: dict[str, datetime] = field(default_factory=dict)
    answers: dict[UUID, Answer] = field(default_factory=dict)
    lots: dict[UUID, ModelLot] = field(default_factory=dict)
    uses: dict[UUID, dict[UUID, int]] = field(default_factory=dict)
    """By transfer: what it took from each lot and has not given back."""

    def copied(self) -> "State":
        """A state that changes independently."""
        return State(
            {key: copy(account) for key, account in self.accounts.items()},
            dict(self.closed_until),
            {key: copy(answer) for key, answer in self.answers.items()},
            {key: copy(lot) for key, lot in self.lots.items()},
            {key: dict(use) for key, use in self.uses.items()},
        )


class Refused(Exception):
    """A transfer is refused."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status = status


def refuse_if(condition: object, status: Status) -> None:
    """Refuse when the condition holds."""
    if condition:
        raise Refused(status)
