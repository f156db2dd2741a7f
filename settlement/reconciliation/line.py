"""One movement of points or money, as our books and a brand's file both tell it. Pure."""

import re
from datetime import date
from typing import Final, TypeAlias

from msgspec import Struct

_WHOLE_BP: Final = 10_000

MONEY: Final = "CNY"
MONEY_SCALE: Final = 6
"""Lines in money are in micro-CNY, positive when the program's participant gains."""

OWN_ID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
"""Our ids as references have them, whatever the brand makes of them."""

Thing: TypeAlias = tuple[str, str]
"""Our id, or where a line names none, its key in points."""


def money_key(key: str) -> str:
    """The key of a movement's line in money, by that of its line in points."""
    return f"{key}\N{FULLWIDTH YEN SIGN}"


def points_key(key: str) -> str:
    """The key of a movement's line in points, by that of either."""
    return key.removesuffix("\N{FULLWIDTH YEN SIGN}")


class Line(Struct, frozen=True, gc=False):
    """A movement. A msgspec struct, because a month has a million of them."""

    key: str
    """Names the line on its own side, where no other line has it; lines are told apart and put in order by it."""
    reference: str
    """Our id of the exchange, award, burn or grant; in a brand's line, what it gives as such; empty: none."""
    brand_reference: str
    """The brand's own; empty: none."""
    asset: str
    amount: int
    """Minor units, as the member sees it: positive when the member gains. Money: as the participant sees it."""
    member: str
    """The member's number in the program, in its normal form; empty: none."""
    day: date
    """In the program's time zone."""

    @property
    def gains(self) -> bool:
        """Whether the member gains."""
        return self.amount > 0

    @property
    def thing(self) -> Thing:
        """What it is about, the same in points and in money; what is no id of ours may stand in any number of lines."""
        if OWN_ID.fullmatch(self.reference):
            return self.reference, ""
        return "", points_key(self.key) if self.asset == MONEY else self.key


class Tolerance(Struct, frozen=True):
    """How far two amounts of one thing may lie apart: within both bounds."""

    absolute: int = 0
    """Minor units."""
    basis_points: int = 0
    """Of our amount; less than 10,000."""

    def slack(self, amount: int) -> int:
        """The largest difference from our `amount` that is tolerated."""
        return min(self.absolute, abs(amount) * self.basis_points // _WHOLE_BP)


NONE: Final = Tolerance()
"""What holds for points."""
