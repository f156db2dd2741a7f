"""Why a month is not shown, or an estimate not taken."""

from typing import TypeAlias, assert_never

import strawberry

import exchange
import settlement
from schema.exchange_refusals import UnknownProgram
from schema.refusals import InvalidAmount, Refusal
from schema.settlement_refusals import ReasonMissing, SamePerson
from settlement import month_end


@strawberry.type
class MonthNotBegun(Refusal):
    """The month lies in the future."""


@strawberry.type
class RollForwardDiffers(Refusal):
    """Opening and lines do not lead to the closing that the ledger has: the books need a person."""


@strawberry.type
class EstimateUnusable(Refusal):
    """The figures contradict each other."""


@strawberry.type
class EstimateTooEarly(Refusal):
    """An approved estimate begins later: months that build on it would change."""


@strawberry.type
class EstimateNotFound(Refusal):
    """There is no such version of the program's estimate."""


@strawberry.type
class EstimateDecided(Refusal):
    """It has been decided on, otherwise or by somebody else."""


EstimateRefused: TypeAlias = (
    UnknownProgram
    | ReasonMissing
    | EstimateUnusable
    | EstimateTooEarly
    | EstimateNotFound
    | EstimateDecided
    | SamePerson
    | InvalidAmount
)


def estimate_refused(refusal: month_end.ProposalRefusal | month_end.EstimateDecisionRefusal) -> EstimateRefused:
    """As the graph says it."""
    message = refusal.message
    match refusal:
        case exchange.UnknownProgram(code):
            return UnknownProgram(message=message, program=code)
        case settlement.ReasonMissing():
            return ReasonMissing(message=message)
        case month_end.EstimateUnusable():
            return EstimateUnusable(message=message)
        case month_end.EstimateTooEarly():
            return EstimateTooEarly(message=message)
        case month_end.EstimateNotFound():
            return EstimateNotFound(message=message)
        case month_end.EstimateDecided():
            return EstimateDecided(message=message)
        case month_end.ProposerDecides():
            return SamePerson(message=message)
        case _:
            assert_never(refusal)
