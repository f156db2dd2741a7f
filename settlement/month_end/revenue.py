"""Revenue from points by cumulative catch-up (IFRS 15, B39 to B43 and its example on loyalty points). Pure.

A part of the price of what members bought was put aside for the points they were given. It is earned as points are
redeemed, in proportion to all redemptions that are expected; what is never redeemed (breakage) is earned with them.
When the expectation changes, the whole is counted anew and the difference falls into the present month.
"""

from dataclasses import dataclass

from settlement.month_end.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a month earns. Money in fen, points in minor units."""

    estimate: Estimate
    """As it stood in that month."""
    redeemed_to_date: int
    """Since the beginning of the books."""
    recognised_before_fen: int
    """By the end of the month before, under the estimate of that month."""
    recognised_to_date_fen: int
    catch_up_fen: int = 0
    """Of the month's revenue: what it owes to another estimate than the month before had, and not to redemptions."""

    @property
    def revenue_fen(self) -> int:
        """What falls into the month; negative when more redemptions are expected than before."""
        return self.recognised_to_date_fen - self.recognised_before_fen

    @property
    def liability_fen(self) -> int:
        """What is put aside and not earned yet."""
        return self.estimate.allocated_fen - self.recognised_to_date_fen

    @property
    def breakage_fen(self) -> int:
        """How much of what is earned to date stands for points that nobody is expected to redeem."""
        alone = earned(self.estimate.allocated_fen, self.redeemed_to_date, self.estimate.points)
        return self.recognised_to_date_fen - alone


def earned(allocated: int, redeemed: int, expected: int) -> int:
    """`allocated x redeemed / expected` to the nearest unit, halves up; never more than was allocated."""
    return (2 * allocated * min(max(redeemed, 0), expected) + expected) // (2 * expected)


def earned_under(estimate: Estimate | None, redeemed: int) -> int:
    """What is earned to date under an estimate, in fen; nothing without one."""
    return 0 if estimate is None else earned(estimate.allocated_fen, redeemed, estimate.expected)
