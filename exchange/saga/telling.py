"""What members are told about their exchange: the truth at this moment, in a sentence, and when more will be known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from exchange.exchanges import Exchange
from exchange.saga.errands import Errand
from exchange.saga.reversals import Reversal
from exchange.states import State


class Points(StrEnum):
    """Where the points that were given up are now."""

    SET_ASIDE = "SET_ASIDE"
    """Set aside for the exchange."""
    UNCERTAIN = "UNCERTAIN"
    """On their way: a brand has been asked and has not said yet."""
    EXCHANGED = "EXCHANGED"
    """They have become the target's points."""
    RETURNED = "RETURNED"
    """Back with the member."""
    BEING_RETURNED = "BEING_RETURNED"
    """On their way back."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is happening."""

    points: Points
    message: str
    message_zh: str
    next_look_at: datetime | None
    """When a brand is asked next, not earlier than now; None: nobody is waited for."""


_WORDS: Final = {
    State.QUOTED: (Points.RETURNED, "Nothing has moved yet.", "尚未发生任何变动。"),
    State.HELD: (Points.SET_ASIDE, "Your points are set aside; nobody has taken them yet.", "积分已预留,尚未扣除。"),
    State.SOURCE_DEBITING: (
        Points.UNCERTAIN,
        "The brand is being asked to take your points.",
        "正在请品牌扣除您的积分。",
    ),
    State.SOURCE_UNKNOWN: (
        Points.UNCERTAIN,
        "The brand has not told us whether it took your points; we are asking.",
        "品牌尚未告知是否已扣除积分,我们正在查询。",
    ),
    State.SOURCE_DEBITED: (
        Points.UNCERTAIN,
        "Your points were taken; the other brand is asked next to give you its own.",
        "积分已扣除,接下来将请对方品牌发放积分。",
    ),
    State.TARGET_CREDITING: (
        Points.UNCERTAIN,
        "Your points were taken; the other brand is being asked to give you its own.",
        "积分已扣除,正在请对方品牌发放积分。",
    ),
    State.TARGET_PENDING: (
        Points.UNCERTAIN,
        "The other brand has accepted and will give you the points later.",
        "对方品牌已受理,稍后发放积分。",
    ),
    State.TARGET_UNKNOWN: (
        Points.UNCERTAIN,
        "The other brand has not told us whether you have its points; we are asking.",
        "对方品牌尚未告知是否已发放积分,我们正在查询。",
    ),
    State.TARGET_REJECTED: (
        Points.BEING_RETURNED,
        "The other brand gave no points; yours come back.",
        "对方品牌未发放积分,您的积分将退回。",
    ),
    State.COMPENSATING: (
        Points.BEING_RETURNED,
        "The other brand gave no points; yours are being given back.",
        "对方品牌未发放积分,正在退回您的积分。",
    ),
    State.REFUNDED: (
        Points.RETURNED,
        "The exchange came to nothing; you have your points back.",
        "兑换未成,积分已退回。",
    ),
    State.SOURCE_REJECTED: (
        Points.RETURNED,
        "The exchange came to nothing; your points were not taken.",
        "兑换未成,未扣除您的积分。",
    ),
    State.MANUAL: (
        Points.UNCERTAIN,
        "A person is looking into it; nothing is lost.",
        "已转人工处理,您的权益不会丢失。",
    ),
    State.COMPLETED: (Points.EXCHANGED, "You have the points.", "积分已到账。"),
    State.PARTLY_REVERSED: (Points.EXCHANGED, "A part of the exchange was taken back.", "兑换已部分撤销。"),
    State.REVERSED: (
        Points.RETURNED,
        "The exchange was taken back; you have your points again.",
        "兑换已撤销,积分已退回。",
    ),
    State.REVERSAL_REFUSED: (Points.EXCHANGED, "You have the points.", "积分已到账。"),
}

_TAKING_BACK: Final = ("The exchange is being taken back.", "正在撤销兑换。")


def tell(exchange: Exchange, errands: Sequence[Errand], reversals: Sequence[Reversal], now: datetime) -> Told:
    """What is true of the exchange now."""
    points, message, message_zh = _WORDS[exchange.state]
    open_errands = [errand for errand in errands if errand.outcome is None]
    waiting = [errand.due_at for errand in open_errands if errand.due_at is not None]
    if reversals and not reversals[-1].state.ended and open_errands:
        points, (message, message_zh) = Points.BEING_RETURNED, _TAKING_BACK
    return Told(points, message, message_zh, max(min(waiting), now) if waiting else None)
