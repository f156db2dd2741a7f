"""A participant's statement of one window, as it leaves the house: opening + lines = closing.

Four forms of the same figures: CSV and XLSX for spreadsheets, JSON for programs, PDF for the persons who sign. All are
written line by line, so that a statement of any length needs little memory, and none carries anything but the books,
so that writing it again gives the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, Protocol
from uuid import UUID

from core.amounts import format_amount
from settlement.cash.account import BankAccount

SCALE: Final = 6
"""Decimals of the amounts: micro-CNY."""


UNREGISTERED: Final = "none registered"
"""Where an account would stand."""


@dataclass(frozen=True, slots=True)
class Paying:
    """Where and until when is paid, as it stood when the statement was given out."""

    due_on: date
    house: BankAccount | None
    """To which participants pay; None: none was registered."""
    participant: BankAccount | None
    """To which the clearing house pays; None: none was registered."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Whose statement, of what."""

    window: int
    after: datetime | None
    cut_off_at: datetime
    participant: str
    """Its code."""
    name: str
    opening: int
    """Micro-CNY carried over from the window before; credits positive."""
    digest: str
    """Of the window's figures, to which two persons put their names."""
    paying: Paying | None = None
    """None: the statement was given out before such things were kept."""
    called: Mapping[str, str] = field(default_factory=dict)
    """The names at the close, by code."""


@dataclass(frozen=True, slots=True)
class Line:
    """One posting to the participant's position."""

    recorded_at: datetime
    kind: str
    """The name of the transfer's code."""
    reference: UUID | None
    """The exchange, grant or redemption."""
    transfer_id: UUID
    counterparty: str
    """The code of the participant at the other end."""
    detail: str
    debit: int
    credit: int
    balance: int
    """After this line."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Lines added up."""

    debits: int = 0
    credits: int = 0
    lines: int = 0

    def plus(self, other: "Sum") -> "Sum":
        """Both together."""
        return Sum(self.debits + other.debits, self.credits + other.credits, self.lines + other.lines)


@dataclass(frozen=True, slots=True)
class PaymentDue:
    """One payment of a participant."""

    amount: int
    """Micro-CNY; positive: the participant is paid; negative: it pays."""
    reference: str
    counterparty: str = ""
    """Gross: the code of whom it is passed on to, or comes from; empty: it is for everybody."""


@dataclass(frozen=True, slots=True)
class Footing:
    """What stands below the lines."""

    by_kind: Mapping[str, Sum]
    by_counterparty: Mapping[str, Sum]
    total: Sum
    closing: int
    settled: int
    """Positive: the participant is paid; negative: it pays."""
    payment_reference: str | None
    """What the payment carries through the banks; None when there is nothing to pay, or more than one payment."""
    carried: int
    payments: Sequence[PaymentDue] = ()
    """Where not everything is set off: what the participant pays and what it is paid, each with its own reference."""
    payment_counterparty: str = ""
    """Gross, where there is one payment: for whom it is."""


class StatementForm(Protocol):
    """One way to write a statement down. Called in this order, `lines` any number of times."""

    def begin(self, heading: Heading) -> None:
        """Write what stands above the lines."""
        ...

    def lines(self, lines: Sequence[Line]) -> None:
        """Write some lines."""
        ...

    def end(self, footing: Footing) -> None:
        """Write what stands below the lines."""
        ...


# Each form asks for the same texts again, a batch of lines after the other.
@lru_cache(maxsize=16_384)
def money(micro: int) -> str:
    """Micro-CNY as a decimal string with six decimals."""
    return format_amount(micro, SCALE)


@lru_cache(maxsize=4_096)
def instant(at: datetime) -> str:
    """UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
