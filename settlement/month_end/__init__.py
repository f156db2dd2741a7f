"""Month-end of a program: the roll-forward of its points, and revenue recognised from them."""

from settlement.month_end.errors import (
    EstimateDecided,
    EstimateNotFound,
    EstimateTooEarly,
    EstimateUnusable,
    MonthNotBegun,
    ProposerDecides,
    RollForwardDiffers,
)
from settlement.month_end.estimate import Estimate, EstimateDecision
from settlement.month_end.estimating import (
    EstimateDecisionRefusal,
    ProposalRefusal,
    decide_estimate,
    estimates,
    propose_estimate,
)
from settlement.month_end.month import Month
from settlement.month_end.reporting import MonthEnd, MonthEndRefusal, month_end
from settlement.month_end.revenue import Recognition
from settlement.month_end.roll_forward import Heading, RollForward
from settlement.month_end.sheet import rows, write_csv, write_xlsx

__all__ = [
    "Estimate",
    "EstimateDecided",
    "EstimateDecision",
    "EstimateDecisionRefusal",
    "EstimateNotFound",
    "EstimateTooEarly",
    "EstimateUnusable",
    "Heading",
    "Month",
    "MonthEnd",
    "MonthEndRefusal",
    "MonthNotBegun",
    "ProposalRefusal",
    "ProposerDecides",
    "Recognition",
    "RollForward",
    "RollForwardDiffers",
    "decide_estimate",
    "estimates",
    "month_end",
    "propose_estimate",
    "rows",
    "write_csv",
    "write_xlsx",
]
