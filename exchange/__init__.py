"""Points of one program into points of another: rates, quotes, limits and the life of an exchange; awards and burns."""

from core.refusals import IdempotencyConflict, InsufficientPoints, KeyUnusable, NetDebitCapReached
from exchange.acceptance import accept, accept_many
from exchange.errors import (
    AcceptanceRefusal,
    AmountAboveMaximum,
    AmountBelowMinimum,
    AmountNotPositive,
    AmountOutOfStep,
    AmountRefusal,
    LimitReached,
    MovementRefusal,
    NoRate,
    NotAMember,
    NotExchangeable,
    NotYourProgram,
    PairPaused,
    Period,
    QuoteExpired,
    QuoteRefusal,
    QuoteUsed,
    ReasonUnusable,
    SameProgram,
    SourceRefusal,
    TargetRefusal,
    TargetWouldBeZero,
    UnknownMemberNumber,
    UnknownProgram,
    UnknownQuote,
)
from exchange.exchange_rows import exchanges_by_id, exchanges_of
from exchange.exchanges import Acceptance, Exchange
from exchange.expiring import expire_points
from exchange.forgetting import forget_quotes
from exchange.movement_rows import movements_by_id
from exchange.movements import Award, Burn, Movement, MovementKind
from exchange.moving import award, burn, move_many
from exchange.offers import Offers, Portion, Quote, QuoteRequest, Side, Unavailable
from exchange.ports import CapNotice, Outbox
from exchange.quote_rows import read_quotes
from exchange.quoting import quote, quote_many, quotes
from exchange.rates import Conversion
from exchange.saga.reversal_rows import reversals_by_id, reversals_of
from exchange.saga.reversals import Reversal, ReversalState
from exchange.states import State
from exchange.totals import position_totals

__all__ = [
    "Acceptance",
    "AcceptanceRefusal",
    "AmountAboveMaximum",
    "AmountBelowMinimum",
    "AmountNotPositive",
    "AmountOutOfStep",
    "AmountRefusal",
    "Award",
    "Burn",
    "CapNotice",
    "Conversion",
    "Exchange",
    "IdempotencyConflict",
    "InsufficientPoints",
    "KeyUnusable",
    "LimitReached",
    "Movement",
    "MovementKind",
    "MovementRefusal",
    "NetDebitCapReached",
    "NoRate",
    "NotAMember",
    "NotExchangeable",
    "NotYourProgram",
    "Offers",
    "Outbox",
    "PairPaused",
    "Period",
    "Portion",
    "Quote",
    "QuoteExpired",
    "QuoteRefusal",
    "QuoteRequest",
    "QuoteUsed",
    "ReasonUnusable",
    "Reversal",
    "ReversalState",
    "SameProgram",
    "Side",
    "SourceRefusal",
    "State",
    "TargetRefusal",
    "TargetWouldBeZero",
    "Unavailable",
    "UnknownMemberNumber",
    "UnknownProgram",
    "UnknownQuote",
    "accept",
    "accept_many",
    "award",
    "burn",
    "exchanges_by_id",
    "exchanges_of",
    "expire_points",
    "forget_quotes",
    "move_many",
    "movements_by_id",
    "position_totals",
    "quote",
    "quote_many",
    "quotes",
    "read_quotes",
    "reversals_by_id",
    "reversals_of",
]
