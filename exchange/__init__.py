"""Points of one program into points of another: rates, quotes, limits and the life of an exchange; awards and burns."""

from core.refusals import IdempotencyConflict, InsufficientPoints, KeyUnusable, NetDebitCapReached
from exchange.acceptance import accept, accept_many
from exchange.batches import Batch, BatchRow, BatchWish, RowResult, batch_by_id, batch_by_key, batch_results, move_batch
from exchange.cap_watch import CrossingKind, watch_caps
from exchange.caps import Cap, caps
from exchange.errors import (
    AcceptanceRefusal,
    AlreadyReversed,
    AmountAboveMaximum,
    AmountBelowMinimum,
    AmountNotPositive,
    AmountOutOfStep,
    AmountRefusal,
    CoolingOff,
    IssuanceBudgetReached,
    KeptByBrand,
    LimitReached,
    MovementRefusal,
    NoRate,
    NotAMember,
    NotExchangeable,
    NotYourProgram,
    PairPaused,
    PendingTooLong,
    Period,
    PointsSpent,
    QuoteExpired,
    QuoteRefusal,
    QuoteUsed,
    ReasonUnusable,
    ReversalExceeds,
    SameProgram,
    SourceRefusal,
    TargetRefusal,
    TargetWouldBeZero,
    UnknownMemberCode,
    UnknownMemberNumber,
    UnknownMovement,
    UnknownProgram,
    UnknownQuote,
)
from exchange.exchange_rows import exchanges_by_id, exchanges_of
from exchange.exchanges import Acceptance, Exchange
from exchange.expiring import expire_points
from exchange.forgetting import forget_quotes
from exchange.member_codes import MemberCode, MemberCodes
from exchange.movement_rows import movements_by_id
from exchange.movements import Award, Burn, Movement, MovementKind, MovementReversal
from exchange.moving import award, burn, move_many, reverse_movement
from exchange.offers import Offers, Portion, Quote, QuoteRequest, Side, Unavailable
from exchange.ports import CapNotice, Outbox
from exchange.quote_rows import read_quotes
from exchange.quoting import quote, quote_many, quotes
from exchange.rates import Conversion
from exchange.saga.reversal_rows import reversals_by_id, reversals_of
from exchange.saga.reversals import Reversal, ReversalState
from exchange.saga.reversing import DecisionRefusal, ReversalRefusal
from exchange.states import State
from exchange.totals import position_totals
from exchange.usage import Return, give_back_usage

__all__ = [
    "Acceptance",
    "AcceptanceRefusal",
    "AlreadyReversed",
    "AmountAboveMaximum",
    "AmountBelowMinimum",
    "AmountNotPositive",
    "AmountOutOfStep",
    "AmountRefusal",
    "Award",
    "Batch",
    "BatchRow",
    "BatchWish",
    "Burn",
    "Cap",
    "CapNotice",
    "Conversion",
    "CoolingOff",
    "CrossingKind",
    "DecisionRefusal",
    "Exchange",
    "IdempotencyConflict",
    "InsufficientPoints",
    "IssuanceBudgetReached",
    "KeptByBrand",
    "KeyUnusable",
    "LimitReached",
    "MemberCode",
    "MemberCodes",
    "Movement",
    "MovementKind",
    "MovementRefusal",
    "MovementReversal",
    "NetDebitCapReached",
    "NoRate",
    "NotAMember",
    "NotExchangeable",
    "NotYourProgram",
    "Offers",
    "Outbox",
    "PairPaused",
    "PendingTooLong",
    "Period",
    "PointsSpent",
    "Portion",
    "Quote",
    "QuoteExpired",
    "QuoteRefusal",
    "QuoteRequest",
    "QuoteUsed",
    "ReasonUnusable",
    "Return",
    "Reversal",
    "ReversalExceeds",
    "ReversalRefusal",
    "ReversalState",
    "RowResult",
    "SameProgram",
    "Side",
    "SourceRefusal",
    "State",
    "TargetRefusal",
    "TargetWouldBeZero",
    "Unavailable",
    "UnknownMemberCode",
    "UnknownMemberNumber",
    "UnknownMovement",
    "UnknownProgram",
    "UnknownQuote",
    "accept",
    "accept_many",
    "award",
    "batch_by_id",
    "batch_by_key",
    "batch_results",
    "burn",
    "caps",
    "exchanges_by_id",
    "exchanges_of",
    "expire_points",
    "forget_quotes",
    "give_back_usage",
    "move_batch",
    "move_many",
    "movements_by_id",
    "position_totals",
    "quote",
    "quote_many",
    "quotes",
    "read_quotes",
    "reversals_by_id",
    "reversals_of",
    "reverse_movement",
    "watch_caps",
]
