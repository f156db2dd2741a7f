"""The life of a settlement window: its states, in order.

OPEN -> CLOSING -> CLOSED -> RECONCILED -> NETTED -> SUBMITTED -> APPROVED -> ADVISED -> INSTRUCTED -> FUNDED -> SETTLED
SUBMITTED -> NETTED when the checker rejects, or the figures changed after they were submitted
CLOSED | RECONCILED | NETTED | SUBMITTED | APPROVED | ADVISED -> ABORTED: before any cash is ordered or seen
"""

from enum import StrEnum


class Status(StrEnum):
    """Where a window stands. Names are stored and shown; add, never rename."""

    OPEN = "OPEN"
    """It takes what is posted now."""
    CLOSING = "CLOSING"
    """Its cut-off is fixed; its figures are being counted."""
    CLOSED = "CLOSED"
    """Its figures are counted and no longer change."""
    RECONCILED = "RECONCILED"
    """Every line is borne out by its exchange or redemption."""
    NETTED = "NETTED"
    """Each position is turned into one amount due or owed."""
    SUBMITTED = "SUBMITTED"
    """The maker has submitted the figures for approval."""
    APPROVED = "APPROVED"
    """The checker, another person, has approved exactly these figures."""
    ADVISED = "ADVISED"
    """The participants' statements are written."""
    INSTRUCTED = "INSTRUCTED"
    """The bank has been told what to pay out."""
    FUNDED = "FUNDED"
    """Everything due has come in."""
    SETTLED = "SETTLED"
    """Everything owed has been paid out. Final."""
    ABORTED = "ABORTED"
    """Given up; its lines are settled in the next window. Final."""

    @property
    def place(self) -> int:
        """The place in the order of life, from 0."""
        return _ORDER[self]

    def has_reached(self, other: "Status") -> bool:
        """Whether the step that leads to `other` has been taken. An aborted window has reached nothing but its end."""
        return self is other or (self is not Status.ABORTED and self.place >= other.place)


_ORDER = {status: place for place, status in enumerate(Status)}

BEFORE_CASH = frozenset(
    {Status.CLOSED, Status.RECONCILED, Status.NETTED, Status.SUBMITTED, Status.APPROVED, Status.ADVISED}
)
"""States from which a window can still be aborted."""
