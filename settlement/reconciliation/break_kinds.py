"""What a break is: its kind, its lines, and what it is worth. Pure."""

from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct

from settlement.reconciliation.line import MONEY, Line

OPERATOR: Final = "operator"
BRAND: Final = "brand"


class BreakKind(StrEnum):
    """How lines do not agree. Names are stored; add, never rename."""

    MISSING_AT_BRAND = "MISSING_AT_BRAND"
    """We posted it; the brand does not state it."""
    MISSING_HERE = "MISSING_HERE"
    """The brand states it; we did not post it."""
    AMOUNT = "AMOUNT"
    """Both have it, with different amounts."""
    ASSET = "ASSET"
    """Both have it, in different points."""
    STATUS = "STATUS"
    """We posted it; the brand says that it refused it."""
    DUPLICATE = "DUPLICATE"
    """The brand states it more often than it happened."""
    REVERSAL = "REVERSAL"
    """The brand states it the other way round, or one side has taken back what the other has not."""
    LATE_SUCCESS = "LATE_SUCCESS"
    """The brand did what we had given up and gave back."""
    WINDOW = "WINDOW"
    """Both have it, in different settlement windows."""
    RATE = "RATE"
    """Both have it, at different prices."""
    FEE = "FEE"
    """Both have it, and the brand's CNY differ by just the fee."""

    @property
    def owner(self) -> str:
        """Who looks into it first: the brand, or the operator."""
        return OPERATOR if self in _OURS_FIRST else BRAND

    @property
    def next_step(self) -> str:
        """What is done first."""
        return _NEXT_STEPS[self]


_OURS_FIRST: Final = frozenset(
    {BreakKind.MISSING_HERE, BreakKind.STATUS, BreakKind.LATE_SUCCESS, BreakKind.RATE, BreakKind.FEE}
)

_NEXT_STEPS: Final = {
    BreakKind.MISSING_AT_BRAND: "Wait for the brand's next file, then ask the brand.",
    BreakKind.MISSING_HERE: "Look for the brand's reference in our requests; ask the brand for evidence.",
    BreakKind.AMOUNT: "Ask the brand for a correction, or for evidence of its amount.",
    BreakKind.ASSET: "Ask the brand for a correction.",
    BreakKind.STATUS: "Find out whether the member has the points; reverse ours, or ask for a correction.",
    BreakKind.DUPLICATE: "Ask the brand to take the repeated line back.",
    BreakKind.REVERSAL: "Ask the brand whether it reversed it; ask for a correction.",
    BreakKind.LATE_SUCCESS: "Take the brand's points back, or give the member's up and settle what the brand is owed.",
    BreakKind.WINDOW: "Ask the brand in which period it settles it; explain it, or wait for its correction.",
    BreakKind.RATE: "Compare the price at which the brand books with the rate's version.",
    BreakKind.FEE: "Tell the brand who bears the fee; ask for a correction.",
}


LATE: Final = "late:"
"""How the anchors of late successes begin; the exchange's id follows."""
LATE_DEBIT: Final = ":debit"
"""How those of debits end."""
_IN_MONEY: Final = ":money"


def our_anchor(transfer_id: object) -> str:
    """By which a break is known that has a line of ours."""
    return f"ours:{transfer_id}"


def late_anchor(exchange_id: str, *, gains: bool, in_money: bool = False) -> str:
    """By which a late credit's break is known, when the member gains, or a late debit's; what is told in CNY of it has
    a break of its own.
    """
    return f"{LATE}{exchange_id}{'' if gains else LATE_DEBIT}{_IN_MONEY if in_money else ''}"


def exchange_of(anchor: str) -> UUID | None:
    """The exchange of a late success, by its break's anchor; None: the break is about something else."""
    return UUID(anchor.removeprefix(LATE).partition(":")[0]) if anchor.startswith(LATE) else None


class Prices(Struct, frozen=True):
    """At what points move between participants, in micro-CNY per minor unit."""

    gained: int
    """What a program gets for points that it gives a member."""
    lost: int
    """What it pays for points that it takes from one."""

    def of(self, line: Line) -> int:
        """The worth of a line; positive when the program's participant gains."""
        if line.asset == MONEY:
            return line.amount
        return line.amount * (self.gained if line.amount > 0 else self.lost)


class StatedLine(Struct, frozen=True, gc=False):
    """One of the brand's lines that are left, and where it is kept."""

    id: str
    booked: bool
    line: Line


class Draft(Struct, frozen=True):
    """A break as this run of the matching sees it."""

    anchor: str
    """The same line has the same anchor in every run."""
    kind: BreakKind
    ours: tuple[Line, ...]
    """Also those that are matched, where they explain the break."""
    theirs: tuple[StatedLine, ...]
    worth_micro: int | None = None
    """Micro-CNY, where it is known from elsewhere than the lines."""
    due_on: date | None = None
    """None: when breaks of its kind are."""

    def value_micro(self, prices: Prices) -> int:
        """What the brand's lines are worth more than ours, in micro-CNY; what it refused counts for nothing.

        Points of another kind have no price here: then all of ours is at risk. So it is in the wrong window, where it
        is settled once too early or too late.
        """
        if self.worth_micro is not None:
            return self.worth_micro
        counts = self.kind not in {BreakKind.ASSET, BreakKind.WINDOW}
        stated = (it.line for it in self.theirs if it.booked and counts)
        return sum(map(prices.of, stated)) - sum(map(prices.of, self.ours))
