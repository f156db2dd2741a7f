"""Where assets are kept: accounts, their limits and their ids."""

from dataclasses import dataclass
from enum import IntFlag
from functools import lru_cache
from uuid import UUID

from core.amounts import AMOUNT_MAX
from core.ids import name_id


class Limit(IntFlag):
    """How far an account may go. Pending amounts count as if they were posted."""

    NONE = 0
    """No limit."""
    DEBITS_MUST_NOT_EXCEED_CREDITS = 1
    """Debits, less the credit line, stay at or below credits."""
    CREDITS_MUST_NOT_EXCEED_DEBITS = 2
    """Credits, less the credit line, stay at or below debits."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as its owner describes it. The same owner, asset and purpose are the same account.

    Posting opens accounts it does not find; an account that is already open keeps the terms it was opened with.
    Raises ValueError for a credit line out of range, and when lots are kept on an account that could fall below zero.
    """

    owner: UUID
    asset: str
    purpose: str
    limit: Limit = Limit.NONE
    credit_line: int = 0
    """Minor units, 0 to 2^63 - 1: how far the limit may be overrun."""
    lots: bool = False
    """Credits open lots, debits consume them first-expiring-first."""

    def __post_init__(self) -> None:
        if not 0 <= self.credit_line <= AMOUNT_MAX:
            message = f"a credit line is from 0 to {AMOUNT_MAX}: {self.credit_line}"
            raise ValueError(message)
        if self.lots and (self.limit != Limit.DEBITS_MUST_NOT_EXCEED_CREDITS or self.credit_line):
            message = "an account with lots needs the limit DEBITS_MUST_NOT_EXCEED_CREDITS and no credit line"
            raise ValueError(message)

    @property
    def id(self) -> UUID:
        """The account's id, derived from owner, asset and purpose."""
        return account_id(self.owner, self.asset, self.purpose)


@lru_cache(maxsize=65_536)
def account_id(owner: UUID, asset: str, purpose: str) -> UUID:
    """The id of the account that `owner` keeps in `asset` for `purpose`."""
    return name_id("account", owner.hex, asset, purpose)
