"""Why prices do not change."""

from datetime import datetime
from typing import TypeAlias, assert_never

import strawberry

from brands import pricing
from schema.exchange_refusals import UnknownProgram
from schema.refusals import InvalidAmount, Refusal
from schema.settlement_refusals import ReasonMissing, SamePerson


@strawberry.type
class TermsUnfit(Refusal):
    """A price, a fee or an instant cannot be so."""

    field: str
    """Which one."""


@strawberry.type
class PriceUnchanged(Refusal):
    """These prices are in force already."""


@strawberry.type
class NothingToEnd(Refusal):
    """The pair has no special price."""


@strawberry.type
class PauseNotFound(Refusal):
    """There is no such pause, or it has ended."""


@strawberry.type
class CircleProfits(Refusal):
    """With this price a circle of exchanges could profit."""

    programs: list[str]
    """Codes in order; the first one comes again at the end."""
    gain: str
    """What one point could gain by going round once, as a decimal, rounded up."""
    from_instant: datetime
    """From when on."""


@strawberry.type
class ProposalNotFound(Refusal):
    """There is no such proposal."""


@strawberry.type
class ProposalDecided(Refusal):
    """The proposal was decided before."""

    decision: str


@strawberry.type
class DigestDiffers(Refusal):
    """The digest is not that of the proposal: look at it again."""

    submitted: str


@strawberry.type
class PriceMoved(Refusal):
    """Another price has come into force since it was submitted; the proposal is void."""


RateRefused: TypeAlias = (
    UnknownProgram
    | InvalidAmount
    | TermsUnfit
    | PriceUnchanged
    | NothingToEnd
    | PauseNotFound
    | CircleProfits
    | ProposalNotFound
    | ProposalDecided
    | SamePerson
    | DigestDiffers
    | PriceMoved
    | ReasonMissing
)
"""Any of them: each step can give some."""

RateRefusal: TypeAlias = (
    pricing.SubmissionRefusal | pricing.ApprovalRefusal | pricing.NothingToEnd | pricing.PauseNotFound
)
"""The same as the domain says them."""


def rate_refused(refusal: RateRefusal) -> RateRefused:
    """As the graph says it."""
    message = refusal.message
    match refusal:
        case pricing.NoSuchProgram(program):
            return UnknownProgram(message=message, program=program)
        case pricing.TermsUnfit(field):
            return TermsUnfit(message=message, field=field)
        case pricing.PriceUnchanged():
            return PriceUnchanged(message=message)
        case pricing.NothingToEnd():
            return NothingToEnd(message=message)
        case pricing.PauseNotFound():
            return PauseNotFound(message=message)
        case pricing.CircleProfits(programs, _, instant):
            return CircleProfits(message=message, programs=list(programs), gain=refusal.gain, from_instant=instant)
        case _:
            return _decision_refused(refusal)


def _decision_refused(
    refusal: pricing.ProposalNotFound
    | pricing.ProposalDecided
    | pricing.SamePerson
    | pricing.DigestDiffers
    | pricing.PriceMoved
    | pricing.ReasonMissing,
) -> RateRefused:
    message = refusal.message
    match refusal:
        case pricing.ProposalNotFound():
            return ProposalNotFound(message=message)
        case pricing.ProposalDecided(_, decision):
            return ProposalDecided(message=message, decision=decision)
        case pricing.SamePerson():
            return SamePerson(message=message)
        case pricing.DigestDiffers(_, submitted):
            return DigestDiffers(message=message, submitted=submitted)
        case pricing.PriceMoved():
            return PriceMoved(message=message)
        case pricing.ReasonMissing():
            return ReasonMissing(message=message)
        case _:
            assert_never(refusal)
