"""A program's points in being over a stretch of time: opening + what came - what went = closing. Pure.

Points in being are what the program owes its members: minus the balance of its issued account. Each of that account's
transfers is one line's, by its code; a reversal belongs to the line of what it takes back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from core.codes import Code
from ledger.flows import Flow


class Heading(StrEnum):
    """The lines between opening and closing, in the order in which they are shown."""

    ISSUED = "issued"
    """Awarded to members, or brought over from a brand's own system; less what was taken back."""
    REDEEMED = "redeemed"
    """Spent at the program's brands or on rights; less refunds."""
    EXCHANGED_IN = "exchanged_in"
    """Received for points of other programs."""
    EXCHANGED_OUT = "exchanged_out"
    """Given for points of other programs; less refunds."""
    EXPIRED = "expired"
    """Their last day has passed."""
    ADJUSTMENTS = "adjustments"
    """Everything else: corrections that persons decided on."""


HEADINGS: Final[Mapping[int, Heading]] = MappingProxyType(
    {
        Code.OPENING: Heading.ISSUED,
        Code.AWARD: Heading.ISSUED,
        Code.BURN: Heading.REDEEMED,
        Code.RIGHT_PRICE: Heading.REDEEMED,
        Code.EXCHANGE_CREDIT: Heading.EXCHANGED_IN,
        Code.EXCHANGE_LATE: Heading.EXCHANGED_IN,
        Code.EXCHANGE_DEBIT: Heading.EXCHANGED_OUT,
        Code.EXCHANGE_REFUND: Heading.EXCHANGED_OUT,
        Code.EXPIRY: Heading.EXPIRED,
    }
)
"""To which line a transfer's code belongs; codes that are not named are adjustments."""

CONSUMING: Final = frozenset({Heading.REDEEMED, Heading.EXCHANGED_OUT})
"""With these the program has done what it promised: its own part of the price is earned."""


@dataclass(frozen=True, slots=True)
class RollForward:
    """In minor units of the points; what lessens the points in being is negative."""

    opening: int
    closing: int
    flows: tuple[Flow, ...]
    moved: Mapping[Heading, int] = field(init=False)
    """Every line, those that are zero as well."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "moved", added_up(self.flows))

    @property
    def explained(self) -> int:
        """Where opening and lines lead."""
        return self.opening + sum(self.moved.values())


def added_up(found: Iterable[Flow]) -> Mapping[Heading, int]:
    """What the flows of an issued account come to in points in being, line by line."""
    sums = dict.fromkeys(Heading, 0)
    for flow in found:
        for heading, amount in parts_of(flow):
            sums[heading] += amount
    return MappingProxyType(sums)


def parts_of(flow: Flow) -> Sequence[tuple[Heading, int]]:
    """The lines to which a flow belongs, and what it adds to the points in being."""
    if flow.code == Code.REVERSAL and flow.taken_back is None:
        # Of an exchange with a brand's own books, which have no lots: given back at its source, taken at its target.
        return (Heading.EXCHANGED_OUT, flow.debits), (Heading.EXCHANGED_IN, -flow.credits)
    heading = HEADINGS.get(flow.code if flow.taken_back is None else flow.taken_back, Heading.ADJUSTMENTS)
    return ((heading, flow.debits - flow.credits),)


def consumed(found: Iterable[Flow]) -> int:
    """How many points were redeemed or given in exchange, less what was taken back."""
    return -sum(amount for line, amount in added_up(found).items() if line in CONSUMING)
