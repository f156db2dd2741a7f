"""What a program's points are worth: one anchor value with a price on either side."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

FEE_BP_MAX: Final = 5_000
"""The highest fee: half of the value."""

CONFIGURATION: Final = "configuration"
"""Who submitted and approved a rate that came from a network file."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One version of a program's prices. `sell_micro` never exceeds `buy_micro`, so that no circle can profit."""

    id: UUID
    program_id: UUID
    version: int
    """From 1, without gaps, per program."""
    sell_micro: int
    """What a member gets for a minor unit given up, in micro-CNY."""
    buy_micro: int
    """What a member pays for a minor unit received, in micro-CNY."""
    fee_bp: int
    """The operator's fee in basis points of the value given up, when this program is the source."""
    valid_from: datetime
    valid_to: datetime | None
    """The first instant at which it is no longer in force; None: it is in force."""
    submitted_by: str
    approved_by: str
    """The same as `submitted_by` only for a rate that came from a network file (`configuration`)."""
