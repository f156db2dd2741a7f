"""What the approval of each kind of proposal does."""

from collections.abc import Mapping
from typing import Final

from settlement.aborting import take_back
from settlement.adjusting import adjust
from settlement.agreeing import agree
from settlement.cash.deciding import CASH_EFFECTS, Effect
from settlement.cash.proposals import Kind
from settlement.reconciliation.resolving import BREAK_EFFECTS

EFFECTS: Final[Mapping[Kind, Effect]] = {
    **CASH_EFFECTS,
    **BREAK_EFFECTS,
    Kind.MODEL: agree,
    Kind.ADJUSTMENT: adjust,
    Kind.ABORT: take_back,
}
"""By kind."""
