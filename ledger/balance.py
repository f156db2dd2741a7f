"""What an account holds: four counters that only ever describe facts."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's counters, in minor units. Posted counters only grow; pending ones return to zero."""

    account_id: UUID
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0

    @property
    def net_credit(self) -> int:
        """Posted credits less posted debits."""
        return self.credits_posted - self.debits_posted

    @property
    def net_debit(self) -> int:
        """Posted debits less posted credits."""
        return self.debits_posted - self.credits_posted

    @property
    def available_credit(self) -> int:
        """The net credit less what is reserved."""
        return self.net_credit - self.debits_pending

    @property
    def available_debit(self) -> int:
        """The net debit less what is reserved."""
        return self.net_debit - self.credits_pending
