"""How much may be exchanged at a time: pure rules over a program's limits."""

from brands import ExchangeLimits
from exchange.errors import (
    AmountAboveMaximum,
    AmountBelowMinimum,
    AmountNotPositive,
    AmountOutOfStep,
    AmountRefusal,
)


def check_amount(amount: int, limits: ExchangeLimits) -> AmountRefusal | None:
    """Why `amount` minor units are out of the program's bounds for one exchange; None: they are within."""
    if amount <= 0:
        return AmountNotPositive()
    if amount < limits.amount_min:
        return AmountBelowMinimum(limits.amount_min)
    if amount > limits.amount_max:
        return AmountAboveMaximum(limits.amount_max)
    if amount % limits.amount_step:
        return AmountOutOfStep(limits.amount_step)
    return None
