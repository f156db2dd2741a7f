"""Why an exchange is not taken back, and why a case is not settled."""

from datetime import datetime
from typing import TypeAlias, assert_never

import strawberry

import core.refusals
from exchange import errors as exchange_errors
from exchange.saga import errors
from exchange.saga.deciding import ApprovalRefusal, CaseRefusal
from exchange.saga.reversing import DecisionRefusal, ReversalRefusal
from schema.exchange_refusals import AmountNotPositive
from schema.movement_refusals import ReasonUnusable
from schema.refusals import (
    IdempotencyConflict,
    InvalidAmount,
    KeyUnusable,
    NetDebitCapReached,
    Refusal,
    amount,
    idempotency_conflict,
    key_unusable,
    net_debit_cap_reached,
)
from schema.scalars import Amount
from schema.settlement_refusals import ReasonMissing


@strawberry.type
class UnknownExchange(Refusal):
    """There is no such exchange, or none of yours."""


@strawberry.type
class NotReversible(Refusal):
    """Only a completed exchange can be taken back."""

    state: str


@strawberry.type
class ReversalUnderWay(Refusal):
    """Another reversal of the exchange has not ended yet."""


@strawberry.type
class ReversalTooMuch(Refusal):
    """That is more than is left of the exchange."""

    left: Amount
    """Of the target's points."""


@strawberry.type
class ReceivedPointsSpent(Refusal):
    """The member has spent some of the points; less can still be taken back."""

    needed: Amount
    available: Amount


@strawberry.type
class ReversalUnsupported(Refusal):
    """The brand's system cannot take this back."""

    whole_only: bool
    """Whether it could take back the whole."""


@strawberry.type
class ReversalTooLate(Refusal):
    """The brand's system takes nothing back any more."""

    until: datetime


@strawberry.type
class UnknownReversal(Refusal):
    """No such reversal waits for a decision."""


@strawberry.type
class UnknownCase(Refusal):
    """There is no such case."""


@strawberry.type
class CaseClosed(Refusal):
    """The case is closed."""

    closed_as: str


@strawberry.type
class ActionNotAllowed(Refusal):
    """The case cannot be settled like this."""

    allowed: list[str]


@strawberry.type
class AlreadyProposed(Refusal):
    """Something was proposed already and waits for a second person."""

    action: str
    proposed_by: str


@strawberry.type
class NothingProposed(Refusal):
    """Nothing waits for a second person."""


@strawberry.type
class SecondPersonNeeded(Refusal):
    """Whoever proposed it cannot approve it."""


@strawberry.type
class EvidenceChanged(Refusal):
    """What you decide on is not what is there now; look again."""

    digest: str
    """Of what is there now."""


ReversalRefused: TypeAlias = (
    UnknownExchange
    | NotReversible
    | ReversalUnderWay
    | ReversalTooMuch
    | AmountNotPositive
    | InvalidAmount
    | ReceivedPointsSpent
    | ReversalUnsupported
    | ReversalTooLate
    | NetDebitCapReached
    | KeyUnusable
    | IdempotencyConflict
    | ReasonUnusable
    | UnknownReversal
    | SecondPersonNeeded
    | EvidenceChanged
    | ReasonMissing
)

CaseRefused: TypeAlias = (
    UnknownCase
    | CaseClosed
    | ActionNotAllowed
    | AlreadyProposed
    | NothingProposed
    | SecondPersonNeeded
    | EvidenceChanged
    | ReasonMissing
    | ReasonUnusable
    | NetDebitCapReached
)


def reversal_refused(refusal: ReversalRefusal | DecisionRefusal, scale: int) -> ReversalRefused:
    """As the graph says it; `scale` is that of the target's points."""
    message = refusal.message
    match refusal:
        case errors.UnknownReversal():
            return UnknownReversal(message=message)
        case errors.SamePerson():
            return SecondPersonNeeded(message=message)
        case errors.EvidenceChanged(digest):
            return EvidenceChanged(message=message, digest=digest)
        case errors.ReasonMissing():
            return ReasonMissing(message=message)
        case core.refusals.KeyUnusable():
            return key_unusable(refusal)
        case core.refusals.IdempotencyConflict():
            return idempotency_conflict(refusal)
        case core.refusals.NetDebitCapReached():
            return net_debit_cap_reached(refusal)
        case _:
            return _not_taken_back(refusal, scale)


_NotTakenBack: TypeAlias = (
    errors.UnknownExchange
    | errors.NotReversible
    | errors.ReversalUnderWay
    | errors.ReversalTooMuch
    | errors.PointsSpent
    | errors.ReversalUnsupported
    | errors.ReversalTooLate
    | exchange_errors.AmountNotPositive
    | exchange_errors.ReasonUnusable
)


def _not_taken_back(refusal: _NotTakenBack, scale: int) -> ReversalRefused:
    message = refusal.message
    match refusal:
        case errors.UnknownExchange():
            return UnknownExchange(message=message)
        case errors.NotReversible(state):
            return NotReversible(message=message, state=state)
        case errors.ReversalUnderWay():
            return ReversalUnderWay(message=message)
        case errors.ReversalTooMuch(most):
            return ReversalTooMuch(message=message, left=amount(most, scale))
        case errors.PointsSpent(needed, available):
            return ReceivedPointsSpent(
                message=message, needed=amount(needed, scale), available=amount(available, scale)
            )
        case errors.ReversalUnsupported(_, whole_only):
            return ReversalUnsupported(message=message, whole_only=whole_only)
        case errors.ReversalTooLate(_, until):
            return ReversalTooLate(message=message, until=until)
        case exchange_errors.AmountNotPositive():
            return AmountNotPositive(message=message)
        case exchange_errors.ReasonUnusable(length_max):
            return ReasonUnusable(message=message, length_max=length_max)
        case _:
            assert_never(refusal)


def case_refused(refusal: CaseRefusal | ApprovalRefusal) -> CaseRefused:
    """As the graph says it."""
    message = refusal.message
    match refusal:
        case errors.UnknownCase():
            return UnknownCase(message=message)
        case errors.CaseClosed(closed_as):
            return CaseClosed(message=message, closed_as=closed_as)
        case errors.ActionNotAllowed(allowed):
            return ActionNotAllowed(message=message, allowed=list(allowed))
        case errors.AlreadyProposed(action, proposed_by):
            return AlreadyProposed(message=message, action=action, proposed_by=proposed_by)
        case errors.NothingProposed():
            return NothingProposed(message=message)
        case errors.SamePerson():
            return SecondPersonNeeded(message=message)
        case errors.EvidenceChanged(digest):
            return EvidenceChanged(message=message, digest=digest)
        case errors.ReasonMissing():
            return ReasonMissing(message=message)
        case exchange_errors.ReasonUnusable(length_max):
            return ReasonUnusable(message=message, length_max=length_max)
        case core.refusals.NetDebitCapReached():
            return net_debit_cap_reached(refusal)
        case _:
            assert_never(refusal)
