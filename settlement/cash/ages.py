"""How old what is due has become: age bands, and who pays late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from core.database import Database
from settlement.cash.payments import DuePayment, due_payments


class AgeBand(StrEnum):
    """How long ago a payment's window was advised."""

    CURRENT = "CURRENT"
    """Less than two days: nobody is late."""
    DAYS_2 = "DAYS_2"
    """Two days or more."""
    DAYS_7 = "DAYS_7"
    """A week or more."""
    DAYS_30 = "DAYS_30"
    """Thirty days or more."""


_FROM_DAYS: Final = ((30, AgeBand.DAYS_30), (7, AgeBand.DAYS_7), (2, AgeBand.DAYS_2))


@dataclass(frozen=True, slots=True)
class LatePayer:
    """A participant that has not paid in time."""

    participant: str
    open_fen: int
    """All that is late."""
    by_band: tuple[tuple[AgeBand, int], ...]
    """The same by age, the oldest first; bands without anything are left out."""
    oldest: timedelta


def age_band(age: timedelta) -> AgeBand:
    """The band that an age is in."""
    return next((band for days, band in _FROM_DAYS if age >= timedelta(days=days)), AgeBand.CURRENT)


async def late_payers(database: Database) -> list[LatePayer]:
    """Those who owe what should have been paid, the largest amount first."""
    late = [it for it in await due_payments(database) if it.incoming and it.late]
    found = [_late([it for it in late if it.participant == who]) for who in sorted({it.participant for it in late})]
    return sorted(found, key=lambda it: -it.open_fen)


def _late(payments: Iterable[DuePayment]) -> LatePayer:
    found = list(payments)
    amounts = dict.fromkeys((band for _, band in _FROM_DAYS), 0)
    for it in found:
        amounts[age_band(it.age)] += it.open_fen
    bands = tuple((band, fen) for band, fen in amounts.items() if fen)
    return LatePayer(found[0].participant, sum(amounts.values()), bands, max(it.age for it in found))
