"""Why a break stays as it is."""

from datetime import date
from typing import TypeAlias, assert_never

import strawberry

import core.refusals
from schema.ids import global_id
from schema.proposal_refusals import ProposalChanged, ProposalEnded
from schema.refusals import NetDebitCapReached, Refusal, amount, net_debit_cap_reached
from schema.scalars import Amount
from schema.settlement_refusals import ReasonMissing, SamePerson
from settlement import ReasonMissing as DomainReasonMissing
from settlement.cash import errors as cash
from settlement.reconciliation import errors

CNY_DECIMALS = 6


@strawberry.type
class BreakNotOpen(Refusal):
    """The break has been closed or resolved."""


@strawberry.type
class BreakChanged(Refusal):
    """The break is not what was proposed any more: propose again."""


@strawberry.type
class BreakProposalOpen(Refusal):
    """A proposal about this break waits for a second person already."""

    proposal_id: strawberry.ID
    kind: str
    proposed_by: str


@strawberry.type
class NothingToMatch(Refusal):
    """A match needs lines of one asset on both sides."""


@strawberry.type
class AmountsDiffer(Refusal):
    """The lines differ in amount, so that two persons have to decide."""


@strawberry.type
class BreakDisputed(Refusal):
    """There is a dispute about this break, which has to be decided first."""


@strawberry.type
class BreakNotDisputed(Refusal):
    """There is no dispute about this break."""


@strawberry.type
class MoreThanDisputed(Refusal):
    """No more can be won than was disputed."""

    disputed: Amount
    """In CNY."""


@strawberry.type
class ExchangeStillAsked(Refusal):
    """The brand is still asked about this exchange, and what it answers will be posted by itself: wait for it."""


@strawberry.type
class DayPassed(Refusal):
    """Nobody can wait until a day that is over."""

    today: date


@strawberry.type
class NothingAtStake(Refusal):
    """No money is owed between participants because of this break, or less than was asked for."""

    at_stake: Amount
    """In CNY."""


BreakRefused: TypeAlias = (
    BreakNotOpen
    | BreakChanged
    | BreakProposalOpen
    | ProposalChanged
    | ProposalEnded
    | NothingToMatch
    | AmountsDiffer
    | BreakDisputed
    | BreakNotDisputed
    | MoreThanDisputed
    | ExchangeStillAsked
    | DayPassed
    | NothingAtStake
    | ReasonMissing
    | SamePerson
    | NetDebitCapReached
)
"""Any of them."""

BreakRefusal: TypeAlias = (
    errors.BreakNotOpen
    | errors.BreakChanged
    | cash.ProposalOpen
    | cash.ProposalChanged
    | cash.ProposalEnded
    | errors.NothingToMatch
    | errors.AmountsDiffer
    | errors.Disputed
    | errors.NotDisputed
    | errors.MoreThanDisputed
    | errors.StillAsked
    | errors.DayPassed
    | errors.NothingAtStake
    | DomainReasonMissing
    | cash.OwnProposal
    | core.refusals.NetDebitCapReached
)
"""The same as the domain says them."""


def break_refused(refusal: BreakRefusal) -> BreakRefused:
    """As the graph says it."""
    message = refusal.message
    match refusal:
        case errors.NothingAtStake(at_stake):
            return NothingAtStake(message=message, at_stake=amount(at_stake, CNY_DECIMALS))
        case errors.DayPassed(today):
            return DayPassed(message=message, today=today)
        case errors.MoreThanDisputed(disputed):
            return MoreThanDisputed(message=message, disputed=amount(disputed, CNY_DECIMALS))
        case errors.AmountsDiffer():
            return AmountsDiffer(message=message)
        case core.refusals.NetDebitCapReached():
            return net_debit_cap_reached(refusal)
        case DomainReasonMissing():
            return ReasonMissing(message=message)
        case cash.OwnProposal():
            return SamePerson(message=message)
        case cash.ProposalOpen(proposal_id, kind, proposed_by):
            key = global_id("BreakProposal", proposal_id)
            return BreakProposalOpen(message=message, proposal_id=key, kind=kind, proposed_by=proposed_by)
        case cash.ProposalChanged(digest):
            return ProposalChanged(message=message, digest=digest)
        case cash.ProposalEnded(verdict, by, reason):
            return ProposalEnded(message=message, verdict=verdict, by=by, reason=reason)
        case _:
            return _about_its_state(refusal)


def _about_its_state(
    refusal: errors.BreakNotOpen
    | errors.BreakChanged
    | errors.NothingToMatch
    | errors.Disputed
    | errors.NotDisputed
    | errors.StillAsked,
) -> BreakRefused:
    message = refusal.message
    match refusal:
        case errors.BreakNotOpen():
            return BreakNotOpen(message=message)
        case errors.BreakChanged():
            return BreakChanged(message=message)
        case errors.NothingToMatch():
            return NothingToMatch(message=message)
        case errors.Disputed():
            return BreakDisputed(message=message)
        case errors.NotDisputed():
            return BreakNotDisputed(message=message)
        case errors.StillAsked():
            return ExchangeStillAsked(message=message)
        case _:
            assert_never(refusal)
